/**
 * Numbers in digits: with the thousands and decimals of their language, fractions, multipliers and money beside them,
 * and codes digit by digit.
 */

import type { Language } from '../../base/language.ts';
import { CURRENCY_SIGN } from '../text/currencies.ts';
import { declines } from '../text/declension.ts';
import { numberInDigits } from '../text/number-in-digits.ts';
import { numberWordsOf, phraseKey } from '../text/number-words.ts';
import { shareOf } from './cjk-numbers.ts';
import { type Measure, measuresOf } from './measures.ts';
import { code, type Reading, type Said, saidInDigits } from './reading.ts';
import { otherYears } from './said-dates.ts';

const NUMBER = /(?<![\d.,])(?:\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,':]\d+|[.,'](?=\d))*)|[½⅓⅔¼¾⅛]/gu;
/** How far before a number stands what changes it, in characters. */
export const NEAR = 16;
/** How far behind it. */
const REST = 48;

const VULGAR: ReadonlyMap<string, number> = new Map([
  ['½', 1 / 2],
  ['⅓', 1 / 3],
  ['⅔', 2 / 3],
  ['¼', 1 / 4],
  ['¾', 3 / 4],
  ['⅛', 1 / 8],
]);
/** A whole number and a part of one: "1 1/2", "2 ½". */
const MIXED = /(?<![\d.,/:-])(\d{1,3})(?:[ -]?([½⅓⅔¼¾⅛])|[ -]([1-9])\/([2-9]|1[0-2]|16))(?![\d/]|[.,]\d)/gu;
/** What is said before a number below zero, to the end of a text. */
export const MINUS =
  /(?:(?:^|[\s(]|(?<!\d\s?)\p{Sc})-|(?:minus|menos|moins|meno|negativ\w*|miinus|мінус|минус|mínusz|mínus|eksi|マイナス|零下|负|負|マイナス|영하|ลบ|ऋण|माइनस|شून्य से|ناقص|سالب|منفی|âm|μείον|min)\s*)$/iu;

export function digits(text: string, language: Language): readonly Said[] {
  const { multipliers } = numberWordsOf(language);
  const found: Said[] = [];
  for (const match of text.matchAll(NUMBER)) {
    const [written] = match;
    const previous = found.at(-1);
    const before = text.slice(Math.max(0, match.index - NEAR), match.index);
    let end = match.index + written.length;
    const fraction = /^\/(\d+)(?![\d/])/.exec(text.slice(end));
    const sign = isBelowZero(before) ? -1 : 1;
    if (previous !== undefined && match.index < previous.end) {
      continue;
    }
    let values = VULGAR.has(written)
      ? [VULGAR.get(written) ?? 0]
      : ZEROS_FIRST.test(written)
        ? []
        : valuesOf(written, language);
    let factor = 1;
    if (fraction !== null && Number(fraction[1]) > 0) {
      values = values.map((value) => value / Number(fraction[1]));
      end += fraction[0].length;
    }
    // "15万3千" and "1億5000万" add up; "1.5 billion" multiplies.
    const large = /^(?:\s?[万萬億亿兆千百만억조천]\s?(?:\d+(?=[万萬億亿千百만억천]))?)+/u.exec(
      text.slice(end),
    );
    if (large !== null) {
      const value = largeValue(written.replace(/[,' ]/gu, '') + large[0]);
      values = value === undefined ? values : [value];
      end += large[0].trimEnd().length;
    } else {
      const word = /^[\s\u200c-]?(\p{L}[\p{L}\p{M}]*)/u.exec(text.slice(end));
      const second = /^\s+(\p{L}[\p{L}\p{M}]*)/u.exec(text.slice(end + (word?.[0].length ?? 0)));
      const times = multiplierOf(word?.[1] ?? '', multipliers, language);
      // "M" and "k" are metres and nothing, unless they are written at the number.
      if (
        times !== undefined &&
        word !== null &&
        ((word[1]?.length ?? 0) > 1 || /^\p{L}/u.test(word[0]) || !/\p{Script=Latin}/u.test(word[0]))
      ) {
        factor = times;
        end += word[0].length;
        const more = multiplierOf(second?.[1] ?? '', multipliers, language);
        if (more !== undefined && second !== null) {
          factor *= more;
          end += second[0].length;
        }
      }
    }
    const rest = text.slice(end, end + REST);
    const measures = measuresOf(before, rest.replace(/^\s*(?:de|d'|di)\s+/u, ' '), language);
    const [measure] = measures;
    const readings: Reading[] = values.flatMap((value) =>
      measures.map((each) => ({ type: 'number' as const, value: sign * value * factor, measure: each })),
    );
    if (factor === 1 && /^\d{1,4}$/.test(written) && measure === undefined) {
      for (const year of otherYears(Number(written), language)) {
        readings.push({ type: 'date', day: undefined, month: undefined, year });
      }
    }
    readings.push(
      ...shareReadings(written, rest),
      ...hourReadings(written, rest),
      ...decadeReadings(written, before, rest),
    );
    const score = factor === 1 ? /^(\d{1,3}):(\d{1,3})$/.exec(written) : null;
    if (score !== null && readings.length === 0) {
      const [, one = '', other = ''] = score;
      found.push(
        saidInDigits(match.index, match.index + one.length, [numberOf(one)]),
        saidInDigits(end - other.length, end, [numberOf(other)]),
      );
      continue;
    }
    const joined = joinedLength(written, rest);
    if (joined !== undefined) {
      found.push(saidInDigits(match.index, end + joined.characters, [joined.reading]));
      continue;
    }
    found.push(
      saidInDigits(
        match.index,
        end,
        isCode(written, measure) && factor === 1 ? [...readings, code(written)] : readings,
      ),
    );
  }
  return found;
}

/** Numbers that have a part of one beside them; the part alone would be another number, or a date. */
export function mixedNumbers(text: string, language: Language): readonly Said[] {
  return [...text.matchAll(MIXED)].flatMap((match) => {
    const [written, whole, sign, above, below] = match;
    const part = sign === undefined ? Number(above) / Number(below) : (VULGAR.get(sign) ?? 0);
    if (part >= 1) {
      return [];
    }
    const end = match.index + written.length;
    const before = text.slice(Math.max(0, match.index - NEAR), match.index);
    const value = (isBelowZero(before) ? -1 : 1) * (Number(whole) + part);
    const measures = measuresOf(before, text.slice(end, end + REST), language);
    return [
      saidInDigits(
        match.index,
        end,
        measures.map((measure) => ({ type: 'number', value, measure })),
      ),
    ];
  });
}

/** Digits that begin with a zero are no number, whose zeros nobody would miss. */
const ZEROS_FIRST = /^0\d{2,}$/;

/** Where the sign of a currency begins that ends a text. */
const SIGN_AT_END = new RegExp(`${CURRENCY_SIGN}\\s?$`, 'u');

/** Whether `before` says that the number after it, or the sum with its sign, is below zero. */
function isBelowZero(before: string): boolean {
  return MINUS.test(before) || (/\p{Sc}\s?$/u.test(before) && MINUS.test(before.replace(SIGN_AT_END, '')));
}

/** Whether a number may be a code: long, with a zero before it, or in more groups than a number has. */
function isCode(written: string, measure: Measure | undefined): boolean {
  return (
    // What is counted is a number, however long.
    (measure === undefined && /^\d{4,}$/.test(written)) ||
    /^0\d/.test(written) ||
    /[.:].*[.:]/.test(written) ||
    /^\d[\d ]{6,}$/.test(written)
  );
}

/** Tenths and what is left of a price, as Japanese and Chinese say discounts: 3割, 打8折. */
function shareReadings(written: string, rest: string): readonly Reading[] {
  const sign = /^\s?([割折成])/u.exec(rest)?.[1];
  const value = Number(written);
  return sign === undefined || !Number.isFinite(value) ? [] : shareOf(value, sign);
}

function numberOf(digits: string): Reading {
  return { type: 'number', value: Number(digits), measure: undefined };
}

/** Four digits of a clock without a mark: "0800", "1730 hours". */
function hourReadings(written: string, rest: string): readonly Reading[] {
  const clock = /^([01]\d|2[0-3])([0-5]\d)$/.exec(written);
  return clock !== null && (written.startsWith('0') || /^\s?hours?(?!\p{L})/iu.test(rest))
    ? [{ type: 'time', minutes: Number(clock[1]) * 60 + Number(clock[2]), half: undefined }]
    : [];
}

/** A decade may be said with its century or without: "the 1980s", "die 80er", "'85". */
function decadeReadings(written: string, before: string, rest: string): readonly Reading[] {
  if (/^\d\d$/.test(written) && (/(?<!\p{L})['’]$/u.test(before) || isDecade(written, before, rest))) {
    return [numberOf(`19${written}`), numberOf(`20${written}`)];
  }
  return /^(?:19|20)\d\d$/.test(written) && isDecade(written, before, rest)
    ? [numberOf(written.slice(2))]
    : [];
}

function isDecade(written: string, before: string, rest: string): boolean {
  return written.endsWith('0') && (DECADE_AFTER.test(rest) || DECADE_BEFORE.test(before));
}

const DECADE_AFTER =
  /^(?:['’]?s(?!\p{L})|er(?!\p{L})|-?(?:talet|luvu|х|ті)|\.? (?:léta|let)|\s?年代|\s?년대)/u;
const DECADE_BEFORE = /(?:années|años|anni|anos|anys|anii|jaren|lata|latach|годы|década de)\s*$/iu;

/** Metres and centimetres, feet and inches that are said as one: "1 m 78", 5'10", "5 foot 10". */
function joinedLength(
  written: string,
  rest: string,
): { readonly characters: number; readonly reading: Reading } | undefined {
  const metres = /^\d$/.test(written) ? /^\s?m\s?(\d{2})(?![\d.,:])/u.exec(rest) : null;
  const words = /^\d$/.test(written)
    ? /^\s?(?:feet|foot|ft)\s(\d{1,2})(?![\d:/]|[.,]\d)(?!\s?[ap]\.?m)/u.exec(rest)
    : null;
  const feet = words === null ? /^(\d)'(\d{1,2})$/.exec(written) : [written, written, words[1]];
  const value =
    metres !== null
      ? Number(written) + Number(metres[1]) / 100
      : feet !== null
        ? Number(feet[1]) * 0.3048 + Number(feet[2]) * 0.0254
        : undefined;
  const measure: Measure = {
    kind: 'length',
    name: feet === null ? 'metres-joined' : 'feet-joined',
    scale: 1,
  };
  return value === undefined
    ? undefined
    : { characters: (metres ?? words)?.[0].length ?? 0, reading: { type: 'number', value, measure } };
}

/** A declined multiplier is one with an ending: "миллионами". */
function multiplierOf(
  word: string,
  multipliers: ReadonlyMap<string, number>,
  language: Language,
): number | undefined {
  const key = phraseKey(word);
  const endings = declines(language) && key.length > SHORTEST_DECLINED ? [0, 1, 2, 3] : [0];
  return endings
    .map((letters) => multipliers.get(key.slice(0, key.length - letters)))
    .find((value) => value !== undefined);
}

const SHORTEST_DECLINED = 5;

function valuesOf(written: string, language: Language): readonly number[] {
  const number = numberInDigits(written, language);
  return number === undefined ? [] : [number.value];
}

const LARGE: ReadonlyMap<string, number> = new Map([
  ['百', 100],
  ['千', 1e3],
  ['천', 1e3],
  ['万', 1e4],
  ['萬', 1e4],
  ['만', 1e4],
  ['億', 1e8],
  ['亿', 1e8],
  ['억', 1e8],
  ['兆', 1e12],
  ['조', 1e12],
]);

/** "1億5000万", "3千万". */
function largeValue(text: string): number | undefined {
  let sum = 0;
  let part = 0;
  for (const [, digits, signs = ''] of text.matchAll(/([\d.]*)\s?([百千万萬億亿兆천만억조]*)/gu)) {
    if (digits === '' && signs === '') {
      continue;
    }
    part +=
      Number(digits === '' ? 1 : digits) *
      [...signs].reduce((product, sign) => product * (LARGE.get(sign) ?? 1), 1);
    sum += part;
    part = 0;
  }
  return Number.isFinite(sum) ? sum : undefined;
}
