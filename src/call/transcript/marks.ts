/**
 * What of a text somebody will want to check: numbers, terms of the glossary, and names. Names are told by who takes part
 * and by their capitals; a language that writes all nouns so, or has no capitals, shows only those of who takes part.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Glossary } from '../../interpret/exactness/glossary.ts';
import { saidValues } from '../../interpret/exactness/said-values.ts';
import type { TranscriptMark } from './transcript.ts';

/** Languages that write more than names with a capital. */
const CAPITAL_NOUNS: ReadonlySet<string> = new Set(['de', 'lb', 'nds']);
/** Words with a capital behind another word, not behind the end of a sentence; some of them may be one name. */
const CAPITALISED =
  /(?<=[\p{L}\p{N},;]["'’»)]?\s+(?:["'‘«(])?)\p{Lu}[\p{L}\p{M}'’-]+(?:\s+\p{Lu}[\p{L}\p{M}'’-]+)*/gu;
/** In English the speaker, and days, months and languages are no names to check. */
const NO_NAME = /^(?:I|I'(?:m|ve|d|ll)|I’(?:m|ve|d|ll))$/u;

/** @param names of who takes part. @param glossary of the direction in which the text is translated, if it is. */
export function marksIn(
  text: string,
  language: Language,
  names: readonly string[],
  glossary: Glossary | undefined,
): TranscriptMark[] {
  const found: TranscriptMark[] = [];
  const add = (kind: TranscriptMark['kind'], start: number, end: number): void => {
    if (!found.some((other) => start < other.end && other.start < end)) {
      found.push({ kind, start, end });
    }
  };
  for (const { start, end } of glossary?.spots(text, language) ?? []) {
    add('term', start, end);
  }
  for (const { start, end } of saidValues(text, language)) {
    add('number', start, end);
  }
  for (const name of names) {
    for (const start of placesOf(name, text)) {
      add('name', start, start + name.length);
    }
  }
  if (!CAPITAL_NOUNS.has(baseLanguage(language))) {
    for (const { index, 0: word } of text.matchAll(CAPITALISED)) {
      if (!NO_NAME.test(word)) {
        add('name', index, index + word.length);
      }
    }
  }
  return found.sort((one, other) => one.start - other.start);
}

function placesOf(name: string, text: string): readonly number[] {
  const places: number[] = [];
  const [lowerName, lowerText] = [name.toLowerCase(), text.toLowerCase()];
  if (name.length > 1 && lowerText.length === text.length) {
    for (let at = lowerText.indexOf(lowerName); at >= 0; at = lowerText.indexOf(lowerName, at + 1)) {
      const [before, after] = [text.slice(0, at), text.slice(at + name.length)];
      if (!/[\p{L}\p{N}]$/u.test(before) && !/^[\p{L}\p{N}]/u.test(after)) {
        places.push(at);
      }
    }
  }
  return places;
}
