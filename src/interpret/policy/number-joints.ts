/**
 * Words that go on with a number: "two and a half", "one hundred and twenty over eighty", "dos coma cinco". By
 * themselves they say none, and begin other phrases where no number follows them.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { numberWordsOf } from '../text/number-words.ts';
import { segmentsOf } from '../text/segments.ts';
import type { Token } from './tokens.ts';
import { isSpaced } from './unspaced-words.ts';

/** Between the parts of a number, then halves and quarters, then what stands before those. */
const ROWS: Readonly<Record<string, readonly [joints: string, parts: string, before?: string]>> = {
  en: ['and over point oh', 'half quarter third', 'a'],
  de: ['und komma zu', 'halb halbe halber halbes viertel', 'ein eine'],
  nl: ['en komma', 'half halve kwart', 'een'],
  fr: ['et virgule moins sur', 'demi demie quart', 'le un'],
  es: ['y con coma punto menos', 'media medio cuarto', 'un'],
  ca: ['i amb coma menys', 'mig mitja quart', 'un'],
  gl: ['e con coma menos', 'media medio cuarto', 'un'],
  it: ['e virgola meno su', 'mezzo mezza quarto', 'un'],
  pt: ['e com vírgula menos por', 'meia meio quarto', 'um'],
  ro: ['și cu virgulă fără', 'jumătate sfert', 'un'],
  sv: ['och komma', 'halv halvt kvart', 'en ett'],
  da: ['og komma', 'halv halvt kvart', 'en et'],
  nb: ['og komma', 'halv halvt kvart', 'en et'],
  no: ['og komma', 'halv halvt kvart', 'en et'],
  pl: ['i przecinek na', 'pół ćwierć'],
  cs: ['a celá celých celé', 'půl čtvrt'],
  sk: ['a celá celých celé', 'pol štvrť'],
  ru: ['с и целых целая запятая на', 'половиной половина четвертью'],
  uk: ['з і цілих ціла кома на', 'половиною половина чвертю'],
  bg: ['и цяло', 'половина'],
  hr: ['i zarez', 'pol pola'],
  sr: ['и запета i zapeta', 'по пола po pola'],
  el: ['και κόμμα', 'μισό μισή τέταρτο'],
  hu: ['és egész', 'fél'],
};

interface Joints {
  readonly joints: ReadonlySet<string>;
  readonly parts: ReadonlySet<string>;
  readonly before: ReadonlySet<string>;
}

const JOINTS: ReadonlyMap<string, Joints> = new Map(
  Object.entries(ROWS).map(([language, [joints, parts, before = '']]) => [
    language,
    {
      joints: new Set(joints.split(' ')),
      parts: new Set(parts.split(' ')),
      before: new Set(before.split(' ')),
    },
  ]),
);

/**
 * Whether a word that goes on with a number stands before or behind the border before `at`, with a number before it,
 * and after it as far as that was heard.
 * @param isNumeric whether a token says a number by itself.
 */
export function insideJoinedNumber(
  tokens: readonly Token[],
  at: number,
  language: Language,
  isNumeric: (token: Token) => boolean,
): boolean {
  const words = JOINTS.get(baseLanguage(language));
  if (words === undefined) {
    return false;
  }
  const goesOn = (index: number): boolean => {
    const [next, after] = [tokens[index], tokens[index + 1]];
    return (
      next === undefined ||
      isNumeric(next) ||
      words.parts.has(next.word) ||
      (words.before.has(next.word) && (after === undefined || words.parts.has(after.word)))
    );
  };
  const joins = (index: number): boolean => {
    const [number, joint] = [tokens[index - 1], tokens[index]];
    return (
      number !== undefined &&
      joint !== undefined &&
      number.mark === 'none' &&
      words.joints.has(joint.word) &&
      isNumeric(number) &&
      goesOn(index + 1)
    );
  };
  return joins(at) || joins(at - 1);
}

interface Pieces {
  readonly all: readonly string[];
  /** Nothing but them. */
  readonly whole: RegExp;
}

const known = new Map<string, Pieces>();
const MOST = 1_000;

/** What ICU's dictionaries take the number words of an unspaced language apart to; nothing in others. */
function piecesOf(language: Language): Pieces {
  const base = baseLanguage(language);
  const made = known.get(base) ?? pieces(isSpaced(language) ? [] : numberSegmentsOf(base));
  known.set(base, made);
  return made;
}

function pieces(segments: readonly string[]): Pieces {
  const all = [...new Set(segments)].sort((a, b) => b.length - a.length);
  return { all, whole: all.length === 0 ? /(?!)/u : new RegExp(`^(?:${all.join('|')})+$`, 'u') };
}

/** Whether a word of an unspaced text is nothing but pieces of numbers; dictionaries take some of them for one word. */
export function isMadeOfNumbers(word: string, language: Language): boolean {
  return piecesOf(language).whole.test(word);
}

/** Whether the last word of an unspaced text, of which not all is heard, may go on as a number does. */
export function mayBecomeNumber({ word }: Token, language: Language): boolean {
  return piecesOf(language).all.some((piece) => piece.startsWith(word));
}

function numberSegmentsOf(base: string): readonly string[] {
  return [...numberWordsOf(base).phrases]
    .filter(([, { value, ordinal }]) => !ordinal && value <= MOST)
    .flatMap(([phrase]) => segmentsOf(phrase, base).map(({ segment }) => segment.trim()))
    .filter((segment) => /^[\p{L}\p{M}]{2,}$/u.test(segment));
}
