/**
 * A dollar sign alone is the money of whoever said it. A translation that took it over is read where another money has the
 * same sign: "$500" of an American would be five hundred pesos in Mexico.
 */

import type { Language } from '../../base/language.ts';
import { currencyOf, plainSignOf } from '../text/currencies.ts';

const ALONE = /(?<![\p{L}$])\$(?=\s?\d)|(?<=\d\s?)\$(?![\d\p{L}$])/gu;

/** `translation` with the signs that `text` has, too, written so that they mean there what they mean in `text`. */
export function moneyOfSource(text: string, from: Language, translation: string, to: Language): string {
  const currency = currencyOf('$', from);
  if (currency === undefined || currency === currencyOf('$', to) || text.search(ALONE) < 0) {
    return translation;
  }
  const sign = plainSignOf(currency);
  return sign === undefined ? translation : translation.replace(ALONE, () => sign);
}
