/** The names of months in a language, in the cases that dates take, by ICU. */

import type { Language } from '../../base/language.ts';

const known = new Map<Language, ReadonlyMap<string, number>>();

/** Months 1 to 12 by name in lower case. */
export function monthNames(language: Language): ReadonlyMap<string, number> {
  const made = known.get(language) ?? namesOf(language);
  known.set(language, made);
  return made;
}

function namesOf(language: Language): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  const tag = `${language}-u-ca-gregory-nu-latn`;
  const formats: readonly Intl.DateTimeFormatOptions[] = [
    { month: 'long' },
    { month: 'long', day: 'numeric' },
    { month: 'short' },
    { month: 'short', day: 'numeric' },
  ];
  for (const options of formats) {
    const format = new Intl.DateTimeFormat(tag, { ...options, timeZone: 'UTC' });
    for (let month = 1; month <= 12; month += 1) {
      const part = format
        .formatToParts(new Date(Date.UTC(2024, month - 1, 15)))
        .find(({ type }) => type === 'month');
      const name = (part?.value ?? '').toLowerCase().replace(/\.$/u, '').trim();
      if (/[\p{L}\p{M}]{2}/u.test(name) && !/\d/.test(name) && !names.has(name)) {
        names.set(name, month);
      }
    }
  }
  return names;
}
