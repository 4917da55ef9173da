/** Numbers in words: money, measures, percentages, ranges, codes and telephone numbers digit by digit. */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Reads } from '../../engines/tts/tts-engine.ts';
import { countedBefore } from './counted-nouns.ts';
import { CURRENCY_SIGN, currencyOf } from './currencies.ts';
import { MULTIPLIERS, SHORT_MULTIPLIERS } from './multipliers.ts';
import { numberInDigits } from './number-in-digits.ts';
import { AFTER_PLACE, LONGEST_PLACE } from './place-nouns.ts';
import type { SpelledNumbers } from './spelled-numbers.ts';
import { hyphensInWords, plusOf } from './written-ranges.ts';

const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '%': 'percent',
    km: 'kilometer',
    'km/h': 'kilometer-per-hour',
    cm: 'centimeter',
    mm: 'millimeter',
    m: 'meter',
    kg: 'kilogram',
    g: 'gram',
    l: 'liter',
    ml: 'milliliter',
    '°C': 'celsius',
    '°F': 'fahrenheit',
    '°': 'degree',
    min: 'minute',
    GB: 'gigabyte',
    MB: 'megabyte',
  }),
);
/** Where the digits stood that are said in words; no text holds it. */
const HOLE = '\ue000';

/** A row of digits that is read digit by digit. */
const SHORTEST_CODE = 7;

