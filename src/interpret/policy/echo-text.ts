/**
 * Whether what was recognised is our own translation come back through the speaker's phone: it was said while the
 * speaker was being spoken to, and its words are those being spoken. An answer repeats words of its question too, in
 * another order or with words of its own, and is no echo; nor is what repeats the last words of a question, which is
 * how one chooses. Whether the sound agrees is for the echo gate; text alone says "echo" only when it is plain.
 */

import type { Language } from '../../base/language.ts';
import { isQuestion } from './question.ts';
import { tokensOf } from './tokens.ts';

/** Words in which an echo cannot be told from chance. */
const FEWEST_WORDS = 3;
/** The share of pairs of words that must be ours. */
const ECHO_SHARE = 0.6;
/** An answer to a question may repeat so much of it: a choice, a day and an hour. */
const ANSWER_WORDS = 6;

/** `ours`: what the speaker is being told; `answer`: made of its words, but perhaps an answer to it; or `other`. */
export type Likeness = 'ours' | 'answer' | 'other';

/** @param heard what the speaker has been told lately. */
export function likenessTo(heard: readonly string[], text: string, language: Language): Likeness {
  const words = wordsOf(text, language);
  if (words.length < FEWEST_WORDS) {
    return 'other';
  }
  const ours = new Set(pairsOf(wordsOf(heard.join(' '), language)));
  const pairs = pairsOf(words);
  if (pairs.filter((pair) => ours.has(pair)).length < ECHO_SHARE * pairs.length) {
    return 'other';
  }
  return mayAnswer(words, heard.at(-1) ?? '', language) ? 'answer' : 'ours';
}

/** Whether `words` may be an answer to `question`, made of its words: not all of it. "三点可以吗" has "三点可以". */
function mayAnswer(words: readonly string[], question: string, language: Language): boolean {
  if (!isQuestion(question, language)) {
    return false;
  }
  const asked = wordsOf(question, language);
  const pairs = new Set(pairsOf(asked));
  const fromIt = pairsOf(words).some((pair) => pairs.has(pair));
  // One that begins with other words than the question may have words of its own in the place of what it leaves out.
  const shorter = words.length < asked.length || (words[0] !== asked[0] && words.length === asked.length);
  const own = words.some((word) => !asked.includes(word)) || words.at(-1) !== asked.at(-1);
  return fromIt && words.length <= ANSWER_WORDS && (shorter || own);
}

function wordsOf(text: string, language: Language): readonly string[] {
  return tokensOf(text, language)
    .map(({ word }) => word)
    .filter((word) => word !== '');
}

function pairsOf(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, index) => `${words[index]} ${word}`);
}
