/**
 * What is left of a text when its speech broke off: engines do not say how far they came, but how long they take over a
 * character is much the same from text to text.
 */

import type { Language } from '../../base/language.ts';

/** Most languages, at an ordinary pace: 14 characters a second. */
const USUAL_MS_PER_CHARACTER = 70;
/** Weight of the latest text. */
const LEARNING = 0.2;
/** Shorter texts are mostly pause. */
const LEARNED_CHARACTERS = 20;

/** How long a character takes, by language. */
export class SpokenRate {
  readonly #msPerCharacter = new Map<Language, number>();

  msPerCharacter(language: Language): number {
    return this.#msPerCharacter.get(language) ?? USUAL_MS_PER_CHARACTER;
  }

  /** A text was spoken to its end in so long. */
  learn(text: string, language: Language, spokenMs: number): void {
    if (text.length >= LEARNED_CHARACTERS && spokenMs > 0) {
      const before = this.msPerCharacter(language);
      this.#msPerCharacter.set(language, before + LEARNING * (spokenMs / text.length - before));
    }
  }
}

/**
 * The rest of `text`, from the beginning of the word in which its speech broke off; empty when it had come to the end.
 * @param spokenMs how much of it there was.
 */
export function unspokenOf(text: string, msPerCharacter: number, spokenMs: number): string {
  const at = Math.round(spokenMs / msPerCharacter);
  if (at >= text.length) {
    return '';
  }
  const blank = /\s/u;
  let start = at;
  while (start > 0 && !blank.test(text[start - 1] ?? '')) {
    start -= 1;
  }
  // Where there are no blanks words cannot be told apart here: better a syllable lost than a sentence twice.
  return (start === 0 && at > 0 && !blank.test(text) ? text.slice(at) : text.slice(start)).trim();
}