/** Groups of digits with blanks, hyphens or brackets between, which are not thousands. */
const TELEPHONE =
  /(?<![\d.,\p{L}-])(?!\d{1,3}(?: \d{3})+(?![\d-]|[ /]\(?\d))(?:\+\s?)?\(?\d{1,5}\)?(?:[ /-]\(?\d{1,7}\)?){1,6}(?![\d.,]?\d|-\p{L})/gu;
/** A number with its sign, as far as the end of its digits. */
const NUMBER = new RegExp(
  String.raw`(?<minus>(?<![\p{L}\p{N}\p{Sc})%°])-\s?)?(?:(?<sign>${CURRENCY_SIGN})\s?(?<inner>-)?)?(?<![\d.,]|\d\/)` +
    // A fraction is left to the engine: what it is called is no language's rule.
    String.raw`(?!\d+\/\d|\d+\s?[½⅓⅔¼¾⅛])` +
    String.raw`(?<digits>\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?(?![.,]?\d)|\d+(?:[.,]\d+)*)`,
  'gu',
);
const UNIT = new RegExp(
  String.raw`^\s?(?<unit>${CURRENCY_SIGN}|%|km\/h|km|cm|mm|kg|ml|°C|°F|°|GB|MB|m|g|l|min)(?![\p{L}\p{N}])`,
  'u',
);

/** Letters that are written with blanks between words; a number beside one is a word of its own. */
const SPACED_LETTER = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u;

/** How the numbers of a language are said. */
export interface Spoken {
  readonly language: Language;
  readonly speller: SpelledNumbers;
  /** @param decimals see {@link SpelledNumbers.spell}. */
  readonly say: (value: number, decimals?: string) => string;
}

/** `text` with its numbers in words; for an engine that reads plain ones, only those that are more than that. */
export function amountsInWords(text: string, spoken: Spoken, reads: Exclude<Reads, 'everything'>): string {
  const { language, say } = spoken;
  const plus = plusOf(language);
  const called = text.replace(TELEPHONE, (all) => telephoneInWords(all, plus, say));
  const ranged = hyphensInWords(called, language);
  let made = '';
  let done = 0;
  for (let match = numberFrom(ranged, 0); match !== null; ) {
    const amount = amountAt(match, ranged, language);
    if (reads === 'words' || !isPlain(amount, language)) {
      made += ranged.slice(done, match.index);
      made += besideWords(amountInWords(amount, spoken), made.at(-1) ?? '', ranged[amount.end] ?? '');
      done = amount.end;
    }
    // The sign behind a number is no other's.
    match = numberFrom(ranged, amount.end);
  }
  return made + ranged.slice(done);
}

function numberFrom(text: string, index: number): RegExpExecArray | null {
  NUMBER.lastIndex = index;
  return NUMBER.exec(text);
}

/** Whether it is a number and nothing else, which is read by engines that read any. */
function isPlain({ counts, digits }: Amount, language: Language): boolean {
  return counts === undefined && !isCode(digits) && numberInDigits(digits, language) !== undefined;
}

/** "A320" is "A" and a number. */
function besideWords(words: string, before: string, after: string): string {
  const [start, end] = [
    /^\S/u.test(words) && SPACED_LETTER.test(before) ? ' ' : '',
    SPACED_LETTER.test(after) ? ' ' : '',
  ];
  return `${start}${words}${end}`;
}

function telephoneInWords(all: string, plus: string, say: (value: number) => string): string {
  const digits = all.replace(/\D/g, '');
  if (digits.length < SHORTEST_CODE && !all.includes('+')) {
    return all;
  }
  const groups = all.match(/\d+/g) ?? [];
  const said = groups.map((group) => digitByDigit(group, say)).join(', ');
  return all.startsWith('+') ? `${plus} ${said}`.trim() : said;
}

function digitByDigit(written: string, say: (value: number) => string): string {
  return [...written.replace(/\D/gu, '')].map((digit) => say(Number(digit))).join(' ');
}

/** A number with all that belongs to it. */
interface Amount {
  readonly negative: boolean;
  readonly digits: string;
  /** Words that make it greater, as they are written, and by what. */
  readonly scale: Scale | undefined;
  /** The sign of a currency or of a unit. */
  readonly counts: string | undefined;
  /** What stands before it in its text. */
  readonly before: string;
  /** Where it ends there. */
  readonly end: number;
}

function amountAt(match: RegExpExecArray, text: string, language: Language): Amount {
  const { minus, sign, inner, digits = '' } = match.groups ?? {};
  const end = match.index + match[0].length;
  const scale = scaleAt(text.slice(end, end + LONGEST_SCALE), language);
  const before = text.slice(Math.max(0, match.index - LONGEST_PLACE), match.index);
  const plain = { negative: minus !== undefined || inner !== undefined, digits, before };
  const unitBehind = (from: number): readonly [sign: string | undefined, end: number] => {
    const found = sign === undefined ? UNIT.exec(text.slice(from)) : null;
    const { unit } = found?.groups ?? {};
    return [sign ?? unit, from + (found?.[0].length ?? 0)];
  };
  // A scale is left to stand by itself where it counts no money, and "5m" are metres there.
  const [money, scaledEnd] = unitBehind(end + (scale?.written.length ?? 0));
  if (scale !== undefined && money !== undefined && currencyOf(money, language) !== undefined) {
    return { ...plain, scale, counts: money, end: scaledEnd };
  }
  const [counts, unitEnd] = unitBehind(end);
  return { ...plain, scale: undefined, counts, end: unitEnd };
}

interface Scale {
  readonly written: string;
  readonly factor: number;
  /** Whether it is written short. */
  readonly short: boolean;
}

/** The words of two scales. */
const LONGEST_SCALE = 32;
const scales = new Map<string, RegExp>();

/** What multiplies the number before it: "million", "bn", "mil millones". English has short ones that all write. */
function scaleAt(behind: string, language: Language): Scale | undefined {
  const base = baseLanguage(language);
  const known = new Map([...(MULTIPLIERS.get('en') ?? []), ...(MULTIPLIERS.get(base) ?? [])]);
  const pattern = scales.get(base) ?? scalePattern([...known.keys()]);
  scales.set(base, pattern);
  let written = '';
  let factor = 1;
  let short = false;
  const own = MULTIPLIERS.get(base);
  for (let next = pattern.exec(behind); next !== null; next = pattern.exec(behind.slice(written.length))) {
    const { word = '' } = next.groups ?? {};
    // Behind a blank "k" and "m" are words of their own elsewhere.
    if (
      /^\s/u.test(next[0]) &&
      SHORT_MULTIPLIERS.has(word.toLowerCase()) &&
      own?.has(word.toLowerCase()) !== true
    ) {
      break;
    }
    written += next[0];
    factor *= known.get(word.toLowerCase()) ?? 1;
    short ||= SHORT_MULTIPLIERS.has(word.toLowerCase());
  }
  return written === '' ? undefined : { written, factor, short };
}

function scalePattern(words: readonly string[]): RegExp {
  const longestFirst = [...words].sort((a, b) => b.length - a.length).join('|');
  return new RegExp(
    String.raw`^\s?(?<word>${longestFirst})(?:(?<=[\p{Script=Han}\p{Script=Hangul}\p{Script=Thai}])|(?!['’]?[\p{L}\p{M}\p{N}]))(?:\.(?=\s\S))?`,
    'iu',
  );
}

function amountInWords(amount: Amount, spoken: Spoken): string {
  const { say } = spoken;
  const { negative, digits, counts } = amount;
  const number = numberInDigits(digits, spoken.language);
  const name = counts === undefined ? undefined : nameOf(counts, spoken.language);
  const signed = (words: string): string => (negative ? say(-1).replace(say(1), () => words) : words);
  if (number === undefined || (name === undefined && isCode(digits))) {
    return `${signed(digitByDigit(digits, say))}${counts ?? ''}`;
  }
  if (name === undefined) {
    // "Version 3.10" is none of "3.1", and 3.10 of anything are 3.1.
    const decimals = AFTER_PLACE.test(amount.before) ? number.decimals : number.decimals.replace(/0+$/u, '');
    return `${signed(say(number.value, decimals))}${counts ?? ''}`;
  }
  return named(number.value, number.decimals.replace(/0+$/u, ''), amount, name, signed, spoken);
}

/** What a currency or a unit is called beside a number, with `words` where the number stands. */
interface Name {
  readonly of: (value: number, words: string) => string;
  /** How many digits its hundredths have; none where it has none. */
  readonly centDigits: number;
}

function named(
  value: number,
  decimals: string,
  { scale }: Amount,
  { of, centDigits }: Name,
  signed: (words: string) => string,
  { language, speller, say }: Spoken,
): string {
  const count = (amount: number): string =>
    of(amount, signed(countedBefore(of(amount, ''), amount, language, speller, say)));
  if (scale !== undefined && !scale.short) {
    return `${signed(say(value, decimals))}${scale.written} ${of(1_000_000, '').trim()}`;
  }
  if (scale !== undefined) {
    // What is multiplied as a whole number has no error of its decimals.
    const parts = 10 ** decimals.length;
    const whole = (Math.round(value * parts) * scale.factor) / parts;
    return Number.isInteger(whole) ? count(whole) : of(whole, signed(say(whole)));
  }
  if (decimals === '') {
    return count(value);
  }
  const cents = decimals.length <= centDigits ? Number(decimals.padEnd(centDigits, '0')) : 0;
  // What is smaller than a cent is no cent.
  return cents > 0 ? `${count(Math.trunc(value))} ${say(cents)}` : of(value, signed(say(value, decimals)));
}

/** By language and sign; both are few. */
const formats = new Map<string, Intl.NumberFormat>();

/** The name of a currency or unit in the form that its number asks for. */
function nameOf(sign: string, language: Language): Name | undefined {
  const [currency, unit] = [currencyOf(sign, language), UNITS.get(sign)];
  if (currency === undefined && unit === undefined) {
    return undefined;
  }
  const style =
    currency === undefined
      ? { style: 'unit' as const, unit: unit ?? '', unitDisplay: 'long' as const }
      : {
          ...{ style: 'currency' as const, currency, currencyDisplay: 'name' as const },
          // Its name is that of a whole number where it is one.
          minimumFractionDigits: 0,
        };
  const key = `${language} ${sign}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(`${language}-u-nu-latn`, style);
  formats.set(key, format);
  return {
    centDigits: currency === undefined ? 0 : (format.resolvedOptions().maximumFractionDigits ?? 0),
    of: (value, words) =>
      format
        .formatToParts(value)
        .map(({ type, value: text }) =>
          type === 'integer'
            ? HOLE
            : NO_NAME.has(type) || (type === 'currency' && /^\p{Sc}$/u.test(text))
              ? ''
              : text,
        )
        .join('')
        .replace(new RegExp(`${HOLE}+`, 'u'), words),
  };
}

/** Parts of a number that are no part of a name. Turkish writes a sign beside the name, too. */
const NO_NAME: ReadonlySet<string> = new Set(['group', 'decimal', 'fraction', 'minusSign']);

function isCode(written: string): boolean {
  return /^\d+$/.test(written) && (written.length >= SHORTEST_CODE || /^0\d/.test(written));
}
