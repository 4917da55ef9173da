/**
 * Halves that are said beside a number: "two and a half", "las dos y media", "halb drei", "साढ़े तीन". The hour and the
 * number of such a place are another than the number that stands there.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { type Measure, measureAt } from './measures.ts';
import type { Reading, Said } from './reading.ts';
import { NEAR } from './said-digits.ts';

/** A half more, right behind the number. */
const AND_A_HALF: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    en: 'and a half',
    es: 'y medi[oa]',
    fr: 'et demie?',
    it: 'e mezz[oa]',
    pt: 'e mei[oa]',
    ca: 'i mi(?:g|tja)',
    ro: 'și jumătate|si jumatate',
    nl: 'en een half',
    sv: 'och en halv',
    ru: 'с половиной',
    uk: 'з половиною',
    pl: 'i pół',
    cs: 'a půl',
    sk: 'a pol',
    hu: 'és fél',
    el: 'και μισ[ήό]',
    tr: 'buçuk\\p{L}*',
    ar: 'و\\s?(?:ال)?نصف',
    fa: 'و نیم',
    he: 'וחצי',
    vi: '(?:giờ )?rưỡi',
    th: '(?:โมง|นาฬิกา|ชั่วโมง)?ครึ่ง',
    ko: '(?:시간|년|개월|달)?\\s?반',
    ja: '(?:時間|年|か月|ヶ月|カ月|週間)半',
    zh: '(?:个|個|年|天)半',
  }).map(([language, words]) => [language, new RegExp(`^[\\s-]*(?:${words})(?!\\p{L}{3})`, 'iu')]),
);
/** What moves the number that follows: half more, a quarter more or less. */
const BEFORE_NUMBER: ReadonlyMap<string, readonly (readonly [RegExp, number])[]> = new Map([
  [
    'hi',
    [
      [/साढ़े\s*$/u, 0.5],
      [/सवा\s*$/u, 0.25],
      [/पौने\s*$/u, -0.25],
    ],
  ],
  [
    'ur',
    [
      [/ساڑھے\s*$/u, 0.5],
      [/سوا\s*$/u, 0.25],
      [/پونے\s*$/u, -0.25],
    ],
  ],
  [
    'mr',
    [
      [/साडे\s*$/u, 0.5],
      [/सव्वा\s*$/u, 0.25],
      [/पावणे\s*$/u, -0.25],
    ],
  ],
  [
    'bn',
    [
      [/সাড়ে\s*$/u, 0.5],
      [/সোয়া\s*$/u, 0.25],
      [/পৌনে\s*$/u, -0.25],
    ],
  ],
]);
/** Half of the hour before the one that is named. */
const HALF_TO: ReadonlyMap<string, RegExp> = new Map([
  ['de', /(?<!\p{L})halb\s*$/iu],
  ['nl', /(?<!\p{L})half\s*$/iu],
  ['af', /(?<!\p{L})half\s*$/iu],
  ['sv', /(?<!\p{L})halv\s*$/iu],
  ['da', /(?<!\p{L})halv\s*$/iu],
  ['nb', /(?<!\p{L})halv\s*$/iu],
  ['no', /(?<!\p{L})halv\s*$/iu],
  ['fi', /(?<!\p{L})puoli\s*$/iu],
  ['et', /(?<!\p{L})pool\s*$/iu],
  ['hu', /(?<!\p{L})fél\s*$/iu],
  ['id', /(?<!\p{L})setengah\s*$/iu],
  ['pl', /(?<!\p{L})wpół do\s*$/iu],
  ['cs', /(?<!\p{L})půl\s*$/iu],
  ['sk', /(?<!\p{L})pol\s*$/iu],
  ['ru', /(?<!\p{L})половин[аеу]\s*$/iu],
  ['uk', /(?<!\p{L})пів на\s*$/iu],
]);
/** Halves and quarters of an hour, said before it. */
const BEFORE_HOUR: ReadonlyMap<string, readonly (readonly [RegExp, number])[]> = new Map(
  Object.entries({
    en: ['half past', 'quarter (?:past|after)', 'quarter (?:to|of|before)'],
    de: ['(?!)', 'viertel nach', 'viertel vor', 'drei\\s?viertel', '(?<!drei\\s?)viertel'],
    nl: ['(?!)', 'kwart over', 'kwart voor'],
    af: ['(?!)', 'kwart oor', 'kwart voor'],
    sv: ['(?!)', 'kvart över', 'kvart i'],
    da: ['(?!)', 'kvart over', 'kvart i'],
    nb: ['(?!)', 'kvart over', 'kvart på'],
    no: ['(?!)', 'kvart over', 'kvart på'],
    pl: ['(?!)', 'kwadrans po', 'za kwadrans'],
  }).map(([language, words]) => [
    language,
    words.map((each, index) => [
      new RegExp(`(?<!\\p{L})(?:${each})\\s*$`, 'iu'),
      [30, 15, -15, -15, -45][index] ?? 0,
    ]),
  ]),
);
/** Quarters of an hour, said after it. */
const AFTER_HOUR: ReadonlyMap<string, readonly (readonly [RegExp, number])[]> = new Map(
  Object.entries({
    es: ['y cuarto', 'menos cuarto'],
    fr: ['et quart', 'moins le quart'],
    it: ['e un quarto', 'meno un quarto'],
    ca: ['i quart', 'menys quart'],
    ro: ['și un sfert', 'fără un sfert'],
    el: ['και τέταρτο', 'παρά τέταρτο'],
    ar: ['و\\s?الربع', 'إلا\\s?(?:ال)?ربعا?'],
  }).map(([language, words]) => [
    language,
    words.map((each, index) => [new RegExp(`^\\s*(?:${each})(?!\\p{L})`, 'iu'), [15, -15][index] ?? 0]),
  ]),
);

