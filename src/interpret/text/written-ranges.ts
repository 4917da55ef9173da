/** What stands between two numbers in words: "5-10", "9시~6시"; and parts behind whole numbers as decimals: "2½". */

import { baseLanguage, type Language } from '../../base/language.ts';
import { separatorsOf } from './digits.ts';

/** What "+" is called before a number, and "-" between two. */
const PLUS_AND_TO: ReadonlyMap<string, readonly [plus: string, to: string]> = new Map([
  ['en', ['plus', 'to']],
  ['de', ['plus', 'bis']],
  ['fr', ['plus', 'à']],
  ['es', ['más', 'a']],
  ['it', ['più', 'a']],
  ['pt', ['mais', 'a']],
  ['nl', ['plus', 'tot']],
  ['pl', ['plus', 'do']],
  ['cs', ['plus', 'až']],
  ['sv', ['plus', 'till']],
]);

const RANGE = /(?<![\d.,\p{L}-])(\d{1,4}(?:[.,]\d+)?\s?[%€$£°]?)\s?-\s?(?=[€$£]?\d{1,4}(?![\d-]))/gu;
/** From a number to another, as far as `cleaned` has left the mark. */
const WAVE = /(?<=\p{N}\S{0,8})~(?=(?:\S+\s)?\S*\p{N})/gu;
const WAVE_WORDS: ReadonlyMap<string, string> = new Map([
  ['ko', '에서 '],
  ['ja', 'から'],
  ['zh', '到'],
]);

/** What "+" is called in `language`; empty where that is not known. */
export function plusOf(language: Language): string {
  return PLUS_AND_TO.get(baseLanguage(language))?.[0] ?? '';
}

/** `text` with a word for the hyphen between two numbers, where its language is known to have one. */
export function hyphensInWords(text: string, language: Language): string {
  const [, to] = PLUS_AND_TO.get(baseLanguage(language)) ?? [];
  return to === undefined ? text : text.replace(RANGE, `$1 ${to} `);
}

/** Parts of a whole number behind it, as decimals: "2½". Those that go on for ever are left to the engine. */
const PARTS: ReadonlyMap<string, string> = new Map([
  ['½', '5'],
  ['¼', '25'],
  ['¾', '75'],
  ['⅛', '125'],
]);

/** `text` with the parts behind its whole numbers as decimals of its language. */
export function partsAsDecimals(text: string, language: Language): string {
  return text.replace(
    /(?<![\d.,/])(\d+)\s?([½¼¾⅛])/gu,
    (_, whole: string, part: string) =>
      `${whole}${separatorsOf(language).decimal === ',' ? ',' : '.'}${PARTS.get(part)}`,
  );
}

/** `text` with a word for the mark between two numbers, where its language is known to have one. */
export function rangesInWords(text: string, language: Language): string {
  const [, to] = PLUS_AND_TO.get(baseLanguage(language)) ?? [];
  const word = WAVE_WORDS.get(baseLanguage(language)) ?? (to === undefined ? undefined : ` ${to} `);
  return word === undefined ? text : text.replace(WAVE, word);
}
