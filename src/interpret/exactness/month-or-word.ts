/**
 * Months whose names are words besides. "Version 3 may be wrong" names no day, and "may 3" of a recogniser without
 * capitals does: in small letters the number is read both as a day and as itself.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Reading, Said } from './reading.ts';

const WORDS: ReadonlyMap<string, RegExp> = new Map([['en', /(?<!\p{L})(?:may|march)(?!\p{L})/u]]);

/** `said` in `text`, with the number itself as another reading where the month beside it may be none. */
export function orNumber(said: Said, text: string, language: Language): Said {
  const words = WORDS.get(baseLanguage(language));
  if (words === undefined || !words.test(text.slice(said.start, said.end))) {
    return said;
  }
  const numbers = said.readings.flatMap((reading): readonly Reading[] =>
    reading.type === 'date' && reading.day !== undefined && reading.year === undefined
      ? [{ type: 'number', value: reading.day, measure: undefined }]
      : [],
  );
  return { ...said, readings: [...said.readings, ...numbers] };
}
