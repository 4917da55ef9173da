/**
 * Dates in digits that a translation took over as they were written. Read in the order of its own language they may be
 * another day: "05/06/2024" is the fifth of June in Spanish, and the sixth of May in English.
 */

import type { Language } from '../../base/language.ts';
import { monthGoesFirst } from '../text/date-order.ts';

const AMBIGUOUS = /(?<![\d/.-])(0?[1-9]|1[0-2])([/-])(0?[1-9]|1[0-2])(\2(?:\d{4}|\d{2}))(?![\d/-])/gu;

/** `translation` with the dates that stand in `text` just so in the order of its language. */
export function datesInOrder(text: string, from: Language, translation: string, to: Language): string {
  if (monthGoesFirst(from) === monthGoesFirst(to)) {
    return translation;
  }
  const written = new Set(Array.from(text.matchAll(AMBIGUOUS), ([date]) => date));
  return translation.replace(AMBIGUOUS, (date, first: string, mark: string, second: string, year: string) => {
    const turned = `${second}${mark}${first}${year}`;
    // Where both are said, neither tells whether it was turned already.
    return written.has(date) && !written.has(turned) ? turned : date;
  });
}
