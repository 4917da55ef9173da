/**
 * How long a voice stays late after the server stood still: delays in windows of 100 ms from the moment it went
 * on. Pure. The voice is back on time when no window that follows is over the limit.
 */

import type { LegRecord } from './leg-record.ts';
import { indicesWithin, type TimeWindow } from './media-analysis.ts';
import { type Spread, spreadOf } from './percentiles.ts';

export const FREEZE_WINDOW_MS = 100;
/** How long after the freeze the voice is watched. */
export const FREEZE_WATCH_MS = 3_000;
/** The delay a voice passed through may have: the design's own limit. */
export const ON_TIME_MS = 40;

export interface FreezeWindow {
  /** From this many ms after the server went on. */
  readonly fromMs: number;
  readonly framesHeard: number;
  /** Of the frames whose delay can be told; `count` says how many. */
  readonly delayMs: Spread;
}

export interface FreezeResult {
  readonly frozenMs: number;
  readonly windows: readonly FreezeWindow[];
  /** When the voice was on time for good, in ms after the server went on; undefined when it never was. */
  readonly onTimeAfterMs: number | undefined;
}

/** @param frozen from the stop to the moment the server went on. */
export function analyseFreeze(records: readonly LegRecord[], frozen: TimeWindow): FreezeResult {
  const windows: FreezeWindow[] = [];
  for (let fromMs = 0; fromMs < FREEZE_WATCH_MS; fromMs += FREEZE_WINDOW_MS) {
    windows.push(analyseWindow(records, frozen.toMs, fromMs));
  }
  const lastLate = windows.findLastIndex(isLate);
  return {
    frozenMs: frozen.toMs - frozen.fromMs,
    windows,
    onTimeAfterMs: lastLate === windows.length - 1 ? undefined : (lastLate + 1) * FREEZE_WINDOW_MS,
  };
}

function analyseWindow(records: readonly LegRecord[], thawedMs: number, fromMs: number): FreezeWindow {
  const startMs = thawedMs + fromMs;
  const delaysMs: number[] = [];
  for (const record of records) {
    const { start, end } = indicesWithin(record.arrivalsMs, {
      fromMs: startMs,
      toMs: startMs + FREEZE_WINDOW_MS,
    });
    delaysMs.push(...record.delaysMs.subarray(start, end));
  }
  return { fromMs, framesHeard: delaysMs.length, delayMs: spreadOf(delaysMs) };
}

/** A window in which nothing could be told is late too. */
function isLate(window: FreezeWindow): boolean {
  return !(window.delayMs.p99 <= ON_TIME_MS);
}
