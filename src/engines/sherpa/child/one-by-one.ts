/**
 * Work that is done one piece after the other, though each of it waits: two at once would each take twice as long, and
 * the first who asked would wait for the second. How much may wait is bounded by those who ask.
 */

import { messageOf } from '../../../base/errors.ts';
import { MESSAGE } from '../model-wire.ts';
import type { Answer } from './service.ts';

interface Job {
  readonly id: number;
  readonly work: () => Promise<void>;
}

export class OneByOne {
  readonly #answer: Answer;
  readonly #waiting: Job[] = [];
  #running: number | undefined;

  /** @param answer is told of work that failed. */
  constructor(answer: Answer) {
    this.#answer = answer;
  }

  add(id: number, work: () => Promise<void>): void {
    this.#waiting.push({ id, work });
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
    job
      .work()
      .catch((error: unknown) => this.#answer(MESSAGE.refused, job.id, Buffer.from(messageOf(error))))
      .finally(() => {
        this.#running = undefined;
        this.#next();
      });
  }
}
