/**
 * Roman numerals, as many languages count centuries, rulers and chapters: "au XXe siècle", "Carlos V", "VIII wieku". They
 * may be something else ("vitamin C", a name's initial), so none of them must be said again.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Said } from './reading.ts';

/** With the endings that French, Catalan and Spanish write at them. */
const ROMAN = /(?<![\p{L}\p{N}.])([IVXLC]+)(?:ers?|re|e|es|ème|è|º|ª)?(?![\p{L}\p{N}])/gu;
const WELL_FORMED = /^C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/;
const SIGNS: ReadonlyMap<string, number> = new Map([
  ['C', 100],
  ['L', 50],
  ['X', 10],
  ['V', 5],
  ['I', 1],
]);
/** Letters that are more often themselves. */
const LETTERS: ReadonlySet<string> = new Set(['C', 'L']);

export function romanNumerals(text: string, language: Language): readonly Said[] {
  return [...text.matchAll(ROMAN)].flatMap((match) => {
    const [written, numeral = ''] = match;
    const isWord = LETTERS.has(numeral) || (numeral === 'I' && baseLanguage(language) === 'en');
    return isWord || !WELL_FORMED.test(numeral)
      ? []
      : [
          {
            start: match.index,
            end: match.index + written.length,
            ...{ firm: false, inDigits: false },
            readings: [{ type: 'number', value: worthOf(numeral), measure: undefined }],
          },
        ];
  });
}

/** A sign before a greater one is taken off. */
function worthOf(numeral: string): number {
  const values = [...numeral].map((sign) => SIGNS.get(sign) ?? 0);
  return values.reduce((sum, value, at) => sum + (value < (values[at + 1] ?? 0) ? -value : value), 0);
}
