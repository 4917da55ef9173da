/**
 * How long the translations of one direction are to be held so that both are about as late: who hears the other after
 * 2 s and is heard after 4 talks into what was meant as an answer. Pure: the lags are told. A direction's lag is its
 * mean, the latest weighing most, and it is held for what it is faster by.
 */

/** Weight of the latest lag: the last three or four count. */
const LATEST_WEIGHT = 0.3;
/** A talk that is later than this by our own doing is worse than one that is uneven, in ms. */
const LONGEST_HOLD_MS = 2_000;
/** Less is not noticed, in ms. */
const SHORTEST_HOLD_MS = 100;

export class MatchedLag {
  readonly #meanMs = new Map<string, number>();

  /** @param lagMs from the end of what was said to its translation's last beginning; below 0 it was done before. */
  heard(direction: string, lagMs: number): void {
    const lag = Math.max(0, lagMs);
    const before = this.#meanMs.get(direction) ?? lag;
    this.#meanMs.set(direction, before + LATEST_WEIGHT * (lag - before));
  }

  /** From 100 to 2,000 ms; 0 for the slowest direction, and while only one is known. */
  holdMs(direction: string): number {
    const ownMs = this.#meanMs.get(direction);
    if (ownMs === undefined) {
      return 0;
    }
    const fasterByMs = Math.max(...this.#meanMs.values()) - ownMs;
    return fasterByMs < SHORTEST_HOLD_MS ? 0 : Math.min(fasterByMs, LONGEST_HOLD_MS);
  }
}
