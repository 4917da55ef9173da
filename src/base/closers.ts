/**
 * What has been started, to be ended in the opposite order, also when the start fails half-way. What does not end is named in
 * the log and left behind, so that the process ends whatever a disk, a network or a child of it does.
 */

import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { afterPatience } from './patience.ts';

/** How long one may take to end, in ms, before the log names it, and before the next one is ended. */
const SLOW_MS = 5_000;
const LIMIT_MS = 10_000;

interface Closer {
  readonly part: string;
  readonly close: () => void | Promise<void>;
  readonly limitMs: number;
}

export class Closers {
  readonly #closers: Closer[] = [];
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Adds what ends something that has just started.
   * @param part what that is called in the log. @param limitMs how long it may take; default 10,000.
   */
  add(part: string, close: () => void | Promise<void>, limitMs = LIMIT_MS): void {
    this.#closers.push({ part, close, limitMs });
  }

  /**
   * Ends everything, newest first, one after the other; what fails to end, or does not in time, does not keep the rest from
   * it.
   * @throws the first failure, after all have been tried.
   */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let next = this.#closers.pop(); next !== undefined; next = this.#closers.pop()) {
      try {
        await this.#closeInTime(next);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }

  async #closeInTime({ part, close, limitMs }: Closer): Promise<void> {
    const clock = this.#clock;
    const nowMs = clock.nowMs();
    const slow = clock.at(nowMs + SLOW_MS, () =>
      this.#log.warn({ part }, 'a part of dragoman is slow to end: it is waited for'),
    );
    let late = (): void => {};
    const left = new Promise<void>((resolve) => {
      late = resolve;
    });
    const limit = afterPatience(clock, nowMs + limitMs, () => {
      this.#log.error({ part, limitMs }, 'a part of dragoman does not end: it is left behind');
      late();
    });
    try {
      await Promise.race([close(), left]);
    } finally {
      slow.cancel();
      limit.cancel();
    }
  }
}
