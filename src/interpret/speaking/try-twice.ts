/**
 * One more try for what may go right the second time.
 */

import { AppError } from '../../base/errors.ts';
import { LIMITS } from '../limits.ts';

/** Runs `work` again, once, when it fails and trying again can help. Throws what the last try throws. */
export async function tryTwice<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const hopeless = error instanceof AppError && error.permanent;
      if (attempt >= LIMITS.tries || hopeless || signal.aborted) {
        throw error;
      }
    }
  }
}
