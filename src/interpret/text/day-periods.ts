/** Words that say which half of the day an hour is in, by ICU: "in the evening", "morgens", "du matin", "下午". */

import type { Language } from '../../base/language.ts';

/** In which hours of the day a word is said. */
export interface DayPeriod {
  readonly word: string;
  readonly hours: readonly number[];
}

const known = new Map<Language, readonly DayPeriod[]>();
/** A shorter word of an alphabet may be part of anything. */
const SHORTEST = 3;

/** The words of `language` in lower case, the longest first. */
export function dayPeriods(language: Language): readonly DayPeriod[] {
  const made = known.get(language) ?? periodsOf(language);
  known.set(language, made);
  return made;
}

/**
 * The half of the day of the hour `hour` when `period` is said with it; undefined when it could be either, as at night
 * around midnight.
 */
export function halfIn({ hours }: DayPeriod, hour: number): 'am' | 'pm' | undefined {
  const same = hours.filter((each) => each % 12 === hour % 12);
  const among = same.length > 0 ? same : hours;
  if (among.every((each) => each < 12)) {
    return 'am';
  }
  return among.every((each) => each >= 12) ? 'pm' : undefined;
}

function periodsOf(language: Language): readonly DayPeriod[] {
  const hoursOf = new Map<string, number[]>();
  for (const dayPeriod of ['long', 'short'] as const) {
    const tag = `${language}-u-ca-gregory-nu-latn-hc-h12`;
    const format = new Intl.DateTimeFormat(tag, { hour: 'numeric', dayPeriod, timeZone: 'UTC' });
    for (let hour = 0; hour < 24; hour += 1) {
      const parts = format.formatToParts(new Date(Date.UTC(2024, 0, 1, hour)));
      const word = parts.find(({ type }) => type === 'dayPeriod')?.value.toLowerCase() ?? '';
      hoursOf.set(word, [...(hoursOf.get(word) ?? []), hour]);
    }
  }
  return [...hoursOf]
    .filter(([word]) => word.length >= SHORTEST || /^[\p{Script=Han}\p{Script=Hangul}]+$/u.test(word))
    .map(([word, hours]) => ({ word: word.replaceAll('’', "'"), hours: [...new Set(hours)] }))
    .sort((a, b) => b.word.length - a.word.length);
}
