/**
 * Makes sure that a translation says the numbers and the glossary terms of its source, and that it is a translation at
 * all. One that says another value is asked for again, otherwise; if it stays, the number is spoken as it was said.
 * What cannot be told is left as it was translated, and nothing is put together that nobody wrote: a number goes
 * where the wrong one stood, or the text is translated in parts around it.
 */

import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import { type Compared, compareValues } from './compare-values.ts';
import type { Glossary, Spot } from './glossary.ts';
import { numberSpots } from './numbers.ts';
import { type Suspicion, suspicionOf } from './suspect.ts';

export interface ExactTranslation {
  readonly text: string;
  /** Numbers and terms that had been lost and were put in. */
  readonly repaired: number;
}

/** `goesOn`: what is asked for is a later part of the text, and begins no sentence. */
type Translate = (text: string, goesOn?: boolean) => Promise<string>;

/** What is said of a translation that is none. */
const WRONG = { 'ran-away': 'it ran away', untranslated: 'it is the text itself' } as const;

/**
 * Translates `text` with `translate` and verifies it.
 * @param again other ways to ask, tried in order while the answer is wrong.
 * @throws what `translate` throws; AppError `engine-bad-answer` when all answers ran away or were no translation.
 */
export async function translateExactly(
  text: string,
  from: Language,
  to: Language,
  glossary: Glossary,
  translate: Translate,
  again: readonly Translate[] = [],
): Promise<ExactTranslation> {
  let best = await judged(text, from, to, glossary, translate);
  for (const ask of again) {
    if (best.suspicion === 'none' && best.compared.outcome !== 'another') {
      break;
    }
    const other = await judged(text, from, to, glossary, ask);
    best = badness(other) < badness(best) ? other : best;
  }
  const { translation, compared, suspicion } = best;
  if (suspicion !== 'none') {
    throw new AppError('engine-bad-answer', `the translation is none: ${WRONG[suspicion]}`);
  }
  const lost = spotsOf(text, translation, from, to, glossary, compared);
  if (lost.length === 0) {
    return { text: translation, repaired: 0 };
  }
  const swapped = inPlace(text, translation, from, to, lost, compared, glossary);
  const repaired = swapped ?? (await inParts(text, lost, translate));
  return { text: repaired, repaired: lost.length };
}

interface Judged {
  readonly translation: string;
  readonly compared: Compared;
  readonly suspicion: Suspicion;
}

async function judged(
  text: string,
  from: Language,
  to: Language,
  glossary: Glossary,
  translate: Translate,
): Promise<Judged> {
  const translation = await translate(text);
  // What the glossary says may hold numbers of its own.
  const compared = glossary.spots(text, from).some(({ spoken }) => /\p{N}/u.test(spoken))
    ? SAME
    : compareValues(text, from, translation, to);
  return { translation, compared, suspicion: suspicionOf(text, translation, from, to) };
}

const SAME: Compared = { outcome: 'same', lost: [], added: [] };

function badness({ compared, suspicion }: Judged): number {
  return (suspicion === 'none' ? 0 : 2) + (compared.outcome === 'another' ? 1 : 0);
}

/** What `text` has and `translation` has not, in order and without overlaps. */
export function lostSpots(
  text: string,
  translation: string,
  from: Language,
  to: Language,
  glossary: Glossary,
): readonly Spot[] {
  return spotsOf(text, translation, from, to, glossary, compareValues(text, from, translation, to));
}

function spotsOf(
  text: string,
  translation: string,
  from: Language,
  to: Language,
  glossary: Glossary,
  compared: Compared,
): readonly Spot[] {
  const terms = glossary.spots(text, from).filter((spot) => !glossary.holds(translation, spot, to));
  const wrong = compared.outcome === 'another' ? compared.lost : [];
  const numbers = numberSpots(text, from, to).filter(({ start, end }) =>
    wrong.some((said) => said.inDigits && start < said.end && said.start < end),
  );
  // A number inside a term is the term's business.
  const free = numbers.filter(
    (number) => !terms.some((term) => number.start < term.end && term.start < number.end),
  );
  return [...terms, ...free].sort((a, b) => a.start - b.start);
}

/** One wrong number in the place of one right one; undefined when it is not as simple. */
function inPlace(
  text: string,
  translation: string,
  from: Language,
  to: Language,
  lost: readonly Spot[],
  { lost: said, added }: Compared,
  glossary: Glossary,
): string | undefined {
  const [wrong, ...more] = added;
  const [right, ...others] = said;
  if (wrong === undefined || right === undefined || more.length + others.length > 0 || lost.length !== 1) {
    return undefined;
  }
  const swapped = `${translation.slice(0, wrong.start)}${lost[0]?.spoken ?? ''}${translation.slice(wrong.end)}`;
  return lostSpots(text, swapped, from, to, glossary).length === 0 ? swapped : undefined;
}

async function inParts(text: string, lost: readonly Spot[], translate: Translate): Promise<string> {
  const parts: Promise<string>[] = [];
  let done = 0;
  for (const spot of lost) {
    parts.push(translatePart(text, done, spot.start, translate), Promise.resolve(spot.spoken));
    done = spot.end;
  }
  parts.push(translatePart(text, done, text.length, translate));
  const joined = (await Promise.all(parts)).filter((part) => part !== '').join(' ');
  return joined.replace(/\s+([,.;:!?%])/gu, '$1');
}

/** A part without a word is kept as it is: marks and signs mean the same everywhere. */
function translatePart(text: string, start: number, end: number, translate: Translate): Promise<string> {
  const part = text.slice(start, end).trim();
  const goesOn = start > 0 && /^[\p{L}\p{N}]/u.test(part);
  return /\p{L}/u.test(part) ? translate(part, goesOn) : Promise.resolve(part);
}
