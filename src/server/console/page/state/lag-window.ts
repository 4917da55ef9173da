/** How late the latest utterances were heard: from the end of what was said to the first sound of what closes it. */

/** Enough for a steady 95th percentile, and a few minutes of a busy server. */
const MOST_LAGS = 400;

export class LagWindow {
  readonly #lagsMs: number[] = [];

  /** @param lagMs negative where it was heard before the speaker had ended: that is not late at all. */
  add(lagMs: number): void {
    this.#lagsMs.push(Math.max(0, lagMs));
    if (this.#lagsMs.length > MOST_LAGS) {
      this.#lagsMs.shift();
    }
  }

  /** The lag that 95 of a hundred do not exceed; undefined before there was one. */
  get p95Ms(): number | undefined {
    const sorted = this.#lagsMs.toSorted((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.95) - 1];
  }
}
