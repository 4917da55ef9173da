/**
 * The numbers of a text as they are put into a translation: where they stand, and how the target language writes them.
 */

import type { Language } from '../../base/language.ts';
import { CURRENCY_SIGN } from '../text/currencies.ts';
import { plainDigits, separatorsOf } from '../text/digits.ts';
import type { Spot } from './glossary.ts';

/** A number, with what makes it less than nothing and what it counts. */
export interface NumberSpot extends Spot {
  /** Its digits and its minus alone. */
  readonly bare: string;
}

/** Digits with what may stand between them inside one number, and the signs beside them that are said with it. */
const NUMBER = new RegExp(
  String.raw`(?:(?<=^|[\s(])(?<minus>[-−]))?(?<sign>${CURRENCY_SIGN}\s?(?<inner>[-−])?)?` +
    String.raw`(?<digits>\p{Nd}(?:[.,:'’\u00a0\u202f٫٬]?\p{Nd})*)(?<unit>\s?(?:${CURRENCY_SIGN}|%))?`,
  'gu',
);

/** The numbers of `text`, written as the target language writes them. */
export function numberSpots(text: string, from: Language, to: Language): readonly NumberSpot[] {
  return [...text.matchAll(NUMBER)].map((match) => {
    const { minus, sign = '', inner, digits = '', unit = '' } = match.groups ?? {};
    const below = minus === undefined && inner === undefined ? '' : '-';
    const written = rewritten(plainDigits(digits), from, to);
    const counted = sign.replace(/[-−]$/u, '');
    return {
      start: match.index,
      end: match.index + match[0].length,
      spoken: `${below}${counted}${written}${unit}`,
      bare: `${below}${written}`,
    };
  });
}

/** A number with the separators of another language: groups are dropped, decimals kept; codes and times stay. */
function rewritten(number: string, from: Language, to: Language): string {
  const point = separatorsOf(from).decimal === ',' ? ',' : '.';
  const group = point === ',' ? '.' : ',';
  const groups = new RegExp(`[${group}' ](?=(?:\\d\\d[${group}])*\\d{3}(?!\\d))`, 'gu');
  const ungrouped = number.replace(groups, '');
  const decimal = separatorsOf(to).decimal === ',' ? ',' : '.';
  return new RegExp(`^\\d+\\${point}\\d+$`).test(ungrouped) ? ungrouped.replace(point, decimal) : ungrouped;
}
