/** The readers that settings of several groups share. */

import type { Language } from '../../../base/language.ts';
import { checked, many, type Reader } from '../setting.ts';
import { parseByLanguage } from '../values.ts';

export function nonEmpty<Value>(parse: (text: string) => Value): Reader<readonly Value[]> {
  return checked(many(parse), (values) => values.length > 0, 'has no value: write at least one');
}

export function mapped<Value>(
  parse: (text: string) => readonly [string, Value],
  twice: string,
): Reader<ReadonlyMap<string, Value>> {
  const entries = checked(
    many(parse),
    (read) => new Set(read.map(([key]) => key)).size === read.length,
    twice,
  );
  return (texts) => new Map(entries(texts));
}

export function byLanguage(example: string): Reader<ReadonlyMap<Language, string>> {
  return mapped(parseByLanguage(example), 'names a language twice: write each once');
}
