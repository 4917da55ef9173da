/**
 * One run: a generator process loads a server, while this process only sleeps, reads both processes' usage at the
 * ends of the window, and freezes the server if asked. The window begins after the warm-up and ends with the
 * run, or with the freeze: what a freeze does is judged apart.
 */

import { systemClock } from '../../src/base/clock.ts';
import type { RtpFormat } from '../../src/protocol/rtp/payloads.ts';
import { analyseFreeze, FREEZE_WATCH_MS, type FreezeResult } from './freeze-analysis.ts';
import type { LoadOrder } from './load-messages.ts';
import { startLoad } from './load-process.ts';
import { analyseMedia, type MediaResult, type TimeWindow } from './media-analysis.ts';
import { percentile } from './percentiles.ts';
import { type ProcessUsage, readProcessUsage } from './process-usage.ts';
import type { ServerUnderTest } from './server-process.ts';

/** Just-in-time compilation and growing buffers happen here. */
export const WARM_UP_MS = 3_000;
/** Between the start of the server and the reading of its idle memory. */
const SETTLE_MS = 1_000;
/** Usage is read this long before the legs hang up. */
const END_MARGIN_MS = 50;

export interface RunOptions {
  readonly legs: number;
  readonly seconds: number;
  readonly rateHz: number;
  /** Legs over RTP, in this format; default AudioSocket. */
  readonly rtp?: RtpFormat;
  /** How long the server stands still at mid-run, in ms; 0 for not at all. */
  readonly freezeMs: number;
  /** Whose voice a leg should hear. */
  readonly hears: LoadOrder['hears'];
  /** What else goes on: begun when all legs are connected, ended with the window. */
  readonly meanwhile?: { begin(): void; end(): void };
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
export function objectionTo(options: Pick<RunOptions, 'seconds' | 'freezeMs'>): string | undefined {
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
  const { legs, seconds, rateHz, rtp, hears } = options;
  const { host, port } = server;
  const load = startLoad({ type: 'load', host, port, legs, seconds, rateHz, rtp, hears, newcomers: 0 });
  try {
    const startMs = await Promise.race([load.connected, load.finished.then(() => Number.NaN)]);
    options.meanwhile?.begin();
    const fromMs = startMs + WARM_UP_MS;
    const toMs = startMs + (options.freezeMs > 0 ? lengthMs / 2 : lengthMs - END_MARGIN_MS);
    const usage = await measureWindow(server.pid, load.pid, { fromMs, toMs });
    options.meanwhile?.end();
    const frozen = server.deathCause() === undefined ? await freeze(server.pid, options.freezeMs) : undefined;
    const { records } = await load.finished;
    return {
      media: analyseMedia(records, usage.window),
      server: costOf(idle, usage.serverBefore, usage.serverAfter, usage.window, options.legs),
      generatorCpuPercent: cpuPercent(usage.generatorBefore, usage.generatorAfter, usage.window),
      freeze: frozen === undefined ? undefined : analyseFreeze(records, frozen),
      serverDeath: server.deathCause(),
    };
  } finally {
    load.stop();
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

function pause(delayMs: number): Promise<void> {
  return systemClock.sleep(Math.max(0, delayMs), new AbortController().signal);
}

/** The median of several runs on servers freshly started, number by number; what went wrong in any of them stays. */
export function medianRun(runs: readonly MediaRun[]): MediaRun | undefined {
  const [first] = runs;
  if (first === undefined || runs.length === 1) {
    return first;
  }
  return {
    media: { ...medianOf(runs.map((run) => run.media)), lostLegs: runs.flatMap((run) => run.media.lostLegs) },
    server: first.server === undefined ? undefined : medianOf(runs.flatMap((run) => run.server ?? [])),
    generatorCpuPercent: median(runs.map((run) => run.generatorCpuPercent)),
    freeze: first.freeze,
    serverDeath: runs.find((run) => run.serverDeath !== undefined)?.serverDeath,
  };
}

function median(values: readonly number[]): number {
  return percentile(Float64Array.from(values).sort(), 50);
}

/** Records of the same shape: the median of each number, and of each number in each record of it. */
function medianOf<T extends object>(records: readonly T[]): T {
  const [first] = records;
  const entries = Object.entries(first ?? {}).map(([key, value]) => {
    const values: unknown[] = records.map((record) => Reflect.get(record, key));
    if (typeof value === 'number') {
      return [key, median(values.filter((each) => typeof each === 'number'))];
    }
    const inner = values.filter((each) => typeof each === 'object' && each !== null);
    return [key, Array.isArray(value) ? value : medianOf(inner)];
  });
  return Object.fromEntries(entries) as T;
}
