/** What the telephones of a run heard, and when: pure. Only what arrived inside the window counts. */

import { FRAME_MS } from '../../../src/base/units.ts';
import { indicesWithin, pacingErrors, type TimeWindow } from '../media-analysis.ts';
import { type Spread, spreadOf } from '../percentiles.ts';
import type { PhoneRecord } from './room-facts.ts';

export interface WireResult {
  readonly legs: number;
  readonly lostLegs: readonly { readonly leg: number; readonly because: string }[];
  /** How far the time between two frames of a leg was from 20 ms. */
  readonly pacingErrorMs: Spread;
  readonly framesExpected: number;
  /** Frames that legs heard less than they should have, one each 20 ms. */
  readonly framesMissing: number;
  /** How much later than due the telephones sent, of the whole run: their own jitter, not the server's. */
  readonly sendLatenessMs: Spread;
}

export function wireResult(records: readonly PhoneRecord[], window: TimeWindow): WireResult {
  const heard = records.map(({ arrivalsMs }) => {
    const { start, end } = indicesWithin(arrivalsMs, window);
    return arrivalsMs.subarray(start, end);
  });
  // The grid of a leg may begin anywhere in the window.
  const expected = Math.floor((window.toMs - window.fromMs) / FRAME_MS);
  return {
    legs: records.length,
    lostLegs: records.flatMap(({ lostBecause }, leg) =>
      lostBecause === undefined ? [] : [{ leg, because: lostBecause }],
    ),
    pacingErrorMs: spreadOf(heard.flatMap((arrivalsMs) => [...pacingErrors(arrivalsMs)])),
    framesExpected: expected * records.length,
    framesMissing: heard.reduce((sum, { length }) => sum + Math.max(0, expected - length), 0),
    sendLatenessMs: spreadOf(records.flatMap(({ latenessMs }) => [...latenessMs])),
  };
}
