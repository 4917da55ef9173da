/**
 * The numbers of a text as values: what they say, in all the ways it can be read, and where they stand. Digits of all
 * scripts, thousands and decimals as the language writes them, dates, times, number words, codes.
 */

import type { Language } from '../../base/language.ts';
import { plainDigits } from '../text/digits.ts';
import { withHalves } from './halves.ts';
import { orNumber } from './month-or-word.ts';
import type { Said } from './reading.ts';
import { romanNumerals } from './roman-numerals.ts';
import { cjkDates, namedDates, numericDates, withMonths } from './said-dates.ts';
import { digits, mixedNumbers } from './said-digits.ts';
import { times } from './said-times.ts';
import { chineseShares, wordValues } from './word-values.ts';

/** Day and night, which each language says in its own numbers, or in none. */
const ALWAYS =
  /(?<![\d/])24\/7(?![\d/])|(?<!\d)(?:24\s?h(?:eures)?|7\s?j(?:ours)?)\s?(?:\/|sur)\s?(?:24|7)(?!\d)/gu;
const SAID_OTHERWISE = { firm: false, inDigits: false, readings: [] };

/** What a text says, in order. */
export function saidValues(text: string, language: Language): readonly Said[] {
  const plain = plainDigits(text);
  const found: Said[] = [];
  const free = (start: number, end: number): boolean =>
    !found.some((other) => start < other.end && other.start < end);
  const take = (each: Said): void => {
    if (free(each.start, each.end)) {
      found.push(orNumber(each, plain, language));
    }
  };
  // Each search costs: none is made where there is nothing to be found.
  const figures = /\d/.test(plain);
  if (/[年月년월]/u.test(plain)) {
    cjkDates(plain).forEach(take);
  }
  if (figures) {
    for (const match of plain.matchAll(ALWAYS)) {
      take({ start: match.index, end: match.index + match[0].length, ...SAID_OTHERWISE });
    }
  }
  if (/分[之の]/u.test(plain)) {
    chineseShares(plain, language).forEach(take);
  }
  if (figures) {
    mixedNumbers(plain, language).forEach(take);
    numericDates(plain, language).forEach(take);
    namedDates(plain, language).forEach(take);
  }
  if (figures || /[点點時时시]/u.test(plain)) {
    times(plain, language).forEach(take);
  }
  if (figures || /[½⅓⅔¼¾⅛]/u.test(plain)) {
    digits(plain, language).forEach(take);
  }
  if (/[IVX]/.test(plain)) {
    romanNumerals(plain, language).forEach(take);
  }
  withMonths(wordValues(plain, language), plain, language).forEach(take);
  return [...withHalves(found, plain, language)].sort((a, b) => a.start - b.start);
}
