/**
 * How late the main thread's loop comes to its timers: what everything waits that arrives, and every answer of an
 * engine. Sound that media threads send by themselves does not.
 */

import { BucketCounts } from './bucket-counts.ts';
import type { Clock, Timer } from './clock.ts';
import type { Counted } from './counts.ts';

/** How often it is looked at, in ms: often enough for the 99th percentile of a minute, 20 µs each. */
const LOOK_MS = 50;
/** In ms. */
const LAG_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

export class LoopLag implements Counted {
  readonly counts = { loopLag: new BucketCounts(LAG_BOUNDS_MS) };
  readonly #clock: Clock;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks until it is closed. */
  start(): void {
    const dueMs = this.#clock.nowMs() + LOOK_MS;
    this.#timer = this.#clock.at(dueMs, () => {
      this.counts.loopLag.add(Math.max(0, this.#clock.nowMs() - dueMs));
      this.start();
    });
  }

  /** Idempotent. */
  close(): void {
    this.#timer?.cancel();
  }
}
