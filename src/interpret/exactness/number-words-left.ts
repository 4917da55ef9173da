/**
 * Whether a translation has number words that say nothing the source says, as far as that could be read: what seems to be
 * lost may be said by them, in a way that is not known here.
 */

import type { Language } from '../../base/language.ts';
import { isMadeOfNumbers } from '../policy/number-joints.ts';
import { isSpaced } from '../policy/unspaced-words.ts';
import { numberWordsOf, phraseKey } from '../text/number-words.ts';
import { segmentsOf } from '../text/segments.ts';

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Numerals that are no words of a list. A single 一 is part of many words. */
const NUMERALS =
  /[〇零一二三四五六七八九十百千万萬億亿两兩]{2,}|[二三四五六七八九十百千万萬億亿两兩]|[일이삼사오육칠팔구십백천만억조]{2,}|は(?:たち|つか)|ふつか|みっか|よっか|いつか|むいか|なのか|ようか|ここのか|とおか|[ふみよむや]っ?つ|ここのつ/gu;
const WORD = /[\p{L}\p{M}ʼ’']+/gu;
/** How far from a number a word is beside it, in characters: a short word may stand between. */
const BESIDE = 6;
/** A multiplier that is no shorter is no unit and no letter. */
const SHORTEST_MULTIPLIER = 3;
/** As much of a word as its parts that are numbers have. */
const LEAST_SHARE = 0.6;
const SHORTEST_PART = 3;

/**
 * @param kept what of the text is known to be said by the source.
 * @param near looks only beside this place; undefined: everywhere.
 */
export function hasNumberWords(
  text: string,
  language: Language,
  kept: readonly Place[],
  near?: Place,
): boolean {
  const isFree = ({ start, end }: Place): boolean =>
    !kept.some((other) => start < other.end && other.start < end) &&
    (near === undefined ||
      ((end <= near.start || start >= near.end) && start <= near.end + BESIDE && end >= near.start - BESIDE));
  return placesOf(text, language).some(isFree);
}

/** Whether number words of `language` are known at all. */
export function knowsNumberWords(language: Language): boolean {
  return numberWordsOf(language).phrases.size > 0;
}

function placesOf(text: string, language: Language): readonly Place[] {
  const numerals = [...text.matchAll(NUMERALS)].map(placeOf);
  const words = isSpaced(language)
    ? [...text.matchAll(WORD)].filter(([word]) => isNumberWord(word, language)).map(placeOf)
    : segmentsOf(text, language)
        .filter(({ segment }) => isMadeOfNumbers(segment, language))
        .map(({ segment, index }) => ({ start: index, end: index + segment.length }));
  return [...numerals, ...words];
}

function placeOf({ 0: { length }, index }: RegExpExecArray): Place {
  return { start: index, end: index + length };
}

/** A one is an article in many languages, and ordinals are words of other kinds in some. */
function isNumberWord(word: string, language: Language): boolean {
  const { phrases, multipliers } = numberWordsOf(language);
  const key = phraseKey(word);
  const known = phrases.get(key);
  return (
    (known !== undefined && !known.ordinal && known.value > 1) ||
    (multipliers.has(key) && key.length >= SHORTEST_MULTIPLIER) ||
    (known === undefined && (isCompound(key, language) || isDeclined(key, language)))
  );
}

/** An ending of up to as many letters, and as many of what is listed. */
const MOST_ENDING = 2;

/** Whether a number word differs from `key` in its ending alone: "limang" of "lima", "hiljadu" of "hiljada". */
function isDeclined(key: string, language: Language): boolean {
  const { phrases, multipliers } = numberWordsOf(language);
  const stem = unaccented(key).slice(0, -MOST_ENDING);
  const isNear = (word: string): boolean =>
    word.length >= SHORTEST_MULTIPLIER &&
    word.length <= key.length + MOST_ENDING &&
    unaccented(word).startsWith(stem);
  return (
    stem.length >= SHORTEST_PART &&
    ([...multipliers.keys()].some(isNear) ||
      [...phrases].some(([word, { value, ordinal }]) => value > 1 && !ordinal && isNear(word)))
  );
}

/** "Neunzehnhundertfünfundachtzig" is nothing but numbers and what joins them. */
function isCompound(key: string, language: Language): boolean {
  const { phrases, multipliers } = numberWordsOf(language);
  let covered = 0;
  for (let at = 0; at < key.length; ) {
    let end = key.length;
    while (end >= at + SHORTEST_PART) {
      const part = key.slice(at, end);
      if ((phrases.get(part)?.value ?? 0) > 1 || multipliers.has(part)) {
        break;
      }
      end -= 1;
    }
    const found = end >= at + SHORTEST_PART;
    covered += found ? end - at : 0;
    at = found ? end : at + 1;
  }
  return covered >= LEAST_SHARE * key.length && covered > 0;
}

/** CLDR writes the accents of Filipino, which nobody else does. */
function unaccented(text: string): string {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/gu, '');
}
