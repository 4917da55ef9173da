/**
 * Makes sure that a translation says the numbers and the glossary terms of its source, and that it is a translation at
 * all. One that says another value is asked for again, otherwise; if it stays, the number is spoken as it was said.
 * What cannot be told is left as it was translated, and nothing is put together that nobody wrote: a number goes
 * where the wrong one stood, or the text is translated in parts around it.
 */

import { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import { type Compared, compareValues } from './compare-values.ts';
import { datesInOrder } from './dates-in-order.ts';
import type { Glossary, Spot } from './glossary.ts';
import type { Measure } from './measures.ts';
import { moneyOfSource } from './money-of-source.ts';
import { hasNumberWords, knowsNumberWords } from './number-words-left.ts';
import { type NumberSpot, numberSpots } from './numbers.ts';
import type { Said } from './reading.ts';
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
  const { terms, numbers } = spotsOf(text, translation, from, to, glossary, compared);
  const swapped = inPlace(text, translation, from, to, { terms, numbers }, compared, glossary);
  if (swapped !== undefined) {
    return { text: swapped, repaired: 1 };
  }
  // What may be said in words that are not known here is not torn apart for a number.
  const lost = inOrder({ terms, numbers: mayBeInWords(translation, to, compared) ? [] : numbers });
  return lost.length === 0
    ? { text: translation, repaired: 0 }
    : { text: await inParts(text, lost, translate), repaired: lost.length };
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
  const given = await translate(text);
  const translation = moneyOfSource(text, from, datesInOrder(text, from, given, to), to);
  const [source, target] = withoutTerms(text, translation, from, glossary);
  const compared = compareValues(source, from, target, to);
  return { translation, compared, suspicion: suspicionOf(text, translation, from, to) };
}

/** Both texts without the terms that have numbers of their own in them, blanks in their place. */
function withoutTerms(
  text: string,
  translation: string,
  from: Language,
  glossary: Glossary,
): readonly [source: string, target: string] {
  let [source, target] = [text, translation];
  for (const { start, end, spoken } of glossary.spots(text, from)) {
    if (/\p{N}/u.test(spoken) || /\p{N}/u.test(text.slice(start, end))) {
      source = blanked(source, start, end);
      const at = target.toLowerCase().indexOf(spoken.toLowerCase());
      target = at < 0 ? target : blanked(target, at, at + spoken.length);
    }
  }
  return [source, target];
}

function blanked(text: string, start: number, end: number): string {
  return `${text.slice(0, start)}${' '.repeat(end - start)}${text.slice(end)}`;
}

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
  const [source, target] = withoutTerms(text, translation, from, glossary);
  return inOrder(spotsOf(text, translation, from, to, glossary, compareValues(source, from, target, to)));
}

interface Lost {
  readonly terms: readonly Spot[];
  readonly numbers: readonly NumberSpot[];
}

function inOrder({ terms, numbers }: Lost): readonly Spot[] {
  return [...terms, ...numbers].sort((a, b) => a.start - b.start);
}

function spotsOf(
  text: string,
  translation: string,
  from: Language,
  to: Language,
  glossary: Glossary,
  compared: Compared,
): Lost {
  const terms = glossary.spots(text, from).filter((spot) => !glossary.holds(translation, spot, to));
  const wrong = compared.outcome === 'another' ? compared.lost : [];
  const numbers = numberSpots(text, from, to).filter(({ start, end }) =>
    wrong.some((said) => said.inDigits && start < said.end && said.start < end),
  );
  // A number inside a term is the term's business.
  const free = numbers.filter(
    (number) => !terms.some((term) => number.start < term.end && term.start < number.end),
  );
  return { terms, numbers: free };
}

/** Whether what was lost may stand in the translation in words that could not be read, or in another unit. */
function mayBeInWords(translation: string, to: Language, { lost, added, kept }: Compared): boolean {
  return (
    added.some(({ inDigits }) => !inDigits) ||
    (lost.length === 1 && lost.some((one) => added.some((other) => isOtherUnit(one, other, translation)))) ||
    !knowsNumberWords(to) ||
    hasNumberWords(translation, to, [...kept, ...added])
  );
}

/** Whether a word follows `wrong` that is no measure known here, where `right` has one. */
function isOtherUnit(right: Said, wrong: Said, translation: string): boolean {
  return (
    measureOf(right) !== undefined &&
    measureOf(wrong) === undefined &&
    /^\s?\p{L}/u.test(translation.slice(wrong.end))
  );
}

function measureOf({ readings }: Said): Measure | undefined {
  return readings.find((reading) => reading.type === 'number')?.measure;
}

/** One wrong number in the place of one right one; undefined when it is not as simple. */
function inPlace(
  text: string,
  translation: string,
  from: Language,
  to: Language,
  { terms, numbers }: Lost,
  { lost: said, added, kept }: Compared,
  glossary: Glossary,
): string | undefined {
  const [wrong, ...more] = added;
  const [right, ...others] = said;
  const [number] = numbers;
  if (
    wrong === undefined ||
    right === undefined ||
    number === undefined ||
    more.length + others.length + terms.length > 0 ||
    numbers.length > 1 ||
    !wrong.inDigits ||
    isOtherUnit(right, wrong, translation) ||
    hasNumberWords(translation, to, kept, wrong)
  ) {
    return undefined;
  }
  // Its minus stands before its sign, which stays.
  const place = numberSpots(translation, to, to).find(
    ({ start, end }) => start < wrong.end && wrong.start < end,
  );
  const start = place === undefined ? wrong.start : Math.min(place.start, wrong.start);
  const sign = translation.slice(start, wrong.start).replace(/[-−]/gu, '');
  const minus = /^-/u.exec(number.bare)?.[0] ?? '';
  const swapped = `${translation.slice(0, start)}${minus}${sign}${number.bare.slice(minus.length)}${translation.slice(wrong.end)}`;
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
