/**
 * Asks one after the other until somebody answers: the next when one has failed, or, without giving up on the one
 * that is late, when it is late. Whom to ask next, and after which pause, says whoever asks.
 */

import type { Clock, Timer } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { afterPatience } from '../../base/patience.ts';
import { GivenUpError } from './faults.ts';

export interface Attempt<Answer> {
  /** Pause before it, in ms. */
  readonly afterMs: number;
  /** How long it may take before the next one is asked as well, in ms. */
  readonly lateAfterMs: number;
  run(signal: AbortSignal): Promise<Answer>;
  /** It has failed. */
  failed?(error: unknown): void;
  /** Another answered first, and it was late. */
  beaten?(): void;
  /** Its answer came when it was not wanted any more. */
  discard?(answer: Answer): void;
}

/** @param why what the next attempt is for; undefined for the first. @returns undefined when there is nobody else. */
export type NextAttempt<Each> = (why: 'failed' | 'late' | undefined) => Each | undefined;

/**
 * Resolves with the first answer, and which attempt it is from. The signals of all others abort then; its own does not.
 * @throws GivenUpError with what the first attempt failed with, when nobody is left; the signal's reason when it aborts
 * first.
 */
export function firstAnswer<Answer, Each extends Attempt<Answer>>(
  clock: Clock,
  signal: AbortSignal,
  next: NextAttempt<Each>,
): Promise<{ readonly answer: Answer; readonly attempt: Each }> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const running = new Map<Each, AbortController>();
    const late = new Set<Each>();
    const timers = new Set<Timer>();
    const errors: unknown[] = [];
    let over = false;

    const finish = (settle: () => void): void => {
      over = true;
      for (const timer of timers) {
        timer.cancel();
      }
      signal.removeEventListener('abort', onAbort);
      settle();
      for (const [attempt, own] of running) {
        own.abort(new AppError('closed', 'the answer is no longer wanted'));
        if (late.has(attempt) && !signal.aborted) {
          attempt.beaten?.();
        }
      }
    };
    const onAbort = (): void => finish(() => reject(signal.reason));
    const later = (ms: number, then: () => void): void => {
      const timer = afterPatience(clock, clock.nowMs() + ms, () => {
        timers.delete(timer);
        then();
      });
      timers.add(timer);
    };
    const go = (why: 'failed' | 'late' | undefined): boolean => {
      const attempt = next(why);
      if (attempt === undefined) {
        return false;
      }
      running.set(attempt, new AbortController());
      if (attempt.afterMs > 0) {
        later(attempt.afterMs, () => begin(attempt));
      } else {
        begin(attempt);
      }
      return true;
    };
    const begin = (attempt: Each): void => {
      const own = running.get(attempt);
      if (own === undefined) {
        return;
      }
      later(attempt.lateAfterMs, () => {
        if (running.has(attempt)) {
          late.add(attempt);
          go('late');
        }
      });
      attempt.run(own.signal).then(
        (answer) => {
          if (over) {
            attempt.discard?.(answer);
            return;
          }
          running.delete(attempt);
          finish(() => resolve({ answer, attempt }));
        },
        (error: unknown) => {
          if (over) {
            return;
          }
          running.delete(attempt);
          errors.push(error);
          attempt.failed?.(error);
          if (!go('failed') && running.size === 0) {
            finish(() => reject(givenUp(errors[0])));
          }
        },
      );
    };

    signal.addEventListener('abort', onAbort, { once: true });
    if (!go(undefined)) {
      finish(() => reject(new AppError('engine-overloaded', 'there is no engine that may be asked')));
    }
  });
}

/** The error of the best engine, so that asking again is seen to be pointless. */
function givenUp(error: unknown): unknown {
  return error instanceof AppError ? new GivenUpError(error) : error;
}
