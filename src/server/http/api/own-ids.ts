/**
 * Calls whose ids whoever registers them has chosen: to ask again is to have the same answer, and no second call. An id
 * that a call has had is nobody else's for a day.
 */

import type { Clock } from '../../../base/clock.ts';
import { Refused } from '../problem.ts';
import { hashOf } from './idempotent-answers.ts';

/** How long an id is remembered, in ms. */
const KEEP_MS = 86_400_000;
/** Answers that are kept, some 1 KB each; the oldest are forgotten. */
const MOST_KEPT = 10_000;

interface Kept<Answer> {
  readonly by: string;
  readonly asked: string;
  readonly answer: Answer;
  readonly untilMs: number;
  ended: boolean;
}

export class OwnIds<Answer> {
  readonly #clock: Clock;
  readonly #isThere: (id: string) => boolean;
  /** The oldest first. */
  readonly #kept = new Map<string, Kept<Answer>>();

  /** @param isThere whether a call of this id is waited for, or runs. */
  constructor(clock: Clock, isThere: (id: string) => boolean) {
    this.#clock = clock;
    this.#isThere = isThere;
  }

  /**
   * What `register` answers, or has answered to the same caller who asked for the same; a call that nobody came to, or
   * that was withdrawn, is registered anew.
   * @throws Refused where the id is another call's, or the call has been.
   */
  once(id: string, by: string, asked: unknown, register: () => Answer): { answer: Answer; isNew: boolean } {
    const nowMs = this.#clock.nowMs();
    const hash = hashOf(asked);
    const found = this.#kept.get(id);
    const kept = found !== undefined && found.untilMs > nowMs ? found : undefined;
    const isThere = this.#isThere(id);
    if (isThere && kept?.by === by && kept.asked === hash) {
      return { answer: kept.answer, isNew: false };
    }
    if (isThere) {
      throw new Refused(
        409,
        'call-exists',
        'there is another call of this id: take a new UUID for each call, and send the same body when you ask again',
      );
    }
    if (kept?.ended === true) {
      throw new Refused(409, 'call-ended', 'the call of this id has ended: take a new UUID for each call');
    }
    const answer = register();
    this.#kept.delete(id);
    this.#kept.set(id, { by, asked: hash, answer, untilMs: nowMs + KEEP_MS, ended: false });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) {
      this.#kept.delete(oldest);
    }
    return { answer, isNew: true };
  }

  /** The call of this id is over. */
  ended(id: string): void {
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      kept.ended = true;
    }
  }
}
