/**
 * The words of languages that are written without blanks, by ICU's dictionaries. Latin words, addresses and decimals
 * inside stay whole, marks stand with the word before them, opening brackets with the word after them. A border that
 * was relied upon can be kept, since the dictionary changes its mind when more is heard.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { segmentsOf } from '../text/segments.ts';

/** A word with its marks, and whether a blank stands before it. */
export interface Piece {
  readonly text: string;
  readonly blank: boolean;
}

const UNSPACED: ReadonlySet<string> = new Set(['ja', 'zh', 'yue', 'th', 'lo', 'km', 'my', 'bo', 'dz']);

/** Latin letters and digits with what holds a number, an address or a name of them together. */
const LATIN =
  /[\p{Script=Latin}\p{Nd}](?:[\p{Script=Latin}\p{M}\p{Nd}]|[.@_:/+&=%#'’,，-]{1,3}(?=[\p{Script=Latin}\p{Nd}])|\+\+|#)*/gu;
/** Recognition puts blanks between Chinese and Japanese words, which nobody writes. */
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\u3000-\u303f\uff00-\uffef]/u;

/** Whether words of `language` stand apart. */
export function isSpaced(language: Language): boolean {
  return !UNSPACED.has(baseLanguage(language));
}

/**
 * The words of `text`.
 * @param known words whose borders are kept as far as `text` begins with their letters.
 */
export function unspacedWords(text: string, language: Language, known: readonly string[]): readonly Piece[] {
  const { pieces, rest } = keptPieces(text, known);
  let end = pieces.at(-1)?.text.at(-1) ?? '';
  for (const [index, stretch] of rest.split(/\s+/u).entries()) {
    let blank = index > 0 && end !== '' && !(CJK.test(end) && CJK.test(stretch.slice(0, 1)));
    for (const part of partsOf(stretch, language)) {
      add(pieces, part, blank);
      blank = false;
    }
    end = stretch.at(-1) ?? end;
  }
  return pieces;
}

/** Puts what is no word to the word before it, or holds it for the word after it when it opens something. */
function add(pieces: Piece[], text: string, blank: boolean): void {
  const last = pieces.at(-1);
  const opening = last !== undefined && !hasLetters(last.text);
  if (
    last !== undefined &&
    !blank &&
    (opening || (!hasLetters(text) && !/^[\p{Ps}\p{Pi}¿¡$€£¥#+]/u.test(text)))
  ) {
    pieces[pieces.length - 1] = { text: last.text + text, blank: last.blank };
  } else {
    pieces.push({ text, blank });
  }
}

/** The parts of a text without blanks: Latin stretches whole, the rest by the dictionary. */
function partsOf(text: string, language: Language): readonly string[] {
  const parts: string[] = [];
  let done = 0;
  for (const match of text.matchAll(LATIN)) {
    parts.push(...segmented(text.slice(done, match.index), language), match[0]);
    done = match.index + match[0].length;
  }
  parts.push(...segmented(text.slice(done), language));
  return parts;
}

function segmented(text: string, language: Language): readonly string[] {
  return text === '' ? [] : segmentsOf(text, language).map(({ segment }) => segment);
}

/** The beginning of `text` in the words that are known, with the marks and blanks it has now. */
function keptPieces(
  text: string,
  known: readonly string[],
): { readonly pieces: Piece[]; readonly rest: string } {
  const pieces: Piece[] = [];
  let at = 0;
  for (const word of known) {
    const end = word === '' ? undefined : endOfLetters(text, at, word);
    if (end === undefined) {
      break;
    }
    // Marks behind the word are its own; what opens belongs to the next.
    const marks = /^(?![\p{Ps}\p{Pi}])[^\p{L}\p{M}\p{N}\s\p{Ps}\p{Pi}]*/u.exec(text.slice(end))?.[0] ?? '';
    const written = text.slice(at, end + marks.length);
    const before = pieces.at(-1)?.text.at(-1) ?? '';
    const blank =
      /^\s/u.test(written) && before !== '' && !(CJK.test(before) && CJK.test(written.trim().slice(0, 1)));
    pieces.push({ text: written.trim(), blank });
    at = end + marks.length;
  }
  return { pieces, rest: text.slice(at) };
}

/** Where the letters of `word` end in `text` from `at` on; undefined when other letters stand there. */
function endOfLetters(text: string, at: number, word: string): number | undefined {
  let left = word;
  let end = at;
  for (const character of text.slice(at)) {
    if (left === '') {
      break;
    }
    end += character.length;
    const letter = hasLetters(character) ? character.toLowerCase() : '';
    if (!left.startsWith(letter)) {
      return undefined;
    }
    left = left.slice(letter.length);
  }
  // A border inside a Latin word or between a letter and its mark was none.
  const cut =
    /^(?:\p{M}|[\p{Script=Latin}\p{Nd}])/u.test(text.slice(end)) && /[\p{Script=Latin}\p{Nd}]$/u.test(word);
  return left === '' && !cut && !/^\p{M}/u.test(text.slice(end)) ? end : undefined;
}

function hasLetters(text: string): boolean {
  return /[\p{L}\p{M}\p{N}]/u.test(text);
}
