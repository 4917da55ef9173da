/**
 * What is left of a text when its speech broke off: engines do not say how far they came, but how long one takes over a
 * character is much the same from text to text.
 */

import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';

/** Speech broke off, and nobody could go on with it at once. */
export class BrokenOffError extends AppError {
  /** What is left of the text. */
  readonly rest: string;

  /** @param cause what the engine that broke off failed with. */
  constructor(cause: AppError, rest: string) {
    super(cause.code, cause.message, cause);
    this.rest = rest;
  }
}

/** Most languages, at an ordinary pace: 14 characters a second. */
const USUAL_MS_PER_CHARACTER = 70;
/** What was learned before weighs this much less with each text. */
const FADING = 0.8;
/** Shorter texts are mostly pause. */
const LEARNED_CHARACTERS = 20;

/** How long a character takes an engine, by language. */
export class SpokenRate {
  /** Characters and ms of the latest texts, by engine and language. */
  readonly #spoken = new Map<string, { readonly characters: number; readonly ms: number }>();

  msPerCharacter(engine: string, language: Language): number {
    const spoken = this.#spoken.get(`${engine} ${language}`);
    return spoken === undefined ? USUAL_MS_PER_CHARACTER : spoken.ms / spoken.characters;
  }

  /** A text was spoken to its end in so long. */
  learn(engine: string, text: string, language: Language, spokenMs: number): void {
    if (text.length >= LEARNED_CHARACTERS && spokenMs > 0) {
      const key = `${engine} ${language}`;
      const { characters, ms } = this.#spoken.get(key) ?? { characters: 0, ms: 0 };
      this.#spoken.set(key, {
        characters: characters * FADING + text.length,
        ms: ms * FADING + spokenMs,
      });
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
