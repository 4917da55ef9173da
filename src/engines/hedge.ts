/**
 * A second request when the first is slow to answer: what one of many servers holds up, another answers at once. A
 * hedge helps against a slow server and harms a slow provider, so hedges come out of a budget.
 */

import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { afterPatience } from '../base/patience.ts';

export interface HedgeOptions {
  /** How long the first attempt has before a second one starts, in ms. */
  readonly hedgeAfterMs: number;
  /** How long both have together, from the start of the first, in ms. */
  readonly deadlineMs: number;
  /** What `engine-timeout` says when the deadline passes. */
  readonly timeoutMessage: string;
  /** Asked when a second attempt is due; default always. */
  readonly mayHedge?: () => boolean;
}

/**
 * Resolves with the first answer of `attempt`, which is called once, and once more when the first call has neither
 * answered nor failed after `hedgeAfterMs`. An attempt's signal aborts when its answer is no longer wanted; one that
 * goes on nevertheless is ignored. An attempt that fails is not made again: only slowness is hedged.
 * @throws what the first attempt threw, when no attempt is left; AppError `engine-timeout`; the signal's reason when
 * it aborts first.
 */
export function hedged<T>(
  clock: Clock,
  options: HedgeOptions,
  signal: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const startMs = clock.nowMs();
    const unwanted = new AbortController();
    const errors: unknown[] = [];
    let started = 0;
    let running = 0;

    const finish = (settle: () => void): void => {
      deadline.cancel();
      hedge.cancel();
      signal.removeEventListener('abort', onAbort);
      settle();
      unwanted.abort(new AppError('closed', 'the answer is no longer wanted'));
    };
    const onAbort = (): void => finish(() => reject(signal.reason));
    const start = (): void => {
      const index = started;
      started += 1;
      running += 1;
      attempt(unwanted.signal).then(
        (answer) => finish(() => resolve(answer)),
        (error: unknown) => {
          running -= 1;
          errors[index] = error;
          if (running === 0) {
            finish(() => reject(errors[0]));
          }
        },
      );
    };

    const deadline = afterPatience(clock, startMs + options.deadlineMs, () =>
      finish(() => reject(new AppError('engine-timeout', options.timeoutMessage))),
    );
    const hedge = afterPatience(clock, startMs + options.hedgeAfterMs, () => {
      if (options.mayHedge?.() ?? true) {
        start();
      }
    });
    signal.addEventListener('abort', onAbort, { once: true });
    start();
  });
}

/** How many requests the budget looks back on. */
const WINDOW_REQUESTS = 100;

/** The most hedges among them: 10 % of load on top, at worst. */
const HEDGES_PER_WINDOW = 10;

/** Lets at most one request in ten be hedged, counted over the last 100; the first ten may come at once. */
export class HedgeBudget {
  /** The number of the request that each hedge of the window was for, oldest first. */
  readonly #hedged: number[] = [];
  #requests = 0;

  /** Counts a request that is no hedge. */
  countRequest(): void {
    this.#requests += 1;
  }

  /** Takes a hedge out of the budget; false when it is used up. */
  take(): boolean {
    const windowStart = this.#requests - WINDOW_REQUESTS;
    while (this.#hedged[0] !== undefined && this.#hedged[0] <= windowStart) {
      this.#hedged.shift();
    }
    if (this.#hedged.length >= HEDGES_PER_WINDOW) {
      return false;
    }
    this.#hedged.push(this.#requests);
    return true;
  }
}
