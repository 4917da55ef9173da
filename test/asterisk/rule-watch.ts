/**
 * Feeds the rules with what a real socket brings, and with time. What is late only because this process did not run
 * is not held against the server: while a message is half here the socket is polled once per turn of the event
 * loop, and an arrival counts from the last poll that found nothing. Between two polls 1 ms
 * counts at most: if it was longer, neither this leg nor a server in this process ran.
 */

import { type Clock, systemClock, type Timer } from '../../src/base/clock.ts';
import type { AsteriskRules } from './asterisk-rules.ts';

/** The shortest time between two looks at a deadline, in ms. */
const LEAST_LOOK_MS = 5;

/** A turn of the event loop takes some µs. */
const LONGEST_TURN_MS = 1;

export class RuleWatch {
  readonly #rules: AsteriskRules;
  readonly #time: Pick<Clock, 'nowMs'>;
  readonly #originMs: number;
  readonly #onFailed: (atMs: number) => void;
  /** The last poll that found a message half here; undefined while none is. */
  #lastPollMs: number | undefined;
  #polling = false;
  #stopped = false;
  #timer: Timer | undefined;

  /**
   * @param originMs where the rules' scale of time has its zero, on the system clock's.
   * @param onFailed hears once that time alone broke a rule.
   */
  constructor(
    rules: AsteriskRules,
    originMs: number,
    onFailed: (atMs: number) => void,
    time: Pick<Clock, 'nowMs'> = systemClock,
  ) {
    this.#rules = rules;
    this.#time = time;
    this.#originMs = originMs;
    this.#onFailed = onFailed;
    this.#lookAtDeadline();
  }

  /** Passes on what arrived; returns the time at which it counts. */
  receive(chunk: Uint8Array): number {
    const atMs = this.#lastPollMs ?? this.#nowMs();
    this.#rules.receive(chunk, atMs);
    this.#lastPollMs = this.#rules.waitingFor === 'nothing' ? undefined : atMs;
    this.#pollWhileSplit();
    return atMs;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #nowMs(): number {
    return this.#time.nowMs() - this.#originMs;
  }

  #pollWhileSplit(): void {
    if (this.#polling || this.#rules.waitingFor === 'nothing') {
      return;
    }
    this.#polling = true;
    setImmediate(() => {
      this.#polling = false;
      if (this.#stopped || this.#rules.waitingFor === 'nothing') {
        return;
      }
      // The poll before this turn found nothing more, so whatever comes now came after this moment.
      const nowMs = this.#nowMs();
      this.#rules.forgive(Math.max(0, nowMs - (this.#lastPollMs ?? nowMs) - LONGEST_TURN_MS));
      this.#lastPollMs = nowMs;
      // A header may wait without limit, and one poll is enough to know that its rest did not come with it.
      if (this.#rules.waitingFor === 'payload') {
        this.#judge();
        this.#pollWhileSplit();
      }
    });
  }

  /** Looks when the long limit on quiet is over; the short one of a payload belongs to the polling. */
  #lookAtDeadline(): void {
    const deadlineMs = this.#rules.deadlineMs;
    if (deadlineMs === undefined || this.#stopped) {
      return;
    }
    const dueMs = Math.max(deadlineMs, this.#nowMs() + LEAST_LOOK_MS);
    this.#timer = systemClock.at(this.#originMs + dueMs, () => {
      // What arrived while this process stood still is read before it is judged.
      setImmediate(() => {
        if (!this.#stopped && this.#rules.waitingFor !== 'payload') {
          this.#judge();
        }
        this.#lookAtDeadline();
      });
    });
  }

  #judge(): void {
    const atMs = this.#nowMs();
    this.#rules.judge(atMs);
    if (this.#rules.state === 'failed') {
      this.#onFailed(atMs);
    }
  }
}
