/**
 * How late the main thread's loop comes to its timers: what everything waits that arrives, and every answer of an
 * engine. Sound that media threads send by themselves does not.
 */

import { BucketCounts } from './bucket-counts.ts';
import type { Clock, Timer } from './clock.ts';
import type { Counted } from './counts.ts';

/** How often it is looked at, in ms: often enough for the 99th percentile of a minute, 20 µs each. */
const LOOK_MS = 50;
/** The latest so many looks are kept: those of a minute. */
const KEPT_LOOKS = 1_200;
/** In ms. */
const LAG_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** How late it was of late, in ms. */
export interface RecentLag {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

export class LoopLag implements Counted {
  readonly counts = { loopLag: new BucketCounts(LAG_BOUNDS_MS) };
  readonly #clock: Clock;
  #timer: Timer | undefined;
  /** The latest, in turns. */
  readonly #lags = new Float64Array(KEPT_LOOKS);
  #looks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks until it is closed. */
  start(): void {
    const dueMs = this.#clock.nowMs() + LOOK_MS;
    this.#timer = this.#clock.at(dueMs, () => {
      const lagMs = Math.max(0, this.#clock.nowMs() - dueMs);
      this.counts.loopLag.add(lagMs);
      this.#lags[this.#looks % KEPT_LOOKS] = lagMs;
      this.#looks += 1;
      this.start();
    });
  }

  /** Of the last minute; all 0 before the first look. Sorts them: some 0.1 ms. */
  recent(): RecentLag {
    const sorted = this.#lags.slice(0, Math.min(this.#looks, KEPT_LOOKS)).sort();
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return { medianMs: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
  }

  /** Idempotent. */
  close(): void {
    this.#timer?.cancel();
  }
}
