/**
 * Which word of a clause was stressed: one that is louder, higher and longer than its neighbours by far more than words
 * differ anyway. Pure. Where two compete, or nothing stands out, nobody was stressed: a wrong stress says something that
 * nobody said.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { FRAME_MS } from '../../base/units.ts';
import { wordOf } from '../policy/tokens.ts';
import { isFunctionWord } from './function-words.ts';
import type { WordProsody } from './word-prosody.ts';

/** Fewer words are nothing to stand out from. */
const LEAST_WORDS = 3;
/**
 * What each counts for: steps beside the median of the others. Loudness says most on a telephone; a high pitch and a long
 * syllable add to it. Chosen on eSpeak NG's stress, and looked at on voices of its that nothing was chosen on: `npm run bench
 * -- voices --only stress` has both.
 */
const LEVEL_STEP_DB = 2;
const PITCH_STEP_SEMITONES = 8;
/** By a factor of 4, as a logarithm to base 2. */
const LENGTH_STEP = 2;
/** Higher counts no more: an octave is a slip of the finder. */
const MOST_PITCH = 2.5;
/** Short says nothing against a word: "key" is short, however it is stressed, and "opens" is not. */
const LENGTH_BOUNDS = { least: 0, most: 1.5 } as const;
/** The last word of a clause is longer anyway, as a logarithm to base 2. */
const FINAL_LENGTHENING = 0.4;
/** A stressed word stands out by so much, and from the next by so much, in steps; and it is louder by so much, in dB. */
const LEAST_SCORE = 2;
const LEAST_LEAD = 0.3;
const LEAST_LOUDER_DB = 2;

/** The place among `words`; undefined: none stands out. */
export function stressedWord(words: readonly WordProsody[], language: Language): number | undefined {
  const content = words.filter(({ text }) => isContent(text, language));
  if (content.length < LEAST_WORDS) {
    return undefined;
  }
  const louderDb = besideOthers(content.map(({ levelDbfs }) => levelDbfs));
  const higher = besideOthers(content.map(({ topSemitones }) => topSemitones));
  const lengths = content.map(
    (word, place) => lengthOf(word) - (place === content.length - 1 ? FINAL_LENGTHENING : 0),
  );
  const longer = besideOthers(lengths);
  const scored = content
    .map(({ index }, place) => {
      const louder = louderDb[place] ?? 0;
      const score =
        louder / LEVEL_STEP_DB +
        bounded((higher[place] ?? 0) / PITCH_STEP_SEMITONES, 0, MOST_PITCH) +
        bounded((longer[place] ?? 0) / LENGTH_STEP, LENGTH_BOUNDS.least, LENGTH_BOUNDS.most);
      return { index, louder, score };
    })
    .sort((one, other) => other.score - one.score);
  const [first, second] = scored;
  const stands =
    first !== undefined &&
    first.score >= LEAST_SCORE &&
    first.louder >= LEAST_LOUDER_DB &&
    first.score - (second?.score ?? 0) >= LEAST_LEAD;
  return stands ? first.index : undefined;
}

/** How far each lies above the median of the others; 0 where it, or they, are not known. */
function besideOthers(values: readonly (number | undefined)[]): readonly number[] {
  return values.map((value, place) => {
    const others = values.filter((other, index): other is number => other !== undefined && index !== place);
    return value === undefined || others.length < LEAST_WORDS - 1 ? 0 : value - median(others);
  });
}

function isContent(text: string, language: Language): boolean {
  const word = wordOf(text);
  return word !== '' && !isFunctionWord(word, baseLanguage(language));
}

/** Ms for each of its syllables, as a logarithm to base 2: letters tell them well enough to compare words. */
function lengthOf({ text, soundMs }: WordProsody): number {
  const vowels = text.normalize('NFD').match(/[aeiouyаеёиоуыэюяіїєαεηιουω]+/giu)?.length ?? 1;
  return Math.log2(Math.max(FRAME_MS, soundMs) / (vowels + 1));
}

function bounded(steps: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, steps));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
