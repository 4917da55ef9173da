/**
 * The numbers of a text, as far as they are written in digits: where they stand, and whether a translation still holds
 * them. Separators differ between languages, so only the digits are compared.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Spot } from './glossary.ts';

/** Digits with what may stand between them inside one number. */
const NUMBER = /\p{Nd}(?:[.,:'’\u00a0\u202f]?\p{Nd})*/gu;

/** Digits that can be told from others once they are run together. */
const SHORTEST_REGROUPED = 3;

/** Languages that write 1,250.50 and not 1.250,50. */
const DECIMAL_POINT: ReadonlySet<string> = new Set(['en', 'ja', 'zh', 'ko', 'th', 'he']);

/** The numbers of `text`, written as the target language writes them. */
export function numberSpots(text: string, from: Language, to: Language): readonly Spot[] {
  return [...text.matchAll(NUMBER)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    spoken: rewritten(match[0], from, to),
  }));
}

/** Whether `translation` holds the number that `spot` demands, however it groups the digits. */
export function holdsNumber(translation: string, spot: Spot): boolean {
  const wanted = digitsOf(spot.spoken);
  const found = [...translation.matchAll(NUMBER)].map(([text]) => digitsOf(text));
  return (
    found.includes(wanted) ||
    found.includes(inTwentyFourHours(wanted)) ||
    // Telephone numbers are grouped differently everywhere.
    (wanted.length >= SHORTEST_REGROUPED && found.join('').includes(wanted))
  );
}

/** What an hour, or an hour with minutes, may have become: 4 is 16, 415 is 1615. */
function inTwentyFourHours(digits: string): string {
  const number = Number(digits);
  return digits.length <= 2 ? String(number + 12) : String(number + 1_200);
}

/** A number with the separators of another language: groups are dropped, decimals kept. */
function rewritten(number: string, from: Language, to: Language): string {
  const [point, group] = DECIMAL_POINT.has(baseLanguage(from)) ? ['.', ','] : [',', '.'];
  const decimal = DECIMAL_POINT.has(baseLanguage(to)) ? '.' : ',';
  const ungrouped = number.replace(new RegExp(`[${group}'’\\u00a0\\u202f](?=\\p{Nd}{3})`, 'gu'), '');
  return ungrouped.replaceAll(point, decimal);
}

function digitsOf(number: string): string {
  return number.replace(/\P{Nd}/gu, '');
}
