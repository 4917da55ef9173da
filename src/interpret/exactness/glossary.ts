/**
 * Terms that have one agreed translation: names, products, words of the trade. A glossary is for one direction.
 */

import { AppError } from '../../base/errors.ts';
import { baseLanguage, type Language } from '../../base/language.ts';
import { endingsOf } from '../text/declension.ts';

/** Part of a text that must come out in one way. */
export interface Spot {
  /** Where it stands in the source text. */
  readonly start: number;
  readonly end: number;
  /** What must be in the translation. */
  readonly spoken: string;
}

export class Glossary {
  /** Source terms and their translations. */
  readonly terms: ReadonlyMap<string, string>;
  /** By the language that is searched; a glossary is for one direction, so there is one as a rule. */
  readonly #searches = new Map<Language, Search>();
  readonly #held = new Map<string, RegExp>();

  constructor(terms: ReadonlyMap<string, string>) {
    this.terms = terms;
  }

  /** The terms that `text` of `language` holds, in order and without overlaps. */
  spots(text: string, language: Language): readonly Spot[] {
    const { whole, each } = this.#searchOf(language);
    const composed = text.normalize('NFC');
    const searched = alike(composed.length === text.length ? composed : text);
    // Some recognisers write no capitals at all.
    const isSmall = !/\p{Lu}/u.test(text);
    return [...searched.matchAll(whole)].flatMap(({ index: start, 0: match }) => {
      const found = each.find(([pattern, , source]) => {
        pattern.lastIndex = start;
        return (
          pattern.exec(searched)?.[0] === match &&
          (!isCapitals(source) || (isSmall ? !isWord(source) : match.startsWith(alike(source))))
        );
      });
      return found === undefined ? [] : [{ start, end: start + match.length, spoken: found[1] }];
    });
  }

  /** Whether `translation` says what `spot` demands, with an ending of its language perhaps. */
  holds(translation: string, { spoken }: Spot, language: Language): boolean {
    // A short word may be part of any other where words stand apart.
    const mayBePart = UNSPACED.test(spoken) || spoken.length > LONGEST_SHORT;
    const [whole, part] = [folded(translation), folded(spoken)];
    if (mayBePart ? whole.includes(part) : beginsAWord(whole, part)) {
      return true;
    }
    const key = `${language} ${spoken}`;
    const pattern = this.#held.get(key) ?? new RegExp(patternOf(spoken, language), 'iu');
    this.#held.set(key, pattern);
    return pattern.test(alike(translation.normalize('NFC')));
  }

  /** The longest first, so that "credit card number" is not taken for "credit card". */
  #searchOf(language: Language): Search {
    const known = this.#searches.get(language);
    if (known !== undefined) {
      return known;
    }
    const terms = [...this.terms].sort(([a], [b]) => b.length - a.length);
    const patterns = terms.map(([source]) => patternOf(source, language));
    const made = {
      whole: new RegExp(patterns.length === 0 ? '(?!)' : patterns.join('|'), 'giu'),
      each: terms.map(([source, target], index): readonly [RegExp, string, string] => [
        new RegExp(patterns[index] ?? '(?!)', 'iuy'),
        target,
        source,
      ]),
    };
    this.#searches.set(language, made);
    return made;
  }
}

/** All terms in one search, and each of them to tell which was found. */
interface Search {
  readonly whole: RegExp;
  readonly each: readonly (readonly [pattern: RegExp, target: string, source: string])[];
}

/** A longer term may be part of a compound, as German makes them. */
const LONGEST_SHORT = 4;

/** "IT" and "WHO" are other words in small letters. */
function isCapitals(term: string): boolean {
  return /^[\p{Lu}\p{N}.]{2,}$/u.test(term) && /\p{Lu}/u.test(term);
}