/** `found` with the halves beside its numbers in `text`. */
export function withHalves(found: readonly Said[], text: string, language: Language): readonly Said[] {
  const base = baseLanguage(language);
  if (![AND_A_HALF, BEFORE_NUMBER, HALF_TO, BEFORE_HOUR].some((words) => words.has(base))) {
    return found;
  }
  return found.map((said) => {
    const value = amountOf(said);
    if (value === undefined) {
      return said;
    }
    const before = text.slice(Math.max(0, said.start - NEAR), said.start).normalize('NFC');
    const after = text.slice(said.end, said.end + NEAR + NEAR);
    const half = AND_A_HALF.get(base)?.exec(after);
    if (half !== undefined && half !== null) {
      const end = said.end + half[0].length;
      return moved(said, end, value, 0.5, measureAt(text.slice(end, end + NEAR + NEAR), language));
    }
    const move = BEFORE_NUMBER.get(base)?.find(([word]) => word.test(before))?.[1];
    if (move !== undefined) {
      return moved(said, said.end, value, move);
    }
    const shift =
      HALF_TO.get(base)?.test(before) === true
        ? -30
        : (BEFORE_HOUR.get(base)?.find(([words]) => words.test(before)) ??
            AFTER_HOUR.get(base)?.find(([words]) => words.test(after)))?.[1];
    return shift === undefined || value > 24 || !Number.isInteger(value)
      ? said
      : { ...said, firm: true, readings: [timeOf(value, shift)] };
  });
}

/** The hour or the whole number that `said` is, when it is one. */
function amountOf({ readings }: Said): number | undefined {
  const [first] = readings;
  return first?.type === 'number'
    ? first.value
    : first?.type === 'time' && first.minutes % 60 === 0
      ? first.minutes / 60
      : undefined;
}

/** What a half is half of: "साढ़े तीन लाख" is half a lakh more. */
const UNITS: readonly number[] = [1e9, 1e7, 1e6, 1e5, 1e3, 100];

function moved(said: Said, end: number, value: number, part: number, measured?: Measure): Said {
  const unit = UNITS.find((each) => value >= each && value % each === 0) ?? 1;
  const [first] = said.readings;
  const measure = measured ?? (first?.type === 'number' ? first.measure : undefined);
  const number: Reading = { type: 'number', value: value + part * unit, measure };
  const isHour = value <= 24 && Number.isInteger(value);
  return { ...said, end, firm: true, readings: isHour ? [number, timeOf(value, part * 60)] : [number] };
}

function timeOf(hours: number, shift: number): Reading {
  return { type: 'time', minutes: ((hours % 24) * 60 + shift + 1_440) % 1_440, half: undefined };
}
