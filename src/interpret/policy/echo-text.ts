/**
 * Whether what was recognised is our own translation come back through the speaker's phone: it was said while the
 * speaker was being spoken to, and its words are those being spoken. Repeating something after having heard it, as
 * people do with dates and numbers, is no echo.
 */

import type { Language } from '../../base/language.ts';
import { tokensOf } from './tokens.ts';

/** Words in which an echo cannot be told from chance. */
const FEWEST_WORDS = 3;
/** The share of pairs of words that must be ours. */
const ECHO_SHARE = 0.6;

/** @param heard what the speaker has been told lately. */
export function isEcho(text: string, heard: readonly string[], language: Language): boolean {
  const words = wordsOf(text, language);
  if (words.length < FEWEST_WORDS) {
    return false;
  }
  const ours = new Set(pairsOf(wordsOf(heard.join(' '), language)));
  const pairs = pairsOf(words);
  return pairs.filter((pair) => ours.has(pair)).length >= ECHO_SHARE * pairs.length;
}

function wordsOf(text: string, language: Language): readonly string[] {
  return tokensOf(text, language)
    .map(({ word }) => word)
    .filter((word) => word !== '');
}

function pairsOf(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, index) => `${words[index]} ${word}`);
}
