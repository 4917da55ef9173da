/**
 * How long the translations of one direction are to be held so that both are about as late: who hears the other after
 * 2 s and is heard after 4 talks into what was meant as an answer. Pure: the lags are told. A direction's lag is its
 * mean, the latest weighing most, and it is held for what it is faster by.
 */

import type { Language } from '../../base/language.ts';

/** Weight of the latest lag: the last three or four count. */
const LATEST_WEIGHT = 0.3;
/** A talk that is later than this by our own doing is worse than one that is uneven, in ms. */
const LONGEST_HOLD_MS = 2_000;
/** Less is not noticed, in ms. */
const SHORTEST_HOLD_MS = 100;

/** What is said in one language, to who listens in another. */
export interface Direction {
  readonly from: Language;
  readonly to: Language;
}

export class MatchedLag {
  readonly #meanMs = new Map<string, number>();

  /** @param lagMs from the end of what was said to its translation's last beginning; below 0 it was done before. */
  heard({ from, to }: Direction, lagMs: number): void {
    const lag = Math.max(0, lagMs);
    const before = this.#lagMs(from, to) ?? lag;
    this.#meanMs.set(`${from}:${to}`, before + LATEST_WEIGHT * (lag - before));
  }

  /**
   * From 100 to 2,000 ms; 0 for the slower direction, and while only one is known. Other languages that were spoken in the
   * call count for nothing.
   */
  holdMs({ from, to }: Direction): number {
    const fasterByMs = (this.#lagMs(to, from) ?? 0) - (this.#lagMs(from, to) ?? Number.POSITIVE_INFINITY);
    return fasterByMs < SHORTEST_HOLD_MS ? 0 : Math.min(fasterByMs, LONGEST_HOLD_MS);
  }

  #lagMs(from: Language, to: Language): number | undefined {
    return this.#meanMs.get(`${from}:${to}`);
  }
}
