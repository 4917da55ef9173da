/**
 * A translation that can be undone: each word gets an `e` in front, numbers and marks stay, and where the other
 * language is the longer one a filler goes before every fourth word. So of any spoken text it is known which words it
 * came from.
 */

import { wordsOf } from './word-truth.ts';

const FILLER = 'oui';
/** One filler for so many words: a quarter more of them. */
const WORDS_PER_FILLER = 4;

/** @param longer whether fillers are put in. */
export function translate(text: string, longer = false): string {
  const words = wordsOf(text).flatMap((word, index) => {
    const translated = word.replace(/^([^\p{L}\p{N}]*)(?=\p{L})/u, '$1e');
    return longer && index % WORDS_PER_FILLER === WORDS_PER_FILLER - 1 ? [FILLER, translated] : [translated];
  });
  return words.join(' ');
}

/** The words a translation was made of. */
export function untranslate(text: string): readonly string[] {
  return wordsOf(text)
    .filter((word) => word !== FILLER)
    .map((word) => word.replace(/^([^\p{L}\p{N}]*)e(?=\p{L})/u, '$1'));
}
