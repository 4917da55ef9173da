/**
 * Waits for the final text of each utterance that has ended. One that does not come is told once; expect it anew.
 */

import type { Clock, Timer } from '../../base/clock.ts';

export class FinalDeadlines {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #late: (utterance: number) => void;
  /** By utterance. */
  readonly #timers = new Map<number, Timer>();

  /** @param late called when a final has not come within `limitMs`. */
  constructor(clock: Clock, limitMs: number, late: (utterance: number) => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#late = late;
  }

  expect(utterance: number): void {
    const atMs = this.#clock.nowMs() + this.#limitMs;
    this.#timers.set(
      utterance,
      this.#clock.at(atMs, () => this.#late(utterance)),
    );
  }

  met(utterance: number): void {
    this.#timers.get(utterance)?.cancel();
    this.#timers.delete(utterance);
  }

  /** Waits for nothing any more. */
  clear(): void {
    for (const timer of this.#timers.values()) {
      timer.cancel();
    }
    this.#timers.clear();
  }
}
