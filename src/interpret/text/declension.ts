/**
 * How words of a language end: what a text says need not be written as a list has it. Rules of thumb by family, wide
 * where a language declines, narrow where a longer word is another word. No data of ICU's or CLDR's has this.
 */

import { baseLanguage, type Language } from '../../base/language.ts';

const DECLINED: ReadonlySet<string> = new Set(
  'lv lt et fi hu tr az pl cs sk sl hr sr bs mk bg uk ru be el ka hy kk ky uz sq eu is mn ta te kn ml'.split(
    ' ',
  ),
);

/** Whether nouns of `language` take endings of a syllable and more. */
export function declines(language: Language): boolean {
  return DECLINED.has(baseLanguage(language));
}

/** A stem of a word, and a pattern of what may follow it. */
export interface Ending {
  readonly stem: string;
  readonly ending: string;
}

/** What a word of a family may lose at its end, as a pattern, and what it may get then. */
interface Family {
  readonly loses: RegExp;
  readonly gets: string;
  /** Shorter words do not change, since too many other words begin with them. */
  readonly shortest: number;
}

const letters = (most: number): string => `[\\p{L}\\p{M}]{0,${most}}`;

const GERMANIC: Family = { loses: /$/u, gets: "(?:'?s|e|en|n|er|ern|es|se|sen|ses)", shortest: 3 };
const SCANDINAVIAN: Family = {
  loses: /e?$/u,
  gets: '(?:s|e|n|t|en|et|er|ar|or|r|ene|erne|arna|orna|erna|na|ets|ens|ers|es|a|et|ne)',
  shortest: 4,
};
const ROMANCE: Family = {
  loses: /[aeioăîâ]?$/u,
  gets: '(?:s|es|a|e|i|o|as|os|is|ns|le|ul|ului|ii|ile|ilor|ei|lor|ão|ões)',
  shortest: 5,
};
const SLAVIC: Family = { loses: /[aeiouyáéíýůаеиоуыйьяюіїєюъ]?$/u, gets: letters(3), shortest: 4 };
const BALTIC: Family = { loses: /(?:[aeiuyšs]|[aeiuyuį]s|is|as|us|ys|š)?$/u, gets: letters(4), shortest: 5 };
const FINNIC: Family = { loses: /(?:s|i|nen|e|in)?$/u, gets: letters(7), shortest: 5 };
/** The last vowel of a Hungarian or a Turkic word is lengthened, its last consonant is softened. */
const AGGLUTINATIVE: Family = { loses: /[aeáékpçtğ]?$/u, gets: letters(7), shortest: 4 };
const GREEK: Family = { loses: /(?:ος|ης|ας|ες|[αεηιουώό]ς?)?$/u, gets: letters(4), shortest: 4 };
const INDIC: Family = {
  loses: /[\u093e\u0940\u09be\u0a3e\u0abe]?$/u,
  gets: '[\\p{L}\\p{M}]{0,3}',
  shortest: 3,
};
const JOINED: Family = { loses: /(?:\u0bae\u0bcd|[\u0bcd\u0ccd\u0d4d])?$/u, gets: letters(9), shortest: 3 };
const KOREAN: Family = { loses: /$/u, gets: letters(5), shortest: 2 };
/** Plurals and possessives; the Arabic ة is a ت before them. */
const ARABIC: Family = {
  loses: /ة?$/u,
  gets: '(?:ات|ين|ون|ان|اً|ا|[يكه]|ها|هم|نا|كم|[ةت](?:ي|ك|ه|ها|هم|نا|كم|ين|ان)?|ات(?:ي|ك|ه|ها|هم|نا|كم))',
  shortest: 3,
};
const HEBREW: Family = { loses: /ה?$/u, gets: '(?:ים|ות|יות|[התיךוםן]|נו|כם|תי|תך|תו|יהם)', shortest: 3 };
const PERSIAN: Family = { loses: /$/u, gets: '\\u200c?[\\p{L}\\p{M}]{0,5}', shortest: 3 };
const MALAY: Family = { loses: /$/u, gets: '(?:nya|ku|mu|lah|kah|pun)', shortest: 3 };

const FAMILIES: ReadonlyMap<string, Family> = new Map(
  (
    [
      ['en de nl af lb', GERMANIC],
      ['sv da nb no nn is fo', SCANDINAVIAN],
      ['es fr it pt ca gl ro oc', ROMANCE],
      ['pl cs sk sl hr sr bs mk bg uk ru be', SLAVIC],
      ['lt lv', BALTIC],
      ['fi et', FINNIC],
      ['hu tr az kk ky uz tk ka hy eu mn sq', AGGLUTINATIVE],
      ['el', GREEK],
      ['hi mr ne bn gu pa ur as or', INDIC],
      ['ta te kn ml', JOINED],
      ['ko', KOREAN],
      ['ar', ARABIC],
      ['he', HEBREW],
      ['fa ps', PERSIAN],
      ['id ms', MALAY],
    ] as const
  ).flatMap(([languages, family]) => languages.split(' ').map((language) => [language, family])),
);

/** Plurals that change the end of a word, by what it loses and what it gets. */
const PLURALS: Readonly<Record<string, readonly (readonly [loses: RegExp, gets: string])[]>> = {
  en: [
    [/(?<=[^aeiou])y$/u, 'ies'],
    [/(?<=[lr]|[aeio]{1,2})fe?$/u, 'ves'],
  ],
  es: [
    [/z$/u, 'ces'],
    [/ón$/u, 'ones'],
    [/án$/u, 'anes'],
    [/és$/u, 'eses'],
  ],
  pt: [
    [/ão$/u, '(?:ões|ães|ãos)'],
    [/(?<=[aeou])l$/u, 'is'],
    [/m$/u, 'ns'],
  ],
  it: [
    [/(?<=[cg])o$/u, 'hi'],
    [/(?<=[cg])a$/u, 'he'],
  ],
  fr: [
    [/al$/u, 'aux'],
    [/(?<=eau|eu)$/u, 'x'],
  ],
  nl: [
    [/f$/u, 'ven'],
    [/s$/u, 'zen'],
  ],
  de: [[/(?:o|um|a)$/u, 'en']],
  ca: [[/ó$/u, 'ons']],
};

function pluralsOf(word: string, language: Language): readonly Ending[] {
  return (PLURALS[baseLanguage(language)] ?? [])
    .filter(([loses]) => [...word].length > 2 && loses.test(word))
    .map(([loses, gets]) => ({ stem: word.replace(loses, ''), ending: gets }));
}

/** The stems of `word` in `language` and what may follow each, beside the word itself. */
export function endingsOf(word: string, language: Language): readonly Ending[] {
  return [...familyEndings(word, language), ...pluralsOf(word, language)];
}

function familyEndings(word: string, language: Language): readonly Ending[] {
  const family = FAMILIES.get(baseLanguage(language));
  if (family === undefined || [...word].length < family.shortest) {
    return [];
  }
  const stem = word.replace(family.loses, '');
  const whole = { stem: word, ending: family.gets };
  // "Faktura" goes on as "faktur-", and no word of two letters is a stem.
  const stems = stem === word || stem.length < 3 ? [whole] : [whole, { stem, ending: family.gets }];
  // "Factuur" has "facturen", where a vowel that is written twice is written once.
  const open = baseLanguage(language) === 'nl' ? word.replace(/(a|e|o|u)\1(\p{L})$/u, '$1$2') : word;
  return open === word ? stems : [...stems, { stem: open, ending: 'en' }];
}
