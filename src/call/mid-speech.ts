/**
 * What interprets may come in the midst of what a party says, of which it then hears the rest or, since speech is told
 * from noise by what was before it, nothing. So those whose language is interpreted from now on hear the party as it is
 * until it begins to say something else.
 */

import type { Clock } from '../base/clock.ts';
import type { Language } from '../base/language.ts';

/** Who is found to speak so soon after somebody began to listen had begun before, in ms. */
const FOUND_WITHIN_MS = 500;

export class MidSpeech {
  readonly #clock: Clock;
  /** By language, since when it is interpreted. */
  readonly #into = new Map<Language, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether what is being said is to be heard as it is by those who listen in `to`. */
  has(to: Language): boolean {
    return this.#into.has(to);
  }

  /** What is said is interpreted into `to` from now on. */
  begin(to: Language): void {
    this.#into.set(to, this.#clock.nowMs());
  }

  /** The party is found to speak. */
  started(): void {
    for (const [to, sinceMs] of this.#into) {
      if (this.#clock.nowMs() - sinceMs >= FOUND_WITHIN_MS) {
        this.#into.delete(to);
      }
    }
  }

  /** The party has come to an end of what it said. */
  ended(): void {
    this.#into.clear();
  }
}
