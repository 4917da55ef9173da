/**
 * One run: a generator process loads a server, while this process only sleeps, reads both processes' usage at the
 * ends of the window, and freezes the server if asked. The window begins after the warm-up and ends with the
 * run, or with the freeze: what a freeze does is judged apart.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { AppError } from '../../src/base/errors.ts';
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

/** @throws AppError when the generator fails, or `bad-option` when there is no time for the freeze. */
export async function runLoad(server: ServerUnderTest, options: RunOptions): Promise<MediaRun> {
  const lengthMs = options.seconds * 1_000;
  if (lengthMs <= WARM_UP_MS || (options.freezeMs > 0 && !fitsFreeze(lengthMs, options.freezeMs))) {
    throw new AppError(
      'bad-option',
      'the run is too short: it warms up for 3 s and watches a freeze for 3 s',
    );
  }
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
    const frozen = await freeze(server.pid, options.freezeMs);
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

/** Usage is read this long before the legs hang up. */
const END_MARGIN_MS = 50;

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

function fitsFreeze(lengthMs: number, freezeMs: number): boolean {
  return lengthMs / 2 > WARM_UP_MS && lengthMs / 2 >= freezeMs + FREEZE_WATCH_MS;
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
    throw new AppError('engine-died', `the load generator ended by itself with code ${code}`);
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
