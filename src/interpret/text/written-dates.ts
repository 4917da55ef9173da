/**
 * Dates in words: the day as its language says days ("May fifth", "cinq mai", "пятого мая"), the year as years are
 * said. A date in digits is read in the order of its language, and in the other one where only that is a date.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { monthGoesFirst, shortDateOf } from './date-order.ts';
import { monthNames } from './month-names.ts';
import { AFTER_PLACE, LONGEST_PLACE } from './place-nouns.ts';
import type { SpelledNumbers } from './spelled-numbers.ts';
import type { Spoken } from './written-amounts.ts';

/** Rules by which days are said; elsewhere they are cardinals, but for the first where it has a name of its own. */
const DAYS: ReadonlyMap<string, string> = new Map([
  ['en', '%spellout-ordinal'],
  ['de', '%spellout-ordinal-n'],
  ['sv', '%spellout-ordinal-neuter'],
  ['da', '%spellout-ordinal-common'],
  ['nb', '%spellout-ordinal-masculine'],
  ['no', '%spellout-ordinal-masculine'],
  ['ru', '%spellout-ordinal-neuter-genitive'],
  ['pl', '%spellout-ordinal-masculine-genitive'],
]);
const FIRSTS: ReadonlyMap<string, string> = new Map([
  ['fr', 'premier'],
  ['it', 'primo'],
  ['pt', 'primeiro'],
  ['ca', 'primer'],
]);

/** Languages in which a year is said in another way than its number. */
const YEARS: ReadonlySet<string> = new Set(['en', 'de', 'sv', 'ru']);
/** After these a number of four digits is a year. */
const BEFORE_YEARS: ReadonlyMap<string, RegExp> = new Map([
  ['en', /(?<=(?<!\p{L})(?:in|since|until|year)\s)(1[1-9]\d\d|20\d\d)(?![\d.,:-]?\d|\s?[%€$£])/giu],
  ['de', /(?<=(?<!\p{L})(?:Jahre?|seit)\s)(1[1-9]\d\d|20\d\d)(?![\d.,:-]?\d|\s?[%€$£])/giu],
]);

const NUMERIC = /(?<![\d./-])(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{1,2})(?![\d/-]|\.\d)/gu;
/** A day and a month between full stops, which end no sentence there. */
const DAY_AND_MONTH =
  /(?<![\d.,/-])(?:(?<=(?<!\p{L})(?:am|vom|bis|zum|den|der|ab|seit|dem|des|dne|dňa|od|do|dana|fra|til)\s)(\d{1,2})\.\s?(\d{1,2})\.(?!\s?\d)|(\d{1,2})\.\s?(\d{1,2})\.(?=,|\s\p{Ll}))/giu;

interface CalendarDay {
  readonly year: number | undefined;
  readonly month: number;
  readonly day: number;
}

/** `text` with its dates in words. */
export function datesInWords(text: string, { language, speller, say }: Spoken): string {
  const base = baseLanguage(language);
  const dayOf = (day: number): string => dayInWords(day, base, speller, say);
  const yearOf = (year: number): string =>
    YEARS.has(base) && year < 2_100 ? speller.spell(year, '%spellout-numbering-year') : say(year);
  const dated = text.replace(NUMERIC, (all, first: string, mark: string, second: string, third: string) => {
    const parts = [Number(first), Number(second), Number(third)] as const;
    const date = dateOf(parts, first.length, third.length, mark, language);
    return date === undefined || (mark !== '/' && third.length === 1)
      ? all
      : wholeDate(date, language, dayOf, yearOf, say);
  });
  const short = !hasDayAndMonth(language)
    ? dated
    : dated.replace(DAY_AND_MONTH, (all, a?: string, b?: string, c?: string, d?: string, ...rest) => {
        const date = checked({ year: undefined, month: Number(b ?? d), day: Number(a ?? c) });
        const [offset, whole]: readonly unknown[] = rest;
        const last =
          typeof offset === 'number' && typeof whole === 'string' && offset + all.length === whole.length;
        const before = typeof offset === 'number' && typeof whole === 'string' ? whole.slice(0, offset) : '';
        return date === undefined || AFTER_PLACE.test(before.slice(-LONGEST_PLACE))
          ? all
          : `${wholeDate(date, language, dayOf, yearOf, say)}${last ? '.' : ''}`;
      });
  const named = namedDates(short, language, dayOf, yearOf);
  const before = BEFORE_YEARS.get(base);
  return before === undefined ? named : named.replace(before, (_, year: string) => yearOf(Number(year)));
}

function dayInWords(
  day: number,
  base: string,
  speller: SpelledNumbers,
  say: (value: number) => string,
): string {
  const ruleSet = DAYS.get(base);
  const first = day === 1 ? FIRSTS.get(base) : undefined;
  return ruleSet !== undefined && speller.ordinals.includes(ruleSet)
    ? speller.spell(day, ruleSet)
    : (first ?? say(day));
}

