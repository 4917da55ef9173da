/**
 * Digits of all scripts as 0 to 9, and the separators of a language, by ICU. Texts keep their length, so that places in
 * them stay what they were.
 */

import type { Language } from '../../base/language.ts';

export interface Separators {
  readonly decimal: string;
  readonly group: string;
}

const DIGITS: ReadonlyMap<string, string> = new Map(
  Intl.supportedValuesOf('numberingSystem').flatMap((system) => {
    const digits = [
      ...new Intl.NumberFormat(`en-u-nu-${system}`, { useGrouping: false }).format(9_876_543_210),
    ];
    const plain =
      digits.length === 10 && digits.every((digit) => digit.length === 1 && /\p{Nd}/u.test(digit));
    return plain ? digits.map((digit, index): [string, string] => [digit, String(9 - index)]) : [];
  }),
);

/** What stands for a mark of ours in a wide or another script. */
const MARKS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '．': '.',
    '，': ',',
    '：': ':',
    '／': '/',
    '－': '-',
    '−': '-',
    '‐': '-',
    '‑': '-',
    '–': '-',
    '％': '%',
    '٪': '%',
    '٫': '.',
    '٬': "'",
    '’': "'",
    '\u00a0': ' ',
    '\u202f': ' ',
    '\u2009': ' ',
    '　': ' ',
    '＋': '+',
    '＄': '$',
    '￥': '¥',
    '～': '~',
  }),
);

/** `text` with plain digits and marks, of the same length. */
export function plainDigits(text: string): string {
  return text.replace(
    /[\p{Nd}．，：／－−‐‑–％٪٫٬’\u00a0\u202f\u2009　＋＄￥～]/gu,
    (character) => DIGITS.get(character) ?? MARKS.get(character) ?? character,
  );
}

const separators = new Map<Language, Separators>();

/** How `language` writes decimals and thousands in plain digits. */
export function separatorsOf(language: Language): Separators {
  const known = separators.get(language) ?? formatted(language);
  separators.set(language, known);
  return known;
}

function formatted(language: Language): Separators {
  const parts = new Intl.NumberFormat(`${language}-u-nu-latn`).formatToParts(1_234_567.5);
  const decimal = parts.find(({ type }) => type === 'decimal')?.value ?? '.';
  const group = parts.find(({ type }) => type === 'group')?.value ?? ',';
  return { decimal, group: plainDigits(group) };
}
