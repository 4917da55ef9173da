/**
 * Questions about when frames arrived: gaps a listener hears as holes, bursts he hears as a stumble. Pure; times
 * are those of arrival, so the operating system's scheduling of the test itself is in them.
 */

import type { HeardFrame } from './asterisk-rules.ts';

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ms: number;
}

export interface Burst {
  readonly atMs: number;
  readonly frames: number;
}

type Timed = Pick<HeardFrame, 'atMs'>;

/** The spans longer than `overMs` between one frame's arrival and the next. */
export function findGaps(frames: readonly Timed[], overMs: number): readonly Gap[] {
  const gaps: Gap[] = [];
  for (const [index, frame] of frames.entries()) {
    const next = frames[index + 1];
    if (next !== undefined && next.atMs - frame.atMs > overMs) {
      gaps.push({ fromMs: frame.atMs, toMs: next.atMs, ms: next.atMs - frame.atMs });
    }
  }
  return gaps;
}

/** Where more than `moreThan` frames arrived within `withinMs`; frames of one burst are not counted in another. */
export function findBursts(frames: readonly Timed[], moreThan: number, withinMs = 1): readonly Burst[] {
  const bursts: Burst[] = [];
  let first = 0;
  while (first < frames.length) {
    const atMs = frames[first]?.atMs ?? 0;
    let after = first + 1;
    while (after < frames.length && (frames[after]?.atMs ?? 0) - atMs <= withinMs) {
      after += 1;
    }
    if (after - first > moreThan) {
      bursts.push({ atMs, frames: after - first });
      first = after;
    } else {
      first += 1;
    }
  }
  return bursts;
}
