/** Ends a call after as long as it may last; a little before, those who are in it are told. */

import type { Clock, Timer } from '../base/clock.ts';

/** How long before its end a call is told of it, in ms; of a shorter one half. */
const WARNING_MS = 30_000;

export class CallLimit {
  readonly #timers: readonly Timer[];

  /** @param limitMs how long the call may last. @param soon comes once, then `over`, unless it is closed before. */
  constructor(clock: Clock, startMs: number, limitMs: number, soon: () => void, over: () => void) {
    const endMs = startMs + limitMs;
    this.#timers = [clock.at(endMs - Math.min(WARNING_MS, limitMs / 2), soon), clock.at(endMs, over)];
  }

  close(): void {
    for (const timer of this.#timers) {
      timer.cancel();
    }
  }
}
