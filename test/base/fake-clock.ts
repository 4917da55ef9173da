/**
 * The clock of unit tests: time stands still until the test moves it. `advance` is asynchronous: it lets promises
 * settle before the first timer, after each timer and at the end, so a chain such as "sleep, then write, then
 * sleep again" runs to the end of the span, each link at its own time. Do not forget its `await`.
 */

import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { Clock, Timer } from '../../src/base/clock.ts';

/** What {@link FakeClock.nowMs} reads when a clock is made. Not zero, so that a forgotten time shows. */
export const FAKE_START_MS = 1_000;

/** Timers that may fire without time moving on before the clock calls it a loop without end. */
const MOST_TIMERS_AT_ONE_TIME = 10_000;

interface PendingTimer {
  readonly deadlineMs: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  /** In the order they were set; the order of firing is by deadline, then by this. */
  readonly #timers = new Set<PendingTimer>();
  readonly #wallStartMs: number;
  #nowMs = FAKE_START_MS;

  /** @param wallStart what {@link wallTime} reads at the start; it moves with the clock. */
  constructor(wallStart = new Date('2026-01-01T00:00:00.000Z')) {
    this.#wallStartMs = wallStart.getTime();
  }

  /** How many timers are set and have not fired: zero when a closed object left nothing behind. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** The earliest deadline that is set, or undefined when none is. */
  get nextDeadlineMs(): number | undefined {
    return this.#earliest(Number.POSITIVE_INFINITY)?.deadlineMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallTime(): Date {
    return new Date(this.#wallStartMs + this.#nowMs - FAKE_START_MS);
  }

  at(deadlineMs: number, callback: () => void): Timer {
    const timer: PendingTimer = { deadlineMs, callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        timer.cancel();
        reject(signal.reason);
      };
      const timer = this.at(this.#nowMs + delayMs, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * Moves time on by `ms`, firing each timer at its own deadline, timers of the same deadline in the order they
   * were set, timers set meanwhile included. `advance(0)` fires what is due and lets promises settle.
   * @throws what a callback throws; time stays at that timer's deadline.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    let firedAtOneTime = 0;
    await turnOfLoop();
    for (;;) {
      const timer = this.#earliest(endMs);
      if (timer === undefined) {
        break;
      }
      this.#timers.delete(timer);
      firedAtOneTime = timer.deadlineMs > this.#nowMs ? 1 : firedAtOneTime + 1;
      if (firedAtOneTime > MOST_TIMERS_AT_ONE_TIME) {
        throw new Error(`timers set each other without end at ${this.#nowMs} ms`);
      }
      // A deadline that has passed already fires now; time never moves back.
      this.#nowMs = Math.max(this.#nowMs, timer.deadlineMs);
      timer.callback();
      await turnOfLoop();
    }
    this.#nowMs = endMs;
  }

  /** Moves time on to `nowMs` as {@link advance} does. */
  async advanceTo(nowMs: number): Promise<void> {
    await this.advance(Math.max(0, nowMs - this.#nowMs));
  }

  /**
   * Moves time on by `ms` with nothing running, as when the process is frozen or its event loop blocked. What
   * became due meanwhile fires, late, at the next {@link advance}.
   */
  freeze(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets promises settle at the present time, without firing timers. */
  async settle(): Promise<void> {
    await turnOfLoop();
  }

  #earliest(endMs: number): PendingTimer | undefined {
    let earliest: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.deadlineMs <= endMs && (earliest === undefined || timer.deadlineMs < earliest.deadlineMs)) {
        earliest = timer;
      }
    }
    return earliest;
  }
}
