/** What was heard, in pieces: by utterance, and one after the other. */

import { putTogether } from '../put-together.ts';
import type { Word } from '../stt-engine.ts';
import type { HeardWord } from './listen-messages.ts';
import type { UtteranceTimeline } from './utterance-timeline.ts';

/** What is known of one stretch of an utterance. */
export interface Piece {
  readonly text: string;
  readonly words: readonly Word[];
}

export const NO_PIECE: Piece = { text: '', words: [] };

/** One piece after the other. */
export function joinPieces(first: Piece, second: Piece): Piece {
  if (second.text === '') {
    return first.text === '' ? NO_PIECE : first;
  }
  return first.text === ''
    ? second
    : {
        text: putTogether([first.text, second.text]),
        words: [...first.words, ...second.words],
      };
}

/** Words in a row. */
export function joinWords(words: readonly { readonly text: string }[]): string {
  return putTogether(words.map(({ text }) => text));
}

/** The part of a word whose time is surest, in ms. */
export function middleOf({ startMs, endMs }: HeardWord): number {
  return (startMs + endMs) / 2;
}

/**
 * What was said, by utterance; words that belong to none are left out.
 * @param ownerOf the utterance a word belongs to; default the one that has its middle.
 */
export function splitByUtterance(
  heard: { readonly text: string; readonly words: readonly HeardWord[] },
  timeline: UtteranceTimeline,
  ownerOf = (word: HeardWord): number | undefined => timeline.at(middleOf(word)),
): ReadonlyMap<number, Piece> {
  const words = new Map<number, Word[]>();
  let ownerless = false;
  for (const word of heard.words) {
    const { text, startMs, endMs } = word;
    const utterance = ownerOf(word);
    if (utterance === undefined) {
      ownerless = true;
      continue;
    }
    const own = words.get(utterance) ?? [];
    own.push({
      text,
      startMs: timeline.inUtterance(utterance, startMs),
      endMs: timeline.inUtterance(utterance, endMs),
    });
    words.set(utterance, own);
  }
  const whole = words.size === 1 && !ownerless;
  return new Map(
    [...words].map(([utterance, own]) => [
      utterance,
      // The provider's own text is better than its words in a row: numbers are written as numbers.
      { words: own, text: whole ? heard.text : joinWords(own) },
    ]),
  );
}
