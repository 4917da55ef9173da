/**
 * Where a stressed word is in the translation of its clause, where that is sure: a name or a number that is written the
 * same, or what the word becomes when it is translated by itself, found exactly once. Pure; an ending
 * may differ, since "red" alone is "rojo" and the house is "roja".
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { wordOf } from '../policy/tokens.ts';
import { isFunctionWord } from './function-words.ts';

/** What two words share at their beginning to be the same with another ending, of the longer one, and in letters. */
const SAME_SHARE = 0.6;
const LEAST_SHARED = 3;
/** Longer is no ending, in letters. */
const LONGEST_ENDING = 4;

/** What to translate by itself to find a stressed word again, the surest first. */
export interface StressProbe {
  readonly text: string;
  /** Whether it has a word beside the stressed one that says which kind of word that is: "the meeting", "they sold". */
  readonly led: boolean;
}

/** @param words of the clause. @param place of the stressed one. */
export function probesFor(
  words: readonly string[],
  place: number,
  language: Language,
): readonly StressProbe[] {
  const [before, stressed] = [bareOf(words[place - 1] ?? ''), bareOf(words[place] ?? '')];
  const led = isFunctionWord(wordOf(before), baseLanguage(language));
  return [
    { text: stressed, led: false },
    ...(before !== '' && led ? [{ text: `${before} ${stressed}`, led: true }] : []),
  ];
}

/**
 * A word of the translation as it stands there, or several with blanks between; undefined: it is not sure which.
 * @param probed translations of the probes, in their order. @param to the language of the translation.
 */
export function placeOf(
  stressed: string,
  translation: string,
  probed: readonly { readonly text: string; readonly led: boolean }[],
  to: Language,
): string | undefined {
  const words = translation.split(/\s+/).filter((text) => wordOf(text) !== '');
  const candidates = [
    [stressed],
    ...probed.map(({ text, led }) =>
      text
        .split(/\s+/)
        .filter((word) => wordOf(word) !== '' && !(led && isFunctionWord(wordOf(word), baseLanguage(to)))),
    ),
  ];
  for (const parts of candidates) {
    const place = parts.length === 0 ? undefined : once(words, parts);
    if (place !== undefined) {
      return place;
    }
  }
  return undefined;
}

/** The stretch of `words` that `parts` are, if there is one and no other. */
function once(words: readonly string[], parts: readonly string[]): string | undefined {
  for (const alike of [isSame, isSameWithAnotherEnding]) {
    const places = words.flatMap((_, from) =>
      parts.every((part, index) => alike(words[from + index] ?? '', part)) ? [from] : [],
    );
    const [from, ...others] = places;
    if (from !== undefined) {
      return others.length === 0 ? bareOf(words.slice(from, from + parts.length).join(' ')) : undefined;
    }
  }
  return undefined;
}

function isSame(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

function isSameWithAnotherEnding(one: string, other: string): boolean {
  const [a, b] = [[...folded(one)], [...folded(other)]];
  const longest = Math.max(a.length, b.length);
  let shared = 0;
  while (shared < Math.min(a.length, b.length) && a[shared] === b[shared]) {
    shared += 1;
  }
  return shared >= LEAST_SHARED && shared >= SAME_SHARE * longest && longest - shared <= LONGEST_ENDING;
}

/** Letters and digits without accents, in lower case. */
function folded(text: string): string {
  return wordOf(text.normalize('NFD').replace(/\p{M}/gu, ''));
}

/** Without the marks around it. */
function bareOf(text: string): string {
  return text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, '');
}
