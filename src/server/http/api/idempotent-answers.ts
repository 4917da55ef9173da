/**
 * Requests that may come twice, because who asked heard no answer: the second has the answer of the first, and nothing is
 * done again. Kept for a day, as many as there is room for, and no longer than what was answered is so.
 */

import { createHash } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import { Refused } from '../problem.ts';

/** How long an answer is kept, in ms. */
const KEEP_MS = 86_400_000;
/** Answers that are kept, some 1 KB each; the oldest are forgotten. */
const MOST_KEPT = 10_000;

interface Kept<Answer> {
  readonly asked: string;
  readonly answer: Answer;
  readonly untilMs: number;
}

/** Tells what is asked for from anything else; JSON of the same keys in another order is something else. */
export function hashOf(asked: unknown): string {
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64');
}

export class IdempotentAnswers<Answer> {
  readonly #clock: Clock;
  readonly #stands: (answer: Answer) => boolean;
  /** By who asked and their key, oldest first. */
  readonly #kept = new Map<string, Kept<Answer>>();

  /** @param stands whether an answer is still so; one that is not is never given again. Default: each is. */
  constructor(clock: Clock, stands: (answer: Answer) => boolean = () => true) {
    this.#clock = clock;
    this.#stands = stands;
  }

  /**
   * What `work` answers, or has answered to the same key of the same caller. @param key undefined: each is for itself.
   * @throws Refused when the key came with something else before.
   */
  once(caller: string, key: string | undefined, asked: unknown, work: () => Answer): Answer {
    if (key === undefined) {
      return work();
    }
    const nowMs = this.#clock.nowMs();
    const name = `${caller} ${key}`;
    const hash = hashOf(asked);
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.untilMs > nowMs && this.#stands(kept.answer)) {
      if (kept.asked !== hash) {
        throw new Refused(
          422,
          'key-used-before',
          'this Idempotency-Key came with another request before: take a new one for each call',
        );
      }
      return kept.answer;
    }
    const answer = work();
    this.#kept.delete(name);
    this.#kept.set(name, { asked: hash, answer, untilMs: nowMs + KEEP_MS });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) {
      this.#kept.delete(oldest);
    }
    return answer;
  }
}
