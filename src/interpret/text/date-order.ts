/** In which order a language writes days and months in digits, by ICU. */

import type { Language } from '../../base/language.ts';

const known = new Map<Language, string>();

/** A day and a month as `language` writes them, with `d` and `m` where they stand: "d.m.", "m/d". */
export function shortDateOf(language: Language): string {
  const made = known.get(language) ?? formatted(language);
  known.set(language, made);
  return made;
}

function formatted(language: Language): string {
  return new Intl.DateTimeFormat(`${language}-u-ca-gregory-nu-latn`, { day: 'numeric', month: 'numeric' })
    .formatToParts(0)
    .map(({ type, value }) => (type === 'day' ? 'd' : type === 'month' ? 'm' : value))
    .join('');
}

export function monthGoesFirst(language: Language): boolean {
  const order = shortDateOf(language);
  return order.indexOf('m') < order.indexOf('d');
}
