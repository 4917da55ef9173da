/**
 * What interprets may come in the midst of what a party says, of which it then hears only the rest. So what is being
 * said is heard as it is, to its end, by those whose language is interpreted from now on.
 */

import type { Clock } from '../base/clock.ts';
import type { Language } from '../base/language.ts';
import type { Scope } from '../base/scope.ts';

/** Who is found to speak so soon after somebody began to listen had begun before, in ms. */
const FOUND_WITHIN_MS = 500;

export class MidSpeech {
  readonly #clock: Clock;
  readonly #isSpeaking: () => boolean;
  readonly #into = new Set<Language>();

  /** @param isSpeaking whether the party is known to speak. */
  constructor(clock: Clock, isSpeaking: () => boolean) {
    this.#clock = clock;
    this.#isSpeaking = isSpeaking;
  }

  /** Whether what is being said is to be heard as it is by those who listen in `to`. */
  has(to: Language): boolean {
    return this.#into.has(to);
  }

  /**
   * It is interpreted into `to` from now on.
   * @param wasSilent hears that the party was silent, should it have been.
   */
  begin(to: Language, scope: Scope, wasSilent: () => void): void {
    this.#into.add(to);
    scope.run(async (signal) => {
      await this.#clock.sleep(FOUND_WITHIN_MS, signal);
      if (!this.#isSpeaking() && this.#into.delete(to)) {
        wasSilent();
      }
    });
  }

  /** The party has come to an end of what it said. */
  end(): void {
    this.#into.clear();
  }
}
