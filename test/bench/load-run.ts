/**
 * One run: a generator process loads a server, while this process only sleeps, reads both processes' usage at the
 * ends of the window, and freezes the server if asked. The window begins after the warm-up and ends with the
 * run, or with the freeze: what a freeze does is judged apart.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { analyseFreeze, FREEZE_WATCH_MS, type FreezeResult } from './freeze-analysis.ts';
import type { LegRecord } from './leg-record.ts';
import { isLoadReport, type LoadOrder } from './load-messages.ts';
import { analyseMedia, type MediaResult, type TimeWindow } from './media-analysis.ts';
import { type ProcessUsage, readProcessUsage } from './process-usage.ts';
import type { ServerUnderTest } from './server-process.ts';

/** Just-in-time compilation and growing buffers happen here. */
export const WARM_UP_MS = 3_000;
/** Between the start of the server and the reading of its idle memory. */
const SETTLE_MS = 1_000;
/** Usage is read this long before the legs hang up. */
const END_MARGIN_MS = 50;

const GENERATOR = fileURLToPath(new URL('./load-generator.js', import.meta.url));

export interface RunOptions {
  readonly legs: number;
  readonly seconds: number;
  readonly rateHz: number;
  /** How long the server stands still at mid-run, in ms; 0 for not at all. */
  readonly freezeMs: number;
}

/** What the server took; undefined where its process is not known. */
export interface ServerCost {
  /** Of one core, all threads. */
  readonly cpuPercent: number;
  readonly cpuPercentPerLeg: number;
  readonly residentBytesIdle: number;
  readonly residentBytesPerLeg: number;
  readonly peakResidentBytes: number;
}

export interface MediaRun {
  readonly media: MediaResult;
  readonly server: ServerCost | undefined;
  readonly generatorCpuPercent: number;
  readonly freeze: FreezeResult | undefined;
  /** How the server ended during the run; undefined when it did not. */
  readonly serverDeath: string | undefined;
}

/**
 * What is wrong with `options`, or undefined: a run warms up for 3 s, and a freeze at mid-run is watched for 3 s
 * after it.
 */
export function objectionTo(options: RunOptions): string | undefined {
  const halfMs = (options.seconds * 1_000) / 2;
  if (options.freezeMs === 0) {
    return halfMs * 2 > WARM_UP_MS ? undefined : 'a run lasts longer than its warm-up of 3 s';
  }
  const leastHalfMs = Math.max(WARM_UP_MS + 1_000, options.freezeMs + FREEZE_WATCH_MS);
  return halfMs >= leastHalfMs
    ? undefined
    : `a freeze of ${options.freezeMs} ms needs a run of ${Math.ceil((leastHalfMs * 2) / 1_000)} s`;
}

/** @throws Error when the generator ends by itself. */
export async function runLoad(server: ServerUnderTest, options: RunOptions): Promise<MediaRun> {
  const lengthMs = options.seconds * 1_000;
  await pause(SETTLE_MS);
  const idle = usageOf(server.pid);
  const generator = fork(GENERATOR, { serialization: 'advanced', execArgv: [] });
  try {
    const order: LoadOrder = { type: 'load', host: server.host, port: server.port, ...options };
    const finished = recordsOf(generator);
    const connected = connectedAtMs(generator);
    generator.send(order);
    const startMs = await Promise.race([connected, finished.then(() => Number.NaN)]);
    const fromMs = startMs + WARM_UP_MS;
    const toMs = startMs + (options.freezeMs > 0 ? lengthMs / 2 : lengthMs - END_MARGIN_MS);
    const usage = await measureWindow(server.pid, generator.pid, { fromMs, toMs });
    const frozen = server.deathCause() === undefined ? await freeze(server.pid, options.freezeMs) : undefined;
    const records = await finished;
    return {
      media: analyseMedia(records, usage.window),
      server: costOf(idle, usage.serverBefore, usage.serverAfter, usage.window, options.legs),
      generatorCpuPercent: cpuPercent(usage.generatorBefore, usage.generatorAfter, usage.window),
      freeze: frozen === undefined ? undefined : analyseFreeze(records, frozen),
      serverDeath: server.deathCause(),
    };
  } finally {
    generator.kill();
  }
}

interface WindowUsage {
  /** When the usage was really read. */
  readonly window: TimeWindow;
  readonly serverBefore: ProcessUsage | undefined;
  readonly serverAfter: ProcessUsage | undefined;
  readonly generatorBefore: ProcessUsage | undefined;
  readonly generatorAfter: ProcessUsage | undefined;
}

async function measureWindow(
  serverPid: number | undefined,
  generatorPid: number | undefined,
  planned: TimeWindow,
): Promise<WindowUsage> {
  await pause(planned.fromMs - systemClock.nowMs());
  const fromMs = systemClock.nowMs();
  const serverBefore = usageOf(serverPid);
  const generatorBefore = usageOf(generatorPid);
  await pause(planned.toMs - systemClock.nowMs());
  const window = { fromMs, toMs: systemClock.nowMs() };
  const serverAfter = usageOf(serverPid);
  const generatorAfter = usageOf(generatorPid);
  return { window, serverBefore, serverAfter, generatorBefore, generatorAfter };
}

/** Stops the server's process for `freezeMs`; returns from when to when. */
async function freeze(pid: number | undefined, freezeMs: number): Promise<TimeWindow | undefined> {
  if (pid === undefined || freezeMs === 0) {
    return undefined;
  }
  const fromMs = systemClock.nowMs();
  process.kill(pid, 'SIGSTOP');
  try {
    await pause(freezeMs);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  return { fromMs, toMs: systemClock.nowMs() };
}

function costOf(
  idle: ProcessUsage | undefined,
  before: ProcessUsage | undefined,
  after: ProcessUsage | undefined,
  window: TimeWindow,
  legs: number,
): ServerCost | undefined {
  if (idle === undefined || before === undefined || after === undefined) {
    return undefined;
  }
  const percent = cpuPercent(before, after, window);
  return {
    cpuPercent: percent,
    cpuPercentPerLeg: percent / legs,
    residentBytesIdle: idle.residentBytes,
    residentBytesPerLeg: (after.residentBytes - idle.residentBytes) / legs,
    peakResidentBytes: after.peakResidentBytes,
  };
}

function cpuPercent(
  before: ProcessUsage | undefined,
  after: ProcessUsage | undefined,
  window: TimeWindow,
): number {
  return before === undefined || after === undefined
    ? Number.NaN
    : ((after.cpuMs - before.cpuMs) / (window.toMs - window.fromMs)) * 100;
}

function usageOf(pid: number | undefined): ProcessUsage | undefined {
  return pid === undefined ? undefined : readProcessUsage(pid);
}

function connectedAtMs(generator: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    generator.on('message', (message) => {
      if (isLoadReport(message) && message.type === 'connected') {
        resolve(message.atMs);
      }
    });
  });
}

async function recordsOf(generator: ChildProcess): Promise<readonly LegRecord[]> {
  const done = new AbortController();
  const records = new Promise<readonly LegRecord[]>((resolve) => {
    generator.on('message', (message) => {
      if (isLoadReport(message) && message.type === 'finished') {
        resolve(message.records);
      }
    });
  });
  const died = once(generator, 'exit', { signal: done.signal }).then(([code]) => {
    throw new Error(`the load generator ended by itself with code ${code}`);
  });
  try {
    return await Promise.race([records, died]);
  } finally {
    died.catch(() => {});
    done.abort();
  }
}

function pause(delayMs: number): Promise<void> {
  return systemClock.sleep(Math.max(0, delayMs), new AbortController().signal);
}
