/**
 * Watches for an answer that does not come. It keeps one timer while something is due; the timer moves on when the
 * due time does, instead of being set again with each message. After a standstill of the process, what came meanwhile
 * is read before anything counts as late: timers fire before sockets are read.
 */

import type { Clock, Timer } from '../../base/clock.ts';

/** A timer that fires so late, in ms, fires after a standstill of ours: what came meanwhile has not been read yet. */
const STANDSTILL_MS = 250;

export class AnswerWatch {
  readonly #clock: Clock;
  readonly #dueMs: () => number | undefined;
  readonly #onDue: () => void;
  #timer: Timer | undefined;
  #timerMs = 0;
  #closed = false;

  /**
   * @param dueMs by when, on the clock, something must have happened; undefined while nothing is owed.
   * @param onDue is called when that time has passed; it must end what is owed, or move its due time on.
   */
  constructor(clock: Clock, dueMs: () => number | undefined, onDue: () => void) {
    this.#clock = clock;
    this.#dueMs = dueMs;
    this.#onDue = onDue;
  }

  /** Something was asked or answered. It costs a comparison, unless the due time has come nearer. */
  look(): void {
    const dueMs = this.#dueMs();
    if (this.#closed || dueMs === undefined || (this.#timer !== undefined && this.#timerMs <= dueMs)) {
      return;
    }
    this.#timer?.cancel();
    this.#setTimer(dueMs);
  }

  /** Watches no more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #setTimer(atMs: number): void {
    this.#timerMs = atMs;
    this.#timer = this.#clock.at(atMs, () => this.#check());
  }

  #check(): void {
    this.#timer = undefined;
    const dueMs = this.#dueMs();
    const nowMs = this.#clock.nowMs();
    if (dueMs !== undefined && nowMs - this.#timerMs >= STANDSTILL_MS) {
      this.#setTimer(nowMs + 1);
      return;
    }
    if (dueMs !== undefined && nowMs >= dueMs) {
      this.#onDue();
    }
    this.look();
  }
}
