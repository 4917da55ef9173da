/**
 * A text as it is spoken, for engines that read digits badly or not at all: dates, times, money, percentages, measures,
 * addresses, codes and numbers in words, by ICU's names and CLDR's number words. Pure; a language without number words
 * keeps its digits.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Reads } from '../../engines/tts/tts-engine.ts';
import { countersInWords } from './counted-nouns.ts';
import { plainDigits } from './digits.ts';
import { spelledNumbers } from './spelled-numbers.ts';
import { amountsInWords, type Spoken } from './written-amounts.ts';
import { datesInWords } from './written-dates.ts';
import { ordinalsInWords } from './written-ordinals.ts';
import { partsAsDecimals, rangesInWords } from './written-ranges.ts';
import { timesInWords } from './written-times.ts';

/** What the marks of an address are called. */
interface AddressWords {
  readonly at: string;
  readonly dot: string;
  readonly slash: string;
}

const ADDRESS_WORDS: ReadonlyMap<string, AddressWords> = new Map([
  ['en', { at: 'at', dot: 'dot', slash: 'slash' }],
  ['de', { at: 'ät', dot: 'Punkt', slash: 'Schrägstrich' }],
  ['fr', { at: 'arobase', dot: 'point', slash: 'barre oblique' }],
  ['es', { at: 'arroba', dot: 'punto', slash: 'barra' }],
  ['it', { at: 'chiocciola', dot: 'punto', slash: 'barra' }],
  ['pt', { at: 'arroba', dot: 'ponto', slash: 'barra' }],
  ['nl', { at: 'apenstaartje', dot: 'punt', slash: 'schuine streep' }],
  ['pl', { at: 'małpa', dot: 'kropka', slash: 'ukośnik' }],
  ['ru', { at: 'собака', dot: 'точка', slash: 'слэш' }],
  ['cs', { at: 'zavináč', dot: 'tečka', slash: 'lomítko' }],
  ['sv', { at: 'snabel-a', dot: 'punkt', slash: 'snedstreck' }],
  ['tr', { at: 'et', dot: 'nokta', slash: 'bölü' }],
]);

const ADDRESS = new RegExp(
  [
    /[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u,
    /https?:\/\/[\p{L}\p{N}./_-]*[\p{L}\p{N}]/u,
    /(?<![\p{L}\p{N}.@])www(?:\.[\p{L}\p{N}-]+)+(?:\/[\p{L}\p{N}_-]+)*/u,
    /(?<![\p{L}\p{N}.@])(?:[a-z0-9-]+\.)+(?:com|org|net|info|eu|io|app|dev|gov|edu)(?![\p{L}\p{N}.])(?:\/[a-z0-9_-]+)*/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'giu',
);

/** What has none of these is words. */
const UNEVEN = /[\d@]|\.\p{L}|:\/\//u;

/** `text` with everything in it that its engine does not read written as words. */
export function writtenOut(text: string, language: Language, reads: Reads): string {
  const plain = reads === 'everything' ? '' : plainDigits(text);
  if (!UNEVEN.test(plain)) {
    return text;
  }
  const speller = spelledNumbers(language);
  const cardinal = speller?.cardinals.find((name) => !name.includes('days'));
  if (speller === undefined || cardinal === undefined || reads === 'everything') {
    return text;
  }
  const say = (value: number, decimals?: string): string => speller.spell(value, cardinal, decimals);
  const spoken: Spoken = { language, speller, say };
  const whole = partsAsDecimals(rangesInWords(plain, language), language);
  const named = whole.replace(ADDRESS, (address) => addressInWords(address, language));
  const timed = timesInWords(datesInWords(named, spoken), spoken);
  const ordered = reads === 'words' ? ordinalsInWords(timed, language, speller) : timed;
  return amountsInWords(countersInWords(ordered, language, speller), spoken, reads);
}

function addressInWords(address: string, language: Language): string {
  const words = ADDRESS_WORDS.get(baseLanguage(language));
  if (words === undefined) {
    return address;
  }
  return address
    .replace(/^https?:\/\//i, '')
    .replaceAll('@', ` ${words.at} `)
    .replaceAll('.', ` ${words.dot} `)
    .replaceAll('/', ` ${words.slash} `);
}
