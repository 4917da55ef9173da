/**
 * Numbers in words. A single small one may be something else in its language ("one", "second", "sei"), so it counts as
 * said only when the other text says it too; several together are a number.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { isSpaced } from '../policy/unspaced-words.ts';
import { numberWordsOf, phraseKey } from '../text/number-words.ts';
import { segmentsOf } from '../text/segments.ts';
import { cjkValue, shareOf } from './cjk-numbers.ts';
import { measureAt } from './measures.ts';
import { withPairs } from './number-pairs.ts';
import type { Reading, Said } from './reading.ts';
import { MINUS, NEAR } from './said-digits.ts';

const CHINESE: ReadonlySet<string> = new Set(['zh', 'yue', 'ja']);
/** Numbers from a hundred on, as Korean writes them in letters, with blanks or without: "백만", "천오백", "만 오천". */
const KOREAN_NUMERAL =
  /(?<!\p{L})(?:(?=[일이삼사오육칠팔구십]*[백천만억조])[일이삼사오육칠팔구십백천만억조]{2,}|만(?= [일이삼사오육칠팔구]?[백천]))(?: [일이삼사오육칠팔구]?[백천][일이삼사오육칠팔구십백]*(?=원|명|개|[^\p{L}]|$))?/gu;
const KOREAN_SIGNS = '일이삼사오육칠팔구십백천만억조';
const CHINESE_SIGNS = '一二三四五六七八九十百千万億兆';
/** Numerals of one sign are part of many words. */
const CHINESE_NUMERAL = /[〇零一二三四五六七八九十百千万萬億亿两兩]+/gu;
/** As many words as a number below a thousand has. */
const MOST_UNSPACED = 6;
/** A single word below this may be an article or an adverb. */
const SMALLEST_FIRM = 3;

export function wordValues(text: string, language: Language): readonly Said[] {
  if (CHINESE.has(baseLanguage(language))) {
    return chineseValues(text, language);
  }
  const words = isSpaced(language) ? spacedWords(text, language) : unspacedWords(text, language);
  const values = withPairs(valuesOf(words, text, language), text);
  return baseLanguage(language) === 'ko' ? [...koreanValues(text, language), ...values] : values;
}

/** Such letters begin words besides ("만일"), so none of these must be said again. */
function koreanValues(text: string, language: Language): readonly Said[] {
  return [...text.matchAll(KOREAN_NUMERAL)].flatMap((match) => {
    const [written] = match;
    const signs = [...written.replace(' ', '')].map(
      (letter) => CHINESE_SIGNS[KOREAN_SIGNS.indexOf(letter)] ?? '',
    );
    const value = cjkValue(signs.join(''));
    return value === undefined
      ? []
      : [said(match.index, match.index + written.length, value, false, text, language)];
  });
}

/** Parts of a whole, as Chinese and Japanese say them, the whole first: "百分之二十五", "三分の一", "3分の1". */
export function chineseShares(text: string, language: Language): readonly Said[] {
  return [...text.matchAll(SHARE)].flatMap((match) => {
    const [written, below = '', above = ''] = match;
    const [whole, part] = [cjkValue(below), cjkValue(above)];
    if (whole === undefined || part === undefined || whole === 0) {
      return [];
    }
    const value = whole === 100 ? part : part / whole;
    return [said(match.index, match.index + written.length, value, true, text, language)];
  });
}

function chineseValues(text: string, language: Language): readonly Said[] {
  return [...text.matchAll(CHINESE_NUMERAL)].flatMap((match): readonly Said[] => {
    const value = cjkValue(match[0]);
    const end = match.index + match[0].length;
    if (value === undefined) {
      return [];
    }
    const firm = match[0].length > 1 && /[十百千万萬億亿]/u.test(match[0]) && value > 1;
    const whole = said(match.index, end, value, firm, text, language);
    const shorter = baseLanguage(language) === 'ja' ? undefined : shorthandOf(match[0]);
    if (shorter !== undefined) {
      return [said(match.index, end, shorter, true, text, language)];
    }
    const sign = /^[割折成]/u.exec(text.slice(end))?.[0];
    const share = sign === undefined ? [] : shareOf(value, sign);
    return [{ ...whole, readings: [...whole.readings, ...share] }];
  });
}

/** Chinese leaves the last sign out: 一万五 is 15,000, 两千二 is 2,200, since a smaller number has a 零 before it. */
function shorthandOf(written: string): number | undefined {
  const [, whole = '', sign = '', digit = ''] =
    /^(.*([百千万萬亿億]))([一二三四五六七八九])$/u.exec(written) ?? [];
  const [all, unit, part] = [cjkValue(whole), cjkValue(sign), cjkValue(digit)];
  return all === undefined || unit === undefined || part === undefined || digit === ''
    ? undefined
    : all + (part * unit) / 10;
}

/**
 * Behind an hour, "19時30分の2名", or before what is counted, "15分の3セット", 分の is no share but minutes.
 */
