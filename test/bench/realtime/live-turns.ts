/**
 * What the callers of the live bench say, and when: turns of one sentence with one to three clauses, the same for each
 * process that knows call, length and seed. Each clause ends with a word that is said nowhere else, so that a text on
 * any wire tells which call, which turn and which clause it is of.
 */

import { FRAME_MS } from '../../../src/base/units.ts';
import { sentenceOf } from '../interpret/clauses.ts';
import { Random } from '../interpret/random.ts';
import type { TimedWord } from '../interpret/timelines.ts';

export interface LiveTurn {
  readonly id: number;
  /** The caller's frame with which it begins, counted from the first frame of the leg. */
  readonly startFrame: number;
  /** Times are ms from its beginning. */
  readonly words: readonly TimedWord[];
  readonly clauses: number;
  readonly lengthMs: number;
}

export interface LiveScript {
  readonly calls: number;
  readonly seconds: number;
  readonly seed: number;
}

/** More calls than this cannot be told by their pitch: a telephone's band ends at 3,400 Hz. */
export const MOST_CALLS = 50;

/** Before the first turn, in ms: the interpreters open, and code is compiled. */
const LEAD_MS = 2_500;
/** Calls do not begin to talk all at once, but within this. */
const SPREAD_MS = 3_000;
/** Between two turns, in ms: long enough for the translation to be heard, mostly. */
const LEAST_PAUSE_MS = 2_400;
const MOST_PAUSE_MS = 3_600;
/** After the last turn, in ms, so that its translation is heard. */
const TAIL_MS = 5_000;
/** Between two clauses, in ms; shorter than what endpointing takes for a pause. */
const MOST_CLAUSE_GAP_MS = 140;
const CLAUSES = [1, 1, 2, 2, 3];
/** Length of a word: so much for each letter, within limits. */
const LETTER_MS = 65;
const LEAST_WORD_MS = 150;
const MOST_WORD_MS = 480;

/** What the caller of `call` says in a run. */
export function liveTurns({ seconds, seed }: LiveScript, call: number): readonly LiveTurn[] {
  const random = new Random(seed + call * 7_919);
  const turns: LiveTurn[] = [];
  let atMs = LEAD_MS + random.between(0, SPREAD_MS);
  for (;;) {
    const turn = turnAt(call, turns.length, Math.ceil(atMs / FRAME_MS), random);
    atMs = turn.startFrame * FRAME_MS + turn.lengthMs;
    if (atMs > seconds * 1_000 - TAIL_MS) {
      return turns;
    }
    turns.push(turn);
    atMs += random.between(LEAST_PAUSE_MS, MOST_PAUSE_MS);
  }
}

/** A word of three syllables for one clause. */
export function codeWord(call: number, turn: number, clause: number): string {
  const consonants = 'bdfgklmnprstvz';
  const vowels = 'aeiou';
  let rest = (call * 128 + turn) * 4 + clause;
  let word = '';
  for (let syllable = 0; syllable < 3; syllable += 1) {
    word += consonants[rest % consonants.length] ?? '';
    rest = Math.floor(rest / consonants.length);
    word += vowels[rest % vowels.length] ?? '';
    rest = Math.floor(rest / vowels.length);
  }
  return word;
}

/** A sentence whose clauses have the words of turn `id` of `call`; what else is said in it is `random`'s. */
export function turnAt(call: number, id: number, startFrame: number, random: Random): LiveTurn {
  const clauses = random.pick(CLAUSES);
  const lengths = Array.from({ length: clauses }, () => random.whole(3, 6));
  const words: TimedWord[] = [];
  let atMs = 0;
  for (const [clause, texts] of sentenceOf(lengths, random).entries()) {
    atMs += clause === 0 ? 0 : Math.round(random.between(0, MOST_CLAUSE_GAP_MS));
    for (const text of withCodeWord(texts, codeWord(call, id, clause))) {
      const lengthMs = Math.min(MOST_WORD_MS, Math.max(LEAST_WORD_MS, text.length * LETTER_MS));
      words.push({ text, startMs: atMs, endMs: atMs + lengthMs });
      atMs += lengthMs;
    }
  }
  return { id, startFrame, words, clauses, lengthMs: atMs };
}

/** The clause with `code` at its end, before the mark. */
function withCodeWord(texts: readonly string[], code: string): readonly string[] {
  const last = texts.at(-1) ?? '';
  const bare = last.replace(/[,.?]+$/, '');
  return [...texts.slice(0, -1), bare, code + last.slice(bare.length)];
}
