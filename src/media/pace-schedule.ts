/**
 * When the frames of one leg are due, and what to do when they were not sent in time: pure arithmetic on absolute
 * deadlines. After a stall at most two frames leave at once; the others are forgiven, since a late burst is
 * audible and silence that nobody sent is not missed.
 */

import { FRAME_MS } from '../base/units.ts';

/** Frames that may leave at once after a stall, the one that is due included. */
export const MOST_AT_ONCE = 2;

export class PaceSchedule {
  /** Frames given up because their time had passed. */
  forgiven = 0;
  #nextMs: number;

  /** @param firstMs when the first frame is due. */
  constructor(firstMs: number) {
    this.#nextMs = firstMs;
  }

  /** How many frames to send now: none before the deadline, one on time, never more than {@link MOST_AT_ONCE}. */
  due(nowMs: number): number {
    if (nowMs < this.#nextMs) {
      return 0;
    }
    const passed = Math.floor((nowMs - this.#nextMs) / FRAME_MS) + 1;
    this.#nextMs += passed * FRAME_MS;
    const sent = Math.min(passed, MOST_AT_ONCE);
    this.forgiven += passed - sent;
    return sent;
  }
}
