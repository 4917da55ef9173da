/**
 * Where a text has numbers of four digits and more, however they are written or said: with blanks and marks between, as
 * ordinals, with letters among the digits, digit by digit in words, in hundreds. Rather too much is found than too little.
 */

import type { Language } from '../../base/language.ts';
import type { Reading } from '../../interpret/exactness/reading.ts';
import { saidValues } from '../../interpret/exactness/said-values.ts';

export interface Range {
  readonly start: number;
  readonly end: number;
}

const LEAST_DIGITS = 4;
/** Digits with what may stand between those of one number: card numbers come in groups. */
const LONG_NUMBER = /\p{Nd}(?:[\s\p{Cf}.,:/()'’_–-]{0,3}\p{Nd}){3,}/gu;
/** What figures of an order end with: "1st 2nd", "1º", "2e". */
const ORDINAL = '(?:st|nd|rd|th|er|ère|ème|ste|de|te|e|è|a|o|º|ª|°)';
const ORDINALS = new RegExp(`\\p{Nd}+${ORDINAL}?(?:[\\s.,–-]{1,3}\\p{Nd}+${ORDINAL}?(?!\\p{L}))+`, 'giu');
/** "A1B2-C3": letters and digits without a blank. */
const CODE = /[\p{L}\p{Nd}]+(?:[-–_/.][\p{L}\p{Nd}]+)*/gu;
const DIGITS_AROUND_LETTERS = /\p{Nd}[-–_/.]?\p{L}[\p{L}_/.–-]*\p{Nd}/u;
/** "AB 12 C3 D4": groups of capitals and digits. */
const SPELLED =
  /(?<![\p{L}\p{Nd}])[\p{Lu}\p{Nd}]{1,4}(?:[\s,.–-]{1,3}[\p{Lu}\p{Nd}]{1,4}(?![\p{L}\p{Nd}]))+/gu;

/** A single digit or two, said in words: some of them one after the other are one number. */
const BETWEEN_WORDS =
  /^[\s,.…–-]*(?:(?:and|y|et|und|e|then|uh|um|erm?|eh|em|euh|ähm?|[b-df-hj-np-tv-z])[\s,.…]+){0,2}$/iu;
/** "double one" is two digits, "triple one" three. */
const REPEATED = /(?<![\p{L}\p{N}])(double|doble|doppelt?|doppio|duplo|dubbel|triple|treble|triplo)[\s-]+$/iu;
const LONGEST_REPEATED = 12;

/** "fifteen hundred", in one word where a language writes it so. */
const HUNDREDS = /^[\s-]*(?:hundreds?|cents?|hundert|honderd|hundra|hundrede)(?!\p{L})/iu;
const ONE_WORD = /(?<!\p{L})(\p{L}{3,})(?:hundert|honderd|hundra|hundrede)\p{L}*/giu;
const LEAST_OF_HUNDREDS = 10;
const MOST_OF_HUNDREDS = 99;

/** In no order; they may overlap. @param language undefined where it is not known: numbers in words are found in none. */
export function longNumbers(text: string, language: Language | undefined): readonly Range[] {
  return [
    ...matches(text, LONG_NUMBER),
    ...matches(text, ORDINALS).filter((range) => digitsIn(text, range) >= LEAST_DIGITS),
    ...matches(text, CODE).filter(
      (range) =>
        digitsIn(text, range) >= LEAST_DIGITS &&
        DIGITS_AROUND_LETTERS.test(text.slice(range.start, range.end)),
    ),
    ...matches(text, SPELLED).filter((range) => digitsIn(text, range) >= LEAST_DIGITS),
    ...(language === undefined ? [] : saidNumbers(text, language)),
  ];
}

/** All that a pattern finds, but for nothing. */
export function matches(text: string, pattern: RegExp): Range[] {
  return [...text.matchAll(pattern)]
    .filter(([match]) => match !== '')
    .map(({ index, 0: match }) => ({ start: index, end: index + match.length }));
}

function digitsIn(text: string, { start, end }: Range): number {
  return text.slice(start, end).match(/\p{Nd}/gu)?.length ?? 0;
}

/** Numbers of four digits and more that are said in words, digit by digit too: "four nine, double one". */
function saidNumbers(text: string, language: Language): readonly Range[] {
  const found: Range[] = [];
  let run: (Range & { readonly digits: number }) | undefined;
  const close = (): void => {
    if (run !== undefined && run.digits >= LEAST_DIGITS) {
      found.push(run);
    }
    run = undefined;
  };
  for (const { start: at, end, readings, inDigits } of saidValues(text, language)) {
    const repeated = REPEATED.exec(text.slice(Math.max(0, at - LONGEST_REPEATED), at));
    const start = at - (repeated?.[0].length ?? 0);
    const most = Math.max(0, ...readings.map(digitsOf));
    const hundreds = readings.some(isOfHundreds) ? HUNDREDS.exec(text.slice(end))?.[0].length : undefined;
    const digits =
      hundreds === undefined
        ? (most + (inDigits ? 0 : singly(text.slice(at, end), language))) * timesOf(repeated?.[1])
        : LEAST_DIGITS;
    const until = end + (hundreds ?? 0);
    if (run !== undefined && BETWEEN_WORDS.test(text.slice(run.end, start))) {
      run = { start: run.start, end: until, digits: run.digits + digits };
    } else {
      close();
      run = { start, end: until, digits };
    }
  }
  close();
  return [...found, ...inOneWord(text, language)];
}

/** "fünfzehnhundert", with what is said of the same number after it. */
function inOneWord(text: string, language: Language): readonly Range[] {
  return [...text.matchAll(ONE_WORD)]
    .filter(([, before = '']) =>
      saidValues(before, language).some(({ readings }) => readings.some(isOfHundreds)),
    )
    .map(({ index, 0: match }) => ({ start: index, end: index + match.length }));
}

function isOfHundreds(reading: Reading): boolean {
  return reading.type === 'number' && reading.value >= LEAST_OF_HUNDREDS && reading.value <= MOST_OF_HUNDREDS;
}

function timesOf(repeated: string | undefined): number {
  return repeated === undefined ? 1 : /^tr/i.test(repeated) ? 3 : 2;
}

/** Digits beyond those of the value: "five zero two zero" may be read as sums, yet digits beside each other are said singly. */
function singly(text: string, language: Language): number {
  const words = text.split(/[\s,-]+/);
  const single = words.map((word) =>
    saidValues(word, language).some(({ readings }) =>
      readings.some((reading) => reading.type === 'number' && reading.value < 10),
    ),
  );
  return single.filter((is, index) => is && single[index + 1] === true).length;
}

function digitsOf(reading: Reading): number {
  switch (reading.type) {
    case 'number':
      return String(Math.abs(reading.value)).replace(/\D/g, '').length;
    case 'code':
      return reading.digits.length;
    case 'date':
      return reading.year === undefined ? 0 : LEAST_DIGITS;
    case 'time':
      return 0;
  }
}
