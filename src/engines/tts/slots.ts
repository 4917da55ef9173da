/**
 * A fixed number of places for work that needs a process of its own; those who find none wait in line, and
 * past the line's limit they are refused.
 */

import { AppError } from '../../base/errors.ts';

export class Slots {
  readonly #waitingLimit: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /**
   * @param count how many may be taken at once.
   * @param waitingLimit how many may wait.
   */
  constructor(count: number, waitingLimit: number) {
    this.#free = count;
    this.#waitingLimit = waitingLimit;
  }

  /**
   * Resolves with the function that gives the place back, to be called exactly once.
   * @throws AppError `engine-overloaded` when too many wait; the signal's reason when it aborts first.
   */
  take(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#free > 0) {
        this.#free -= 1;
        resolve(() => this.#release());
        return;
      }
      if (this.#waiting.length >= this.#waitingLimit) {
        throw new AppError('engine-overloaded', 'as many segments wait to be spoken as may');
      }
      const turn = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(() => this.#release());
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(turn);
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free += 1;
    } else {
      next();
    }
  }
}
