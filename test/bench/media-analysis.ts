/**
 * From the records of all legs to the numbers of one run: pure. Only what happened inside the window counts, and an
 * interval counts when both its ends do.
 */

import { FRAME_MS } from '../../src/base/units.ts';
import { HEARD, type LegRecord } from './leg-record.ts';
import { percentile, type Spread, spreadOf } from './percentiles.ts';

/** A span of the machine's monotonic clock: from inclusive, to exclusive. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface MediaResult {
  readonly legs: number;
  readonly lostLegs: readonly { readonly leg: number; readonly because: string }[];
  readonly windowMs: number;
  readonly framesSent: number;
  readonly framesHeard: number;
  /** What the legs should have heard at one frame each 20 ms. */
  readonly framesExpected: number;
  /** The fewest frames any leg heard, less what it should have heard. */
  readonly worstLegFrames: number;
  /** How far the time between two frames of a leg was from 20 ms. */
  readonly pacingErrorMs: Spread;
  /** The 99th percentile of the leg that has the worst. */
  readonly worstLegPacingP99Ms: number;
  /** How much slower (positive) than one frame each 20 ms the leg that is furthest off was, in per cent. */
  readonly worstDriftPercent: number;
  /** From a telephone's write to the other's read, of all frames whose delay can be told. */
  readonly delayMs: Spread;
  readonly exactFrames: number;
  readonly silentFrames: number;
  /** Bit-exact too, but beginning elsewhere than the frame; one in ten shifts cuts the marker and counts as changed. */
  readonly shiftedFrames: number;
  readonly changedFrames: number;
  readonly strangerFrames: number;
  /** Gaps in the numbers of the exact frames. */
  readonly skippedFrames: number;
  /** Exact frames heard again, or after a later one. */
  readonly repeatedFrames: number;
  /** How much later than due the generator sent: its own jitter, not the server's. */
  readonly sendLatenessMs: Spread;
}

export function analyseMedia(records: readonly LegRecord[], window: TimeWindow): MediaResult {
  const windowMs = window.toMs - window.fromMs;
  const legs = records.map((record) => analyseLeg(record, window));
  const sum = (of: (leg: LegResult) => number): number => legs.reduce((total, leg) => total + of(leg), 0);
  const expected = windowMs / FRAME_MS;
  return {
    legs: records.length,
    lostLegs: records.flatMap(({ leg, lostBecause }) =>
      lostBecause === undefined ? [] : [{ leg, because: lostBecause }],
    ),
    windowMs,
    framesSent: sum((leg) => leg.latenessMs.length),
    framesHeard: sum((leg) => leg.heard),
    framesExpected: Math.round(expected * records.length),
    worstLegFrames: Math.round(Math.min(...legs.map((leg) => leg.heard)) - expected),
    pacingErrorMs: spreadOf(concat(legs.map((leg) => leg.pacingErrorsMs))),
    worstLegPacingP99Ms: Math.max(...legs.map((leg) => percentile(leg.pacingErrorsMs.slice().sort(), 99))),
    worstDriftPercent: legs.reduce(
      (worst, leg) => (Math.abs(leg.driftPercent) > Math.abs(worst) ? leg.driftPercent : worst),
      0,
    ),
    delayMs: spreadOf(concat(legs.map((leg) => leg.delaysMs))),
    exactFrames: sum((leg) => leg.exact),
    silentFrames: sum((leg) => leg.silent),
    shiftedFrames: sum((leg) => leg.shifted),
    changedFrames: sum((leg) => leg.changed),
    strangerFrames: sum((leg) => leg.strangers),
    skippedFrames: sum((leg) => leg.skipped),
    repeatedFrames: sum((leg) => leg.repeated),
    sendLatenessMs: spreadOf(concat(legs.map((leg) => leg.latenessMs))),
  };
}

/** The part of an ascending `timesMs` inside the window, as indices. */
export function indicesWithin(timesMs: Float64Array, window: TimeWindow): { start: number; end: number } {
  return { start: firstAtOrAfter(timesMs, window.fromMs), end: firstAtOrAfter(timesMs, window.toMs) };
}

/** |interval - 20 ms| of consecutive arrivals. */
export function pacingErrors(arrivalsMs: Float64Array): Float64Array {
  const errors = new Float64Array(Math.max(0, arrivalsMs.length - 1));
  for (let i = 0; i < errors.length; i += 1) {
    errors[i] = Math.abs((arrivalsMs[i + 1] ?? 0) - (arrivalsMs[i] ?? 0) - FRAME_MS);
  }
  return errors;
}

/** How much longer than 20 ms a frame took on the whole, in per cent; 0 for less than two arrivals. */
export function driftPercent(arrivalsMs: Float64Array): number {
  const frames = arrivalsMs.length - 1;
  if (frames < 1) {
    return 0;
  }
  const spanMs = (arrivalsMs[frames] ?? 0) - (arrivalsMs[0] ?? 0);
  return (spanMs / (frames * FRAME_MS) - 1) * 100;
}

/** Numbers left out, and numbers not greater than the greatest before; what is no number of a frame is passed over. */
export function countSequence(numbers: Int32Array): { skipped: number; repeated: number } {
  let skipped = 0;
  let repeated = 0;
  let greatest: number | undefined;
  for (const number of numbers) {
    if (number < 0) {
      continue;
    }
    if (greatest === undefined) {
      greatest = number;
    } else if (number > greatest) {
      skipped += number - greatest - 1;
      greatest = number;
    } else {
      repeated += 1;
    }
  }
  return { skipped, repeated };
}

interface LegResult {
  readonly heard: number;
  readonly pacingErrorsMs: Float64Array;
  readonly driftPercent: number;
  readonly delaysMs: Float32Array;
  readonly latenessMs: Float32Array;
  readonly exact: number;
  readonly silent: number;
  readonly shifted: number;
  readonly changed: number;
  readonly strangers: number;
  readonly skipped: number;
  readonly repeated: number;
}

function analyseLeg(record: LegRecord, window: TimeWindow): LegResult {
  const heard = indicesWithin(record.arrivalsMs, window);
  const sent = indicesWithin(record.dueMs, window);
  const arrivalsMs = record.arrivalsMs.subarray(heard.start, heard.end);
  const numbers = record.numbers.subarray(heard.start, heard.end);
  const count = (wanted: number): number => numbers.filter((number) => number === wanted).length;
  return {
    heard: arrivalsMs.length,
    pacingErrorsMs: pacingErrors(arrivalsMs),
    driftPercent: driftPercent(arrivalsMs),
    delaysMs: record.delaysMs.subarray(heard.start, heard.end),
    latenessMs: record.latenessMs.subarray(sent.start, sent.end),
    exact: numbers.filter((number) => number >= 0).length,
    silent: count(HEARD.silence),
    shifted: count(HEARD.shifted),
    changed: count(HEARD.changed),
    strangers: count(HEARD.stranger),
    ...countSequence(numbers),
  };
}

function firstAtOrAfter(timesMs: Float64Array, timeMs: number): number {
  const index = timesMs.findIndex((candidate) => candidate >= timeMs);
  return index === -1 ? timesMs.length : index;
}

function concat(parts: readonly (Float64Array | Float32Array)[]): Float64Array {
  const whole = new Float64Array(parts.reduce((total, part) => total + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    whole.set(part, filled);
    filled += part.length;
  }
  return whole;
}
