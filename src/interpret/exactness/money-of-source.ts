/**
 * A dollar sign alone is the money of whoever said it. A translation that took it over is read where another money has the
 * same sign: "$500" of an American would be five hundred pesos in Mexico. Who pays in pesos is left alone: recognisers
 * write the sign for dollars there, too.
 */

import type { Language } from '../../base/language.ts';
import { currencyOf, dollarIsPeso, plainSignOf } from '../text/currencies.ts';

/** A dollar sign alone, and its amount on one of its sides. */
const ALONE = /(?<![\p{L}$])\$\s?(\d[\d.,']*)|(\d[\d.,']*)\s?\$(?![\d\p{L}$])/gu;

/** `translation` with the signs that it has of `text` written so that they mean there what they mean in `text`. */
export function moneyOfSource(text: string, from: Language, translation: string, to: Language): string {
  const currency = currencyOf('$', from);
  if (currency === undefined || currency === currencyOf('$', to) || dollarIsPeso(from)) {
    return translation;
  }
  const sign = plainSignOf(currency);
  const said = new Set(Array.from(text.matchAll(ALONE), amountOf));
  return sign === undefined || said.size === 0
    ? translation
    : translation.replace(ALONE, (...found: string[]) =>
        said.has(amountOf(found)) ? (found[0] ?? '').replace('$', () => sign) : (found[0] ?? ''),
      );
}

function amountOf([, behind, before]: readonly (string | undefined)[]): string {
  return (behind ?? before ?? '').replace(/\D/gu, '');
}
