/**
 * A clock that somebody drives: time stands still until it is moved, and then jumps from one timer to the next, so that
 * what takes an hour is done as fast as the machine can. `advance` is asynchronous: it lets promises settle before the
 * first timer, after each timer and at the end, so a chain such as "sleep, then write, then sleep again" runs to the end
 * of the span, each link at its own time. Do not forget its `await`.
 */

import { type Clock, sleepOn, type Timer, turnOfLoop } from './clock.ts';

/** Timers that may fire without time moving on before the clock calls it a loop without end. */
const MOST_TIMERS_AT_ONE_TIME = 10_000;

interface PendingTimer {
  readonly deadlineMs: number;
  readonly callback: () => void;
}

export class DrivenClock implements Clock {
  /** In the order they were set; the order of firing is by deadline, then by this. */
  readonly #timers = new Set<PendingTimer>();
  readonly #startMs: number;
  readonly #wallStartMs: number;
  #nowMs: number;

  /** @param startMs what {@link nowMs} reads at first. @param wallStart what {@link wallTime} does; it moves with the clock. */
  constructor(startMs: number, wallStart: Date) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
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
    return new Date(this.#wallStartMs + this.#nowMs - this.#startMs);
  }

  at(deadlineMs: number, callback: () => void): Timer {
    const timer: PendingTimer = { deadlineMs, callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
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
  protected jump(ms: number): void {
    this.#nowMs += ms;
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
