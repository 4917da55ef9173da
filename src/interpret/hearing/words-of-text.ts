/**
 * Which of the words that recognition gives times for a piece of its text is: the text has marks and capitals that the
 * words may not have. Pure; where they do not agree word by word, none of them are.
 */

import type { Word } from '../../engines/stt/stt-engine.ts';
import { wordOf } from '../policy/tokens.ts';

/** How many words may have been heard otherwise meanwhile. */
const MOST_MOVED = 3;

/** @param from the first word that is not in a piece before. @returns `next`: the first one after the piece. */
export function wordsOfText(
  words: readonly Word[],
  from: number,
  text: string,
): { readonly words: readonly Word[]; readonly next: number } | undefined {
  const wanted = text
    .split(/\s+/)
    .map(wordOf)
    .filter((word) => word !== '');
  const known = words.map((word) => wordOf(word.text));
  const first = Math.max(0, from - MOST_MOVED);
  for (const start of nearest(from, first, from + MOST_MOVED)) {
    if (wanted.length > 0 && wanted.every((word, index) => word === known[start + index])) {
      const next = start + wanted.length;
      return { words: words.slice(start, next), next };
    }
  }
  return undefined;
}

/** All from `least` to `most`, those near `middle` first. */
function nearest(middle: number, least: number, most: number): readonly number[] {
  return Array.from({ length: most - least + 1 }, (_, index) => least + index).sort(
    (one, other) => Math.abs(one - middle) - Math.abs(other - middle),
  );
}
