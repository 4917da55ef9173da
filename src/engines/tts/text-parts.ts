/**
 * A text in parts that are not too long for a model, cut where a voice would pause: after sentences, else after
 * clauses, else between words. Nothing is left out, and no letter is cut from its marks.
 */

import type { Language } from '../../base/language.ts';

/** Where a text may be cut, the best first: the marks stay with what is before them. */
const CUTS: readonly RegExp[] = [
  /(?<=[\p{Sentence_Terminal}…]["”’»)」』]*)(?:\s+|(?<=[。！？।]["”’»)」』]*))/u,
  /(?<=[,;:،؛、，；：–—-]["”’»)」』]*)(?:\s+|(?<=[、，；：]["”’»)」』]*))/u,
  /\s+/u,
];

/** The parts of `text`, none longer than `longestCharacters`, as few as its marks allow. */
export function partsOf(text: string, language: Language, longestCharacters: number): readonly string[] {
  return packed(text.trim(), language, longestCharacters, 0);
}

/** The two or more parts that the best marks of `text` make of it; one when there is nothing to cut at. */
export function partsAtMarks(text: string, language: Language): readonly string[] {
  for (const cut of CUTS.slice(0, 2)) {
    const parts = text.split(cut).filter((part) => part.trim() !== '');
    if (parts.length > 1) {
      return parts;
    }
  }
  return partsOf(text, language, Math.ceil(text.length / 2));
}

function packed(text: string, language: Language, longest: number, level: number): readonly string[] {
  if (text.length <= longest) {
    return text === '' ? [] : [text];
  }
  const cut = CUTS[level];
  const pieces = cut === undefined ? wordsOf(text, language) : text.split(cut);
  const glue = cut === undefined || !/\s/u.test(text) ? '' : ' ';
  const parts: string[] = [];
  for (const piece of pieces) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + glue.length + piece.length <= longest) {
      parts[parts.length - 1] = `${last}${glue}${piece}`;
    } else if (piece.length <= longest || cut === undefined) {
      parts.push(piece);
    } else {
      parts.push(...packed(piece, language, longest, level + 1));
    }
  }
  return parts;
}

/** Words where there are no blanks, and where one word alone is too long, its letters with their marks. */
function wordsOf(text: string, language: Language): readonly string[] {
  const words = [...new Intl.Segmenter(language, { granularity: 'word' }).segment(text)];
  return words.length > 1
    ? words.map(({ segment }) => segment)
    : [...new Intl.Segmenter(language).segment(text)].map(({ segment }) => segment);
}