const SHARE =
  /(?<![時时点點\d〇零一二三四五六七八九十百千万]\s*)(\d+|[〇零一二三四五六七八九十百千万]+)分(?:之|の(?!(?:\d+|[〇零一二三四五六七八九十百]+)\s*[名人個番枚回本台杯件セ]))(\d+|[〇零一二三四五六七八九十百]+)/gu;

interface Word {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

function spacedWords(text: string, language: Language): readonly Word[] {
  const { phrases } = numberWordsOf(language);
  return [...text.matchAll(/[\p{L}\p{M}ʼ']+/gu)].map((match) => ({
    key: withoutAnd(phraseKey(match[0]), phrases),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Thai and its like have no blanks between a number's words, and each may be part of another word. */
function unspacedWords(text: string, language: Language): readonly Word[] {
  return segmentsOf(text, language).map(({ segment, index }) => ({
    key: phraseKey(segment),
    start: index,
    end: index + segment.length,
  }));
}

/** What follows a Thai number that is an hour, and which hour of the day it is then. */
const THAI_HOURS: readonly (readonly [RegExp, RegExp, number])[] = [
  [/$/u, /^\s*ทุ่ม/u, 18],
  [/บ่าย\s*$/u, /^/u, 12],
  [/$/u, /^\s*โมงเย็น/u, 12],
  [/ตี\s*$/u, /^/u, 0],
  [/$/u, /^\s*โมง/u, 0],
];

/** Hours that are counted otherwise: from six in the evening in Thai, from six in the morning in Swahili. */
function hourReadings(value: number, before: string, after: string, base: string): readonly Reading[] {
  if (value > 12 || !Number.isInteger(value)) {
    return [];
  }
  if (base === 'sw' && /(?<!\p{L})saa\s*$/iu.test(before)) {
    return [{ type: 'time', minutes: ((value + 6) % 12) * 60, half: undefined }];
  }
  const shift = base === 'th' ? THAI_HOURS.find(([b, a]) => b.test(before) && a.test(after))?.[2] : undefined;
  return shift === undefined ? [] : [{ type: 'time', minutes: ((value + shift) % 24) * 60, half: undefined }];
}

function valuesOf(words: readonly Word[], text: string, language: Language): readonly Said[] {
  const { phrases, longest, multipliers } = numberWordsOf(language);
  // Without blanks a phrase of CLDR's is several words here.
  const most = isSpaced(language) ? longest : MOST_UNSPACED;
  const found: Said[] = [];
  for (let at = 0; at < words.length; at += 1) {
    let sum = 0;
    let part: number | undefined;
    let used = 0;
    let last = 0;
    let step = Number.POSITIVE_INFINITY;
    for (let next = at; next < words.length; ) {
      const match =
        longestPhrase(words, next, most, text, phrases) ??
        compoundOf(words[next]?.key ?? '', phrases, multipliers);
      const multiplier = multipliers.get(words[next]?.key ?? '');
      if (
        match !== undefined &&
        // A zero adds to nothing: what has one is said digit by digit.
        (part === undefined || (match.value < step && match.value > 0)) &&
        (multiplier === undefined || match.length > 1 || (sum === 0 && match.value === 2 * multiplier))
      ) {
        part = (part ?? 0) + match.value;
        step = match.value >= 100 ? 100 : match.value >= 20 ? 10 : 1;
        next += match.length;
        used += match.length;
        last = next;
      } else if (
        multiplier !== undefined &&
        (part !== undefined || multiplier < 1e6 || (sum > 0 && sum < multiplier))
      ) {
        // "Dos mil quinientos millones": all that is less than a million is how many of them.
        sum = sum > 0 && sum < multiplier ? (sum + (part ?? 0)) * multiplier : sum + (part ?? 1) * multiplier;
        part = undefined;
        step = Number.POSITIVE_INFINITY;
        next += 1;
        used += 1;
        last = next;
      } else if (
        used > 0 &&
        joins(words[next]?.key) &&
        longestPhrase(words, next + 1, most, text, phrases) !== undefined
      ) {
        next += 1;
      } else {
        break;
      }
    }
    if (used > 0) {
      const whole = sum + (part ?? 0);
      const behind = decimalsAt(words, last, most, text, language);
      const value = behind === undefined ? whole : Number(`${whole}.${behind.digits}`) * behind.factor;
      last = behind?.end ?? last;
      used += behind === undefined ? 0 : 1;
      const [start, end] = [words[at]?.start ?? 0, words[last - 1]?.end ?? 0];
      found.push(said(start, end, value, used > 1 || value >= SMALLEST_FIRM, text, language));
      at = last - 1;
    }
  }
  return found;
}

/** What stands between a number and its decimals, in words. */
const DECIMAL_MARK: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    en: 'point',
    de: 'komma',
    nl: 'komma',
    sv: 'komma',
    da: 'komma',
    nb: 'komma',
    no: 'komma',
    fr: 'virgule',
    es: 'coma punto',
    ca: 'coma',
    gl: 'coma',
    it: 'virgola',
    pt: 'vírgula ponto',
    ro: 'virgulă',
    pl: 'przecinek',
    tr: 'virgül',
    fi: 'pilkku',
    hu: 'egész',
    id: 'koma',
    ms: 'perpuluhan',
    hi: 'दशमलव',
    ar: 'فاصلة',
    ru: 'целых целая запятая',
    uk: 'цілих ціла кома',
  }).map(([language, marks]) => [language, new Set(marks.split(' '))]),
);

interface Decimals {
  readonly digits: string;
  /** What is said after them multiplies all. */
  readonly factor: number;
  readonly end: number;
}

/** The decimals that are said from the word at `at` on: "point five", "Komma fünfundzwanzig Millionen". */
function decimalsAt(
  words: readonly Word[],
  at: number,
  longest: number,
  text: string,
  language: Language,
): Decimals | undefined {
  const { phrases, multipliers } = numberWordsOf(language);
  if (DECIMAL_MARK.get(baseLanguage(language))?.has(words[at]?.key ?? '') !== true) {
    return undefined;
  }
  let digits = '';
  let next = at + 1;
  for (let match = longestPhrase(words, next, longest, text, phrases); match !== undefined; ) {
    const isDigit = Number.isInteger(match.value) && match.value >= 0 && match.value < 10;
    if (!Number.isInteger(match.value) || match.value > 999 || (!isDigit && digits !== '')) {
      break;
    }
    digits += String(match.value);
    next += match.length;
    match = isDigit ? longestPhrase(words, next, longest, text, phrases) : undefined;
  }
  // "Пять десятых" is what the decimals are parts of.
  const named = /^(?:десят|сот|тысячн|тисячн)/u.test(words[next]?.key ?? '') ? 1 : 0;
  const factor = multipliers.get(words[next + named]?.key ?? '');
  return digits === ''
    ? undefined
    : { digits, factor: factor ?? 1, end: next + named + (factor === undefined ? 0 : 1) };
}

/** Arabic and Hebrew join their "and" to the word after it. */
function withoutAnd(key: string, phrases: ReadonlyMap<string, unknown>): string {
  return !phrases.has(key) && /^[وו]/u.test(key) && phrases.has(key.slice(1)) ? key.slice(1) : key;
}

function longestPhrase(
  words: readonly Word[],
  at: number,
  longest: number,
  text: string,
  phrases: ReadonlyMap<string, { readonly value: number }>,
): { readonly value: number; readonly length: number } | undefined {
  for (let length = Math.min(longest, words.length - at); length > 0; length -= 1) {
    const [first, last] = [words[at], words[at + length - 1]];
    const key =
      length === 1
        ? first?.key
        : first === undefined || last === undefined
          ? undefined
          : phraseKey(text.slice(first.start, last.end));
    const known = key === undefined ? undefined : phrases.get(withoutAnd(key, phrases));
    if (known !== undefined) {
      return { value: known.value, length };
    }
  }
  return undefined;
}

/** A shorter word is no thousand with what it counts. */
const SHORTEST_COMPOUND = 7;

/** Years are so many hundreds in one word: "neunzehnhundertfünfundachtzig". */
const HUNDREDS: ReadonlyMap<string, number> = new Map(
  ['hundert', 'honderd', 'hundra', 'hundrede', 'hundre'].map((word) => [word, 100]),
);

/** A word of thousands, as "ezerkétszáz" and "zweitausendfünfhundert" are. */
function compoundOf(
  key: string,
  phrases: ReadonlyMap<string, { readonly value: number }>,
  multipliers: ReadonlyMap<string, number>,
): { readonly value: number; readonly length: number } | undefined {
  if (key.length < SHORTEST_COMPOUND || key.includes(' ')) {
    return undefined;
  }
  return wordOf(key, phrases, multipliers) ?? wordOf(key, phrases, HUNDREDS);
}

function wordOf(
  key: string,
  phrases: ReadonlyMap<string, { readonly value: number }>,
  multipliers: ReadonlyMap<string, number>,
): { readonly value: number; readonly length: number } | undefined {
  for (const [many, times] of multipliers) {
    const at = times <= 1_000 && many.length > 2 ? key.indexOf(many) : -1;
    if (at < 0) {
      continue;
    }
    const before = key.slice(0, at);
    const after = key.slice(at + many.length).replace(/^(?:und|og|en)(?=\p{L})/u, '');
    const count = before === '' ? 1 : phrases.get(before)?.value;
    const rest = after === '' ? 0 : phrases.get(after)?.value;
    if (count !== undefined && rest !== undefined && rest < times) {
      return { value: count * times + rest, length: 1 };
    }
  }
  return undefined;
}

function joins(word: string | undefined): boolean {
  return (
    word !== undefined &&
    ['and', 'und', 'y', 'e', 'et', 'en', 'og', 'i', 'και', 've', 'و', 'și', 'a'].includes(word)
  );
}

function said(
  start: number,
  end: number,
  spoken: number,
  firm: boolean,
  text: string,
  language: Language,
): Said {
  const [before, after] = [text.slice(Math.max(0, start - NEAR), start), text.slice(end, end + 48)];
  const measure = measureAt(after, language);
  const value = MINUS.test(before) ? -spoken : spoken;
  const times = hourReadings(value, before, after, baseLanguage(language));
  return { start, end, firm, inDigits: false, readings: [{ type: 'number', value, measure }, ...times] };
}
