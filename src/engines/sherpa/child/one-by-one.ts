/**
 * Work that is done one piece after the other, though each of it waits: two at once would each take twice as long, and
 * the first who asked would wait for the second. How much may wait is bounded by those who ask.
 */

import { type Clock, systemClock, type Timer } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import { MESSAGE } from '../model-wire.ts';
import type { Answer } from './service.ts';

/** How often it is said that there is work going on, in ms. */
const SAID_EVERY_MS = 1_000;

interface Job {
  readonly id: number;
  /** How long it may take, in ms, until it counts as hung: from then on nothing is said of it. */
  readonly limitMs: number;
  readonly work: () => Promise<void>;
}

export class OneByOne {
  readonly #answer: Answer;
  readonly #clock: Clock;
  readonly #waiting: Job[] = [];
  #running: number | undefined;

  /** @param answer is told of work that failed, and each second that there is some. */
  constructor(answer: Answer, clock: Clock = systemClock) {
    this.#answer = answer;
    this.#clock = clock;
  }

  add(id: number, limitMs: number, work: () => Promise<void>): void {
    this.#waiting.push({ id, limitMs, work });
    this.#next();
  }

  /** Nobody wants the work of `id` any more; what runs of it goes on. */
  drop(id: number): void {
    const at = this.#waiting.findIndex((job) => job.id === id);
    if (at !== -1) {
      this.#waiting.splice(at, 1);
    }
  }

  #next(): void {
    const job = this.#running === undefined ? this.#waiting.shift() : undefined;
    if (job === undefined) {
      return;
    }
    this.#running = job.id;
    const untilMs = this.#clock.nowMs() + job.limitMs;
    let timer: Timer;
    const sayLater = (): void => {
      timer = this.#clock.at(this.#clock.nowMs() + SAID_EVERY_MS, () => {
        if (this.#clock.nowMs() <= untilMs) {
          this.#answer(MESSAGE.working, 0);
          sayLater();
        }
      });
    };
    sayLater();
    job
      .work()
      .catch((error: unknown) => this.#answer(MESSAGE.refused, job.id, Buffer.from(messageOf(error))))
      .finally(() => {
        timer.cancel();
        this.#running = undefined;
        this.#next();
      });
  }
}
