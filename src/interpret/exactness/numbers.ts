/**
 * The numbers of a text as they are put into a translation: where they stand, and how the target language writes them.
 */

import type { Language } from '../../base/language.ts';
import { plainDigits, separatorsOf } from '../text/digits.ts';
import type { Spot } from './glossary.ts';

/** Digits with what may stand between them inside one number. */
const NUMBER = /\p{Nd}(?:[.,:'’\u00a0\u202f٫٬]?\p{Nd})*/gu;

/** The numbers of `text`, written as the target language writes them. */
export function numberSpots(text: string, from: Language, to: Language): readonly Spot[] {
  return [...text.matchAll(NUMBER)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    spoken: rewritten(plainDigits(match[0]), from, to),
  }));
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
