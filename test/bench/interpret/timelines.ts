/**
 * What the speakers of the bench say, and when each word begins and ends: turns of a conversation and monologues, all
 * made of one seed. Times are ms from the first word of the turn.
 */

import { MISHEARD, sentenceOf } from './clauses.ts';
import { Random } from './random.ts';

export interface TimedWord {
  /** As recognition writes it in the end, its mark attached. */
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** What recognition takes it for at first; undefined where it is right at once. */
  readonly misheardAs?: string;
}

export interface Turn {
  readonly id: number;
  readonly words: readonly TimedWord[];
  readonly clauses: number;
  /** When the last word ends. */
  readonly lengthMs: number;
}

/** Time to say one word, in ms; 0.33 s on average, a little more for long words. */
const WORD_MS = 330;
/** A clause of 5.5 words, half a conjunction and the pause after it, in ms: 6.1 words * 330 ms + 180 ms. */
const CLAUSE_MS = 2_190;
/** The median of a turn, and the deviation of its logarithm: the 90th percentile is 13.6 s, ln(13.6 / 6.2) / 1.2816. */
const MEDIAN_TURN_MS = 6_200;
const TURN_SIGMA = 0.613;
const MOST_SENTENCES = 4;
/** Share of words at the tail of a partial that are wrong at first. */
const MISHEARD_SHARE = 0.1;

/** Turns as long as those of conversations: median 6.2 s, 90th percentile 13.6 s, of 1 to 4 sentences. */
export function conversation(turns: number, seed: number): readonly Turn[] {
  const random = new Random(seed);
  return Array.from({ length: turns }, (_, id) => {
    const lengthMs = random.lognormal(MEDIAN_TURN_MS, TURN_SIGMA);
    const clauses = Math.max(1, Math.round(lengthMs / CLAUSE_MS));
    const sentences = Math.min(
      MOST_SENTENCES,
      clauses,
      Math.max(1, Math.round(clauses / random.between(1, 3))),
    );
    return turnOf(id, shared(clauses, sentences), random);
  });
}

/** Turns of one clause each. */
export function oneClauseTurns(turns: number, seed: number): readonly Turn[] {
  const random = new Random(seed);
  return Array.from({ length: turns }, (_, id) => turnOf(id, [1], random));
}

/** Speakers who go on for `lengthMs` each. */
export function monologues(count: number, lengthMs: number, seed: number): readonly Turn[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, id) => {
    const sentences = Array.from({ length: Math.ceil(lengthMs / CLAUSE_MS) }, () => random.whole(1, 3));
    const whole = turnOf(id, sentences, random);
    const words = whole.words.filter(({ endMs }) => endMs <= lengthMs);
    return { ...whole, words, lengthMs: words.at(-1)?.endMs ?? 0 };
  });
}

/** Speaks sentences of so many clauses each. */
function turnOf(id: number, clausesOfSentences: readonly number[], random: Random): Turn {
  const words: TimedWord[] = [];
  let atMs = 0;
  for (const [index, clauses] of clausesOfSentences.entries()) {
    if (index > 0) {
      atMs += random.chance(0.6) ? random.between(300, 700) : random.between(0, 250);
    }
    const lengths = Array.from({ length: clauses }, () => random.whole(3, 8));
    for (const [clause, texts] of sentenceOf(lengths, random).entries()) {
      atMs += clause > 0 ? random.between(0, 250) : 0;
      for (const text of texts) {
        const startMs = atMs;
        atMs += wordMs(text, random);
        words.push({ text, startMs, endMs: atMs, ...mishearing(text, random) });
      }
    }
  }
  return {
    id,
    words,
    clauses: clausesOfSentences.reduce((sum, clauses) => sum + clauses, 0),
    lengthMs: atMs,
  };
}

/** How long a word takes, in ms: 0.33 s, longer with its letters, give or take a fifth. */
function wordMs(text: string, random: Random): number {
  const long = 0.7 + 0.3 * Math.min(2, text.length / 5);
  return Math.round(WORD_MS * long * random.between(0.8, 1.2));
}

function mishearing(text: string, random: Random): { readonly misheardAs?: string } {
  const mark = /[,.?]*$/.exec(text)?.[0] ?? '';
  const wrong = random.pick(MISHEARD) + mark;
  return random.chance(MISHEARD_SHARE) && wrong !== text ? { misheardAs: wrong } : {};
}

/** `clauses` spread over `sentences`, as evenly as whole numbers allow. */
function shared(clauses: number, sentences: number): readonly number[] {
  return Array.from(
    { length: sentences },
    (_, index) => Math.floor(((index + 1) * clauses) / sentences) - Math.floor((index * clauses) / sentences),
  );
}
