/**
 * Times small pieces of work. A case does its work many times in one call, so that neither the clock nor a call
 * through a closure is part of the result; the number of times is found while warming up.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../../src/base/clock.ts';
import { percentile } from './percentiles.ts';

export interface Case {
  /** Says what is done, with size and rate: `resample 20 ms 8,000 -> 16,000 Hz`. */
  readonly name: string;
  /** Frames of 20 ms that one operation handles. */
  readonly framesPerOp: number;
  /** Does the operation `times` times. */
  readonly run: (times: number) => void;
  /** Frees what the case holds. */
  readonly close?: () => void;
}

export interface Measurement {
  readonly name: string;
  readonly runs: number;
  readonly medianUs: number;
  readonly minUs: number;
  readonly maxUs: number;
  readonly framesPerSecond: number;
  /** Bytes allocated for each frame, garbage included; what is below 10 is the measuring itself. */
  readonly allocatedBytes: number;
}

/** Frames are handled for this long before anything counts, so that the code is compiled. */
const WARM_UP_MS = 300;
const RUN_MS = 100;
/**
 * Few enough frames that as a rule no garbage is collected while they are handled: 500 * 1 KB is half of the new space.
 */
const ALLOCATION_FRAMES = 500;

/** Measures `subject`; all numbers are per frame of 20 ms. */
export function measure(subject: Case, runs: number, clock: Clock): Measurement {
  const times = warmUp(subject, clock);
  const costsUs = Float64Array.from({ length: runs }, () => {
    const startMs = clock.nowMs();
    subject.run(times);
    return ((clock.nowMs() - startMs) * 1_000) / (times * subject.framesPerOp);
  }).sort();
  const medianUs = percentile(costsUs, 50);
  return {
    name: subject.name,
    runs,
    medianUs,
    minUs: percentile(costsUs, 0),
    maxUs: percentile(costsUs, 100),
    framesPerSecond: 1e6 / medianUs,
    allocatedBytes: allocatedPerOp(subject) / subject.framesPerOp,
  };
}

/** Runs until the code is warm; returns how many operations take about {@link RUN_MS}. */
function warmUp(subject: Case, clock: Clock): number {
  const endMs = clock.nowMs() + WARM_UP_MS;
  let times = 16;
  for (;;) {
    const startMs = clock.nowMs();
    subject.run(times);
    const tookMs = Math.max(0.001, clock.nowMs() - startMs);
    if (clock.nowMs() >= endMs) {
      return Math.max(1, Math.round((times * RUN_MS) / tookMs));
    }
    if (tookMs < RUN_MS / 4) {
      times *= 2;
    }
  }
}

/**
 * What the heap and the buffers grew by for each operation: the most of five tries, since garbage may be collected in
 * any.
 */
function allocatedPerOp(subject: Case): number {
  const ops = Math.max(1, Math.round(ALLOCATION_FRAMES / subject.framesPerOp));
  const grownBytes = Float64Array.from({ length: 5 }, () => {
    collectGarbage();
    const before = process.memoryUsage();
    subject.run(ops);
    const after = process.memoryUsage();
    return after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  }).sort();
  return Math.max(0, percentile(grownBytes, 75)) / ops;
}

let collect: unknown;

function collectGarbage(): void {
  if (collect === undefined) {
    // The flag takes effect for contexts made after it was set.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc');
  }
  if (typeof collect === 'function') {
    collect();
  }
}