/** Words of every sentence that terms in capitals are, too. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'it us who am is in on or so no do go he if me my we be as at an by to up of oh ok hi all and any are can for has had ' +
    'her him his how its let may new not now old one our out own put say she the too two use was way why you will that ' +
    'du er es um zu da das der die den ein ab el la lo si de en se te un le ne sa il al ai im'
  ).split(' '),
);

function isWord(term: string): boolean {
  return WORDS.has(term.toLowerCase());
}

/** A short word may have its endings, and be the first of a compound. */
function beginsAWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{M}\\p{N}])${escapeForRegExp(word)}`, 'u').test(text);
}

export const EMPTY_GLOSSARY = new Glossary(new Map());

/**
 * Reads a glossary as it is written: a term a line, `source = translation`; empty lines and lines that begin with # are
 * left out.
 * @throws AppError `bad-option` naming the line.
 */
export function parseGlossary(text: string): Glossary {
  const terms = new Map<string, string>();
  /** In which line each stands, counted from 1, and with which translation. */
  const written = new Map<string, { readonly line: number; readonly target: string }>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const term = line.trim();
    if (term !== '' && !term.startsWith('#')) {
      const [source = '', target = '', ...more] = term.split('=').map((part) => part.trim());
      if (source === '' || target === '' || more.length > 0) {
        throw new AppError('bad-option', `line ${index + 1} is no term: write "source = translation"`);
      }
      const key = keyOf(source);
      const before = written.get(key);
      if (before !== undefined && before.target !== target) {
        throw new AppError(
          'bad-option',
          `lines ${before.line} and ${index + 1} translate one term in two ways: write one of them`,
        );
      }
      written.set(key, { line: index + 1, target });
      terms.set(source, target);
    }
  }
  return new Glossary(terms);
}

/** A term as it is looked up, whatever its capitals and spaces. */
function keyOf(term: string): string {
  return term.toLowerCase().replace(/\s+/g, ' ');
}

/** Written without blanks between words, so that a term may stand anywhere. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Arabic and Hebrew join articles and particles to the word after them. */
const PREFIXED: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Arabic}/u, '[وفبكلس]{0,2}(?:ال|لل)?'],
  [/\p{Script=Hebrew}/u, '[והבכלמש]{0,2}'],
];

/** A term wherever it may stand in a text of its language, each of its words with the endings of the language. */
function patternOf(term: string, language: Language): string {
  const words = alike(term.normalize('NFC'))
    .trim()
    .split(/[\s-]+(?=\S)(?<=\S[\s-]+)/u);
  return words.map((word) => wordPattern(word, language)).join('[\\s\\u200c-]+');
}

function wordPattern(word: string, language: Language): string {
  if (UNSPACED.test(word)) {
    return escapeForRegExp(word);
  }
  const prefix = PREFIXED.find(([script]) => script.test(word))?.[1] ?? '';
  const stems = endingsOf(word, language).map(({ stem, ending }) => `${escapeForRegExp(stem)}${ending}`);
  const plain = [escapeForRegExp(word), ...stems].join('|').replaceAll('ß', '(?:ß|ss)');
  const written = baseLanguage(language) === 'de' ? plain.replace(/[aou](?![^(]*\))/giu, umlauted) : plain;
  return `(?<![\\p{L}\\p{M}\\p{N}])${prefix}(?:${written})(?![\\p{L}\\p{M}\\p{N}])`;
}

/** German plurals and diminutives change the vowel: "Haus", "Häuser". */
function umlauted(vowel: string): string {
  return { a: '[aä]', o: '[oö]', u: '[uü]' }[vowel.toLowerCase()] ?? vowel;
}

/** Letters and marks that are written in more ways than one, each as long as the other. */
const ALIKE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ '’': "'", '‘': "'", ʼ: "'", '‑': '-', '‐': '-', '–': '-' },
    ...{ ё: 'е', Ё: 'Е', ş: 'ș', Ş: 'Ș', ţ: 'ț', Ţ: 'Ț', ı: 'i', İ: 'i' },
    ...{ ی: 'ي', ى: 'ي', ک: 'ك', أ: 'ا', إ: 'ا', آ: 'ا', ہ: 'ه', ھ: 'ه' },
  }),
);
/** Vietnamese writes a tone on either of two vowels: "hoá", "hóa". */
const TONES: readonly (readonly [string, string])[] = [
  'oa óa òa ỏa õa ọa',
  'oe óe òe ỏe õe ọe',
  'uy úy ùy ủy ũy ụy',
].flatMap((row) => {
  const [plain = '', ...toned] = row.split(' ');
  const last = { oa: 'áàảãạ', oe: 'éèẻẽẹ', uy: 'ýỳỷỹỵ' }[plain] ?? '';
  return toned.map((each, index): readonly [string, string] => [
    `${plain.slice(0, 1)}${last[index] ?? ''}`,
    each,
  ]);
});
const TONED = new RegExp(TONES.map(([written]) => written).join('|'), 'gu');
const TONE: ReadonlyMap<string, string> = new Map(TONES);

/**
 * `text` as it is looked up, of the same length: Greek moves its accents from form to form, and letters that look alike
 * are one.
 */
function alike(text: string): string {
  return text
    .replace(/[άέήίόύώΐΰϊϋ]/giu, (letter) => letter.normalize('NFD').slice(0, 1))
    .replace(/[’‘ʼ‑‐–ёЁşŞţŢıİیىکأإآہھ]/gu, (letter) => ALIKE.get(letter) ?? letter)
    .replace(TONED, (vowels) => TONE.get(vowels) ?? vowels);
}

function folded(text: string): string {
  return alike(text.normalize('NFKC')).toLowerCase().replaceAll('i\u0307', 'i').replaceAll('ß', 'ss');
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
