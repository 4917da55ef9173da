/**
 * One run: a `dragoman serve` with the engines of this machine and nothing else, and calls in which a person's recorded
 * English is said to somebody who listens in Spanish. The callers are in this process, so that what the server and
 * its engines use can be told from them.
 */

import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/base/clock.ts';
import { AppError } from '../../../src/base/errors.ts';
import { askStatus } from '../../../src/cli/ask-status.ts';
import { readCallPlan } from '../../../src/cli/call/call-plan.ts';
import { httpGet } from '../../../src/cli/http-ask.ts';
import { CallProgress } from '../../../src/client/call-progress.ts';
import { type CallResult, runCall } from '../../../src/client/run-call.ts';
import { freePort } from '../../support/ports.ts';
import { busyPercent, readProcessorTime } from '../realtime/machine-load.ts';
import { type ServerUnderTest, startServer } from '../server-process.ts';
import { TreeMeter, type TreeUsage } from './tree-usage.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const LEGS_A_CALL = 2;
/** Between two calls that begin, so that not all speak in step: five sentences and their pauses are about 33 s. */
const APART_MS = 1_300;
/** Engines of this machine have 60 s to be tried, each. */
const READY_LIMIT_MS = 180_000;
const READY_POLL_MS = 250;
/** What a recogniser uses after the last of them before it ends is not seen: a hundredth of a call's at most. */
const READING_EACH_MS = 250;

export interface LocalRun {
  readonly calls: number;
  /** Of all calls together, in s. */
  readonly callSeconds: number;
  /** What the server and its engines used while the calls ran. */
  readonly used: TreeUsage;
  /** Of all cores, by others than the server and its engines, in per cent. */
  readonly othersPercent: number;
  /** From the beginning of each utterance to its first translated sound, in ms. */
  readonly startMs: readonly number[];
  readonly utterances: number;
  readonly framesSent: number;
  readonly framesMissing: number;
  /** Calls that the server ended. */
  readonly lost: number;
}

/** @param wavs what is said in each call. @param cores of this machine. */
export async function runLocal(calls: number, wavs: readonly string[], cores: number): Promise<LocalRun> {
  const signal = new AbortController().signal;
  const [http, metrics] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const server = await startServer(
    {
      name: 'dragoman',
      hears: 'partner',
      words: [
        ...['env', '-i', `PATH=${process.env.PATH ?? ''}`, process.execPath, MAIN, 'serve'],
        ...['--pair', 'en:es', '--untranslatable', 'passthrough', '--listen', '127.0.0.1:{port}'],
        ...['--http', http, '--metrics', metrics, '--captions', '--announcement', 'off'],
        ...['--log-level', 'error', '--max-legs', '{legs}'],
      ],
    },
    // One connection more is only tried.
    calls * LEGS_A_CALL + 1,
  );
  try {
    const { pid } = server;
    if (pid === undefined) {
      throw new AppError('server-unreachable', 'the process of the server is not known');
    }
    await untilTried(server, http);
    const meter = new TreeMeter(pid);
    const stop = readAgainAndAgain(meter);
    const machineBefore = readProcessorTime();
    const fromMs = systemClock.nowMs();
    const results = await Promise.all(
      Array.from({ length: calls }, async (_, nth): Promise<CallResult> => {
        await systemClock.sleep(nth * APART_MS, signal);
        const { plan } = await readCallPlan({
          ...{ server: `${server.host}:${server.port}`, http: `http://${http}`, a: wavs, lingerMs: '2500' },
        });
        return runCall(plan, new CallProgress({ write: () => true }), systemClock, signal);
      }),
    );
    stop();
    const used = meter.read();
    const ours = (used.treeMs / (systemClock.nowMs() - fromMs) / cores) * 100;
    const exposed = await httpGet(metrics, '/metrics', systemClock);
    const utterances = results.flatMap((result) => result.utterances);
    return {
      calls,
      callSeconds: results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000,
      used,
      othersPercent: busyPercent(machineBefore, readProcessorTime()) - ours,
      startMs: utterances.flatMap(({ startOffsetMs }) =>
        startOffsetMs === undefined ? [] : [startOffsetMs],
      ),
      utterances: utterances.length,
      framesSent: metricOf(exposed, 'frames_processed_total{direction="out"}'),
      framesMissing: metricOf(exposed, 'dragoman_frames_missing_total'),
      lost: results.filter(({ lost }) => lost !== undefined).length,
    };
  } finally {
    await server.stop();
  }
}

/** Returns what ends it. */
function readAgainAndAgain(meter: TreeMeter): () => void {
  const stopped = new AbortController();
  const again = (): void => {
    if (!stopped.signal.aborted) {
      meter.read();
      systemClock.at(systemClock.nowMs() + READING_EACH_MS, again);
    }
  };
  again();
  return () => stopped.abort();
}

/** @throws AppError `server-unreachable` when the engines do not interpret English into Spanish. */
async function untilTried(server: ServerUnderTest, http: string): Promise<void> {
  const deadlineMs = systemClock.nowMs() + READY_LIMIT_MS;
  for (;;) {
    // HTTP opens after the doors.
    const status = await askStatus(http, systemClock).catch(() => undefined);
    const direction = status?.directions.find(({ from, to }) => from === 'en' && to === 'es');
    if (direction?.state === 'served') {
      return;
    }
    const death = server.deathCause();
    if (direction?.state === 'unserved' || death !== undefined || systemClock.nowMs() > deadlineMs) {
      const why = direction?.reasons.join('; ') ?? death ?? 'it does not say what it does';
      throw new AppError('server-unreachable', `English is not interpreted: ${why}`);
    }
    await systemClock.sleep(READY_POLL_MS, new AbortController().signal);
  }
}

/** NaN when it is not there. */
function metricOf(exposed: string, name: string): number {
  const line = exposed.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length));
}
