/**
 * What it is like when many legs arrive at once at a server that has calls already: how long each waits for its first
 * frame, what the arrival costs the server's first thread, and what those hear who were there before.
 */

import { systemClock } from '../../src/base/clock.ts';
import { startLoad } from './load-process.ts';
import { WARM_UP_MS } from './load-run.ts';
import { analyseMedia } from './media-analysis.ts';
import { percentile, type Spread, spreadOf } from './percentiles.ts';
import { readMainThreadCpuMs } from './process-usage.ts';
import type { ServerUnderTest } from './server-process.ts';

/** How long those who were there before are listened to, and newcomers may wait, in ms. */
export const ARRIVAL_WATCH_MS = 2_000;
/** How often the server's processor time is read meanwhile, in ms. */
const SAMPLE_MS = 2;

export interface ArrivalOptions {
  /** Legs that are there before; an even number. */
  readonly legs: number;
  /** Legs that arrive at once; an even number. */
  readonly newcomers: number;
  readonly rateHz: number;
}

export interface ArrivalRun {
  readonly newcomers: number;
  /** From a newcomer's call to its first frame; those who heard none are not in it. */
  readonly firstFrameMs: Spread;
  /** Newcomers who heard nothing, or were lost. */
  readonly unheard: number;
  /**
   * Of the server's first thread until all had heard their first frame, for each newcomer; what it does meanwhile for
   * legs that are there is in it.
   */
  readonly mainThreadMsPerNewcomer: number;
  /** Of those who were there before. */
  readonly pacingErrorMs: Spread;
  readonly framesSkipped: number;
  readonly legsLost: number;
}

/** @throws Error when the generator ends by itself. */
export async function runArrival(server: ServerUnderTest, options: ArrivalOptions): Promise<ArrivalRun> {
  const { newcomers } = options;
  const seconds = (2 * Math.max(WARM_UP_MS, ARRIVAL_WATCH_MS)) / 1_000;
  const load = startLoad({
    type: 'load',
    host: server.host,
    port: server.port,
    hears: 'partner',
    rtp: undefined,
    seconds,
    ...options,
  });
  try {
    const atMs = await Promise.race([load.arriving, load.finished.then(() => Number.NaN)]);
    const cpu = await sampleCpu(server.pid, atMs + ARRIVAL_WATCH_MS);
    const { records, firstFramesMs, newcomersLost } = await load.finished;
    const firstFrameMs = spreadOf(firstFramesMs);
    const media = analyseMedia(records, { fromMs: atMs, toMs: atMs + ARRIVAL_WATCH_MS });
    return {
      newcomers,
      firstFrameMs,
      unheard: Math.max(newcomers - firstFrameMs.count, newcomersLost),
      mainThreadMsPerNewcomer: cpuUntil(cpu, atMs + firstFrameMs.max) / newcomers,
      pacingErrorMs: media.pacingErrorMs,
      framesSkipped: media.skippedFrames,
      legsLost: media.lostLegs.length,
    };
  } finally {
    load.stop();
  }
}

/** The median of several runs, number by number. */
export function medianArrival(runs: readonly ArrivalRun[]): ArrivalRun {
  const median = (of: (run: ArrivalRun) => number): number =>
    percentile(Float64Array.from(runs, of).sort(), 50);
  const spread = (of: (run: ArrivalRun) => Spread): Spread => ({
    count: median((run) => of(run).count),
    min: median((run) => of(run).min),
    p50: median((run) => of(run).p50),
    p99: median((run) => of(run).p99),
    max: median((run) => of(run).max),
  });
  return {
    newcomers: median((run) => run.newcomers),
    firstFrameMs: spread((run) => run.firstFrameMs),
    unheard: median((run) => run.unheard),
    mainThreadMsPerNewcomer: median((run) => run.mainThreadMsPerNewcomer),
    pacingErrorMs: spread((run) => run.pacingErrorMs),
    framesSkipped: median((run) => run.framesSkipped),
    legsLost: median((run) => run.legsLost),
  };
}

interface CpuSample {
  readonly atMs: number;
  readonly cpuMs: number;
}

async function sampleCpu(pid: number | undefined, untilMs: number): Promise<readonly CpuSample[]> {
  const samples: CpuSample[] = [];
  const forever = new AbortController().signal;
  while (pid !== undefined && systemClock.nowMs() < untilMs) {
    samples.push({ atMs: systemClock.nowMs(), cpuMs: readMainThreadCpuMs(pid) });
    await systemClock.sleep(SAMPLE_MS, forever);
  }
  return samples;
}

/** Processor time from the first sample to the first one at `atMs` or later; NaN without samples. */
function cpuUntil(samples: readonly CpuSample[], atMs: number): number {
  const end = samples.find((sample) => sample.atMs >= atMs) ?? samples.at(-1);
  return (end?.cpuMs ?? Number.NaN) - (samples[0]?.cpuMs ?? Number.NaN);
}
