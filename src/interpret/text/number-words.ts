/**
 * Number words read back: the forms of 0 to 1,000 that CLDR's rules can make, cardinal and ordinal, by what they say,
 * some that they do not make, and the words that multiply, from thousand on. A language's words are made once, in
 * about 20 ms.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { MORE_NUMBER_WORDS } from './more-number-words.ts';
import { MULTIPLIERS } from './multipliers.ts';
import { spelledNumbers } from './spelled-numbers.ts';

export interface NumberWord {
  readonly value: number;
  readonly ordinal: boolean;
}

export interface NumberWords {
  /** By their words in lower case with single blanks between, hyphens being blanks. */
  readonly phrases: ReadonlyMap<string, NumberWord>;
  /** Words that are part of a phrase. */
  readonly words: ReadonlySet<string>;
  /** The longest phrase, in words. */
  readonly longest: number;
  readonly multipliers: ReadonlyMap<string, number>;
}

const WHOLE = Array.from({ length: 1_001 }, (_, value) => value);
/** Days of a month and tens; few ordinals are said beyond. */
const ORDINALS = [...WHOLE.slice(0, 32), 40, 50, 60, 70, 80, 90, 100];
/** Below a hundred many languages have a word for every number. */
const PARTS = [...WHOLE.slice(0, 101), 200, 300, 400, 500, 600, 700, 800, 900, 1_000];

/** "And", as it stands between the words of a number. */
const AND: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    en: 'and',
    de: 'und',
    nl: 'en',
    af: 'en',
    es: 'y',
    gl: 'e',
    pt: 'e',
    it: 'e',
    fr: 'et',
    ca: 'i',
    sv: 'och',
    da: 'og',
    nb: 'og',
    no: 'og',
    is: 'og',
    ro: 'și',
    hr: 'i',
    bs: 'i',
    sr: 'i и',
    bg: 'и',
    mk: 'и',
    pl: 'i',
    el: 'και',
    sq: 'e',
    eu: 'eta',
    ar: 'و',
    fa: 'و',
    he: 'ו',
    ms: 'dan',
    sw: 'na',
  }).map(([language, joining]) => [language, joining.split(' ')]),
);

const known = new Map<string, NumberWords>();

export function numberWordsOf(language: Language): NumberWords {
  const made = known.get(language) ?? numberWords(language);
  known.set(language, made);
  return made;
}

/** A phrase as it is looked up: a Turkish capital I has lost its dot, apostrophes of all kinds are one. */
export function phraseKey(text: string): string {
  const lower = text.normalize('NFC').toLowerCase();
  // Most words are plain, and every word of a text comes here.
  if (/^[a-z\u00df-\u024f\u0370-\u03ff\u0400-\u04ff]*$/.test(lower)) {
    return lower;
  }
  return lower
    .replaceAll('i\u0307', 'i')
    .replace(/[’ʼ]/gu, "'")
    .replace(/[-\u2010\u2011\u200c\u00a0\s]+/gu, ' ')
    .replaceAll('\u200b', '')
    .trim();
}

function numberWords(language: Language): NumberWords {
  const phrases = new Map<string, NumberWord>();
  const speller = spelledNumbers(language);
  const sets = [
    ...(speller?.cardinals ?? []).map((name) => ({ name, ordinal: false })),
    ...(speller?.ordinals ?? []).map((name) => ({ name, ordinal: true })),
  ];
  for (const [index, { name, ordinal }] of sets.entries()) {
    // Where a number is one word it is looked up as one, in its plain form; where it is several, they are added up.
    const compound = index === 0 && !phraseKey(speller?.spell(234, name) ?? ' ').includes(' ');
    const values = compound ? WHOLE : PARTS;
    for (const value of ordinal ? ORDINALS : values) {
      const key = phraseKey(speller?.spell(value, name) ?? '');
      if (key !== '' && !/\p{Nd}/u.test(key) && !phrases.has(key)) {
        phrases.set(key, { value, ordinal });
      }
    }
  }
  for (const { name } of sets.filter(({ ordinal }) => !ordinal)) {
    // Hundreds have another form before more: "huit cents" but "huit cent un", "cien" but "ciento uno".
    const one = ` ${phraseKey(speller?.spell(1, name) ?? '')}`;
    for (let hundreds = 100; hundreds <= 900; hundreds += 100) {
      const key = phraseKey(speller?.spell(hundreds + 1, name) ?? '');
      const before = key.endsWith(one) ? key.slice(0, -one.length) : '';
      if (before !== '' && !phrases.has(before)) {
        phrases.set(before, { value: hundreds, ordinal: false });
      }
    }
  }
  for (const [word, value] of MORE_NUMBER_WORDS.get(baseLanguage(language)) ?? []) {
    phrases.set(word, { value, ordinal: false });
  }
  const multipliers = new Map(
    [...(MULTIPLIERS.get(baseLanguage(language)) ?? [])].map(([word, value]) => [
      word.normalize('NFC'),
      value,
    ]),
  );
  const words = new Set(
    [...phrases.keys()].flatMap((phrase) => phrase.split(' ')).concat(...multipliers.keys()),
  );
  // An "and" between number words is one of them there, and nothing elsewhere.
  for (const joining of AND.get(baseLanguage(language)) ?? []) {
    words.delete(joining);
  }
  const longest = Math.max(1, ...[...phrases.keys()].map((phrase) => phrase.split(' ').length));
  return { phrases, words, longest, multipliers };
}
