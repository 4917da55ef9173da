/**
 * Makes sure that digits and glossary terms are in a translation. Translation engines mostly keep them; where one did
 * not, the text is translated again in parts, around what was lost, which is put in as it must be: less fluent, exact.
 */

import type { Language } from '../../base/language.ts';
import type { Glossary, Spot } from './glossary.ts';
import { holdsNumber, numberSpots } from './numbers.ts';

export interface ExactTranslation {
  readonly text: string;
  /** Numbers and terms that had been lost and were put in. */
  readonly repaired: number;
}

/** Translates `text` with `translate` and verifies it. Throws what `translate` throws. */
export async function translateExactly(
  text: string,
  from: Language,
  to: Language,
  glossary: Glossary,
  translate: (text: string) => Promise<string>,
): Promise<ExactTranslation> {
  const translation = await translate(text);
  const lost = lostSpots(text, translation, from, to, glossary);
  if (lost.length === 0) {
    return { text: translation, repaired: 0 };
  }
  const parts: Promise<string>[] = [];
  let done = 0;
  for (const spot of lost) {
    parts.push(translatePart(text.slice(done, spot.start), translate), Promise.resolve(spot.spoken));
    done = spot.end;
  }
  parts.push(translatePart(text.slice(done), translate));
  const joined = (await Promise.all(parts)).filter((part) => part !== '').join(' ');
  return { text: joined.replace(/\s+([,.;:!?%])/gu, '$1'), repaired: lost.length };
}

/** What `text` has and `translation` has not, in order and without overlaps. */
export function lostSpots(
  text: string,
  translation: string,
  from: Language,
  to: Language,
  glossary: Glossary,
): readonly Spot[] {
  const lower = translation.toLowerCase();
  const terms = glossary.spots(text).filter(({ spoken }) => !lower.includes(spoken.toLowerCase()));
  const numbers = numberSpots(text, from, to).filter((spot) => !holdsNumber(translation, spot));
  // A number inside a term is the term's business.
  const free = numbers.filter(
    (number) => !terms.some((term) => number.start < term.end && term.start < number.end),
  );
  return [...terms, ...free].sort((a, b) => a.start - b.start);
}

/** A part without a word is kept as it is: marks and signs mean the same everywhere. */
function translatePart(part: string, translate: (text: string) => Promise<string>): Promise<string> {
  const text = part.trim();
  return /\p{L}/u.test(text) ? translate(text) : Promise.resolve(text);
}