/** Three numbers as a date; undefined when they are none, or only a version or a code. */
function dateOf(
  [first, second, third]: readonly [number, number, number],
  firstDigits: number,
  thirdDigits: number,
  mark: string,
  language: Language,
): CalendarDay | undefined {
  if (firstDigits === 4) {
    return checked({ year: first, month: second, day: third });
  }
  if (firstDigits > 2 || thirdDigits < 2) {
    return undefined;
  }
  const year = thirdDigits === 2 ? 2_000 + third : third;
  const orders = [
    { year, month: second, day: first },
    { year, month: first, day: second },
  ];
  // Who writes full stops writes the day first, in every language.
  return (mark !== '.' && monthGoesFirst(language) ? orders.toReversed() : orders)
    .map(checked)
    .find((date) => date !== undefined);
}

function checked(date: CalendarDay): CalendarDay | undefined {
  const { month, day } = date;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? date : undefined;
}

/** "24.12.": languages that write a day without its year so, by ICU. */
function hasDayAndMonth(language: Language): boolean {
  return /^d\.\s?m\.$/u.test(shortDateOf(language));
}

function wholeDate(
  { year, month, day }: CalendarDay,
  language: Language,
  dayOf: (day: number) => string,
  yearOf: (year: number) => string,
  say: (value: number) => string,
): string {
  const iranian = year !== undefined && isIranian(year, language);
  const date = new Date(
    iranian
      ? Date.UTC(year + 621, 2, 21 + IRANIAN_MONTH_DAYS * (month - 1) + MID_MONTH)
      : Date.UTC(year ?? 2024, month - 1, day),
  );
  return dateFormatOf(language, iranian ? 'persian' : 'gregory', year !== undefined)
    .formatToParts(date)
    .map(({ type, value }) => {
      switch (type) {
        case 'day':
          return dayOf(day);
        case 'year':
          return yearOf(year ?? 0);
        case 'month':
          return /^\d+$/.test(value) ? say(month) : value;
        case 'era':
          return '';
        default:
          // The full stop of an ordinal has been said; Russian writes a year's own word short.
          return value.replace(/^\.\s/u, ' ').replace(/\sг\.$/u, ' года');
      }
    })
    .join('')
    .trim();
}

/** Months of the Iranian calendar are of 29 to 31 days, so that this is in the midst of each. */
const IRANIAN_MONTH_DAYS = 30.5;
const MID_MONTH = 12;

/** A year that is no year of ours. */
function isIranian(year: number, language: Language): boolean {
  return baseLanguage(language) === 'fa' && year >= 1_300 && year < 1_500;
}

/** Dates with the name of the month: "24 December 2024", "May 5", "5. Mai". */
function namedDates(
  text: string,
  language: Language,
  dayOf: (day: number) => string,
  yearOf: (year: number) => string,
): string {
  const known = patternsOf(language);
  if (known === undefined) {
    return text;
  }
  const { dayFirst, monthFirst } = known;
  const withYear = (gap: string | undefined, digits: string | undefined): string =>
    digits === undefined ? '' : `${gap ?? ' '}${yearOf(Number(digits))}`;
  const dated = text.replace(
    dayFirst,
    (_, digits: string, gap: string, name: string, yearGap?: string, yearDigits?: string) =>
      `${dayOf(Number(digits))}${gap}${name}${withYear(yearGap, yearDigits)}`,
  );
  return baseLanguage(language) === 'en'
    ? dated.replace(
        monthFirst,
        (_, name: string, gap: string, digits: string, yearGap?: string, yearDigits?: string) =>
          `${name}${gap}${dayOf(Number(digits))}${withYear(yearGap, yearDigits)}`,
      )
    : dated;
}

interface DatePatterns {
  readonly dayFirst: RegExp;
  readonly monthFirst: RegExp;
}

const patterns = new Map<Language, DatePatterns | undefined>();

/** Made once for a language; undefined where months have numbers for names. */
function patternsOf(language: Language): DatePatterns | undefined {
  if (!patterns.has(language)) {
    const names = [...monthNames(language).keys()].filter((name) => name.length > 2).map(escaped);
    patterns.set(language, names.length === 0 ? undefined : datePatterns(names));
  }
  return patterns.get(language);
}

function datePatterns(names: readonly string[]): DatePatterns {
  const month = `(?<!\\p{L})(?:${names.join('|')})(?!\\p{L})`;
  const year = String.raw`((?:,|\s+de|\s+del)?\s+)((?:1[1-9]|20)\d\d)(?![\d.,:]?\d)`;
  const day = String.raw`(?<![\d.,:])([12]?\d|3[01])(?:\.|st|nd|rd|th|er)?`;
  const dayFirst = new RegExp(String.raw`${day}(\s+(?:of\s+|de\s+|d')?)(${month})(?:${year})?`, 'giu');
  const monthFirst = new RegExp(
    String.raw`(${month})(\.?\s+)([12]?\d|3[01])(?:st|nd|rd|th)?(?![\d:]|[.,]\d)(?:${year})?`,
    'giu',
  );
  return { dayFirst, monthFirst };
}

const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormatOf(language: Language, calendar: string, withYear: boolean): Intl.DateTimeFormat {
  const key = `${language} ${calendar} ${withYear}`;
  const format =
    dateFormats.get(key) ??
    new Intl.DateTimeFormat(`${language}-u-ca-${calendar}-nu-latn`, {
      day: 'numeric',
      month: 'long',
      ...(withYear ? { year: 'numeric' as const } : {}),
      timeZone: 'UTC',
    });
  dateFormats.set(key, format);
  return format;
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}
