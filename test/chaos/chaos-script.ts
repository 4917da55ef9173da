/**
 * What the callers say while something is broken: turns of nonsense words, the same for each process that knows the
 * number of calls and the length. No word is said twice in a run, so whoever hears one knows who said it and when, and
 * hearing it twice is a fault. Nothing in them is a number, a name or a word of any language, so no rule of ours for
 * those changes one.
 */

import { FRAME_MS } from '../../src/base/units.ts';
import { codeWord } from '../bench/realtime/live-turns.ts';
import { SAID, WORDS, wordMs } from './word-code.ts';

export interface ChaosScript {
  readonly calls: number;
  readonly seconds: number;
  /**
   * Whether each clause is heard to begin with English words: what no translator knows it cannot be seen to
   * translate.
   */
  readonly english?: boolean;
  /** Between two turns, in ms; default 1,400, in which no translation has come to its end. */
  readonly turnGapMs?: number;
}

/** One word of a caller. */
export interface SaidWord {
  readonly id: number;
  /** As recognition with punctuation writes it. */
  readonly text: string;
  /** Ms since the first frame of the leg, the end exclusive. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Calls of a run, unless its fault says another number. */
export const CALLS = 4;

/** Before the first turn, in ms: the interpreters of a call open in it. */
const LEAD_MS = 2_000;
/** Between the first turns of two calls, in ms: a fault finds some in mid-word, some between two turns. */
const SHIFT_MS = 700;
const CLAUSE_WORDS = [4, 3, 5];
const ENGLISH = 'the house';
/** Between two words, and between two turns, in ms. */
const WORD_GAP_MS = 30;
const TURN_GAP_MS = 1_400;
/** After the last turn, in ms, in which it is translated. */
const TAIL_MS = 3_500;

/** What the caller of `call` says. @throws RangeError when there are not enough words for so many calls. */
export function saidWords(
  { calls, seconds, english = false, turnGapMs = TURN_GAP_MS }: ChaosScript,
  call: number,
): readonly SaidWord[] {
  const share = Math.floor(WORDS / calls);
  const words: SaidWord[] = [];
  const turnMs = CLAUSE_WORDS.reduce((sum, count) => sum + count, 0) * (wordMs(SAID) + WORD_GAP_MS);
  let atMs = LEAD_MS + ((call * SHIFT_MS) % (turnMs + turnGapMs));
  while (atMs + turnMs + TAIL_MS <= seconds * 1_000) {
    for (const [clause, count] of CLAUSE_WORDS.entries()) {
      for (let place = 0; place < count; place += 1) {
        const id = call * share + words.length;
        if (words.length >= share) {
          throw new RangeError(`${calls} calls have no words left for ${seconds} s`);
        }
        const startMs = Math.ceil(atMs / FRAME_MS) * FRAME_MS;
        const word = english && place === 0 ? `${ENGLISH} ${wordOf(id)}` : wordOf(id);
        const text = marked(word, clause, place, count);
        words.push({ id, text, startMs, endMs: startMs + wordMs(SAID) });
        atMs = startMs + wordMs(SAID) + WORD_GAP_MS;
      }
    }
    atMs += turnGapMs;
  }
  return words;
}

/** How every word of a run is written, by its number. */
export function wordTexts(script: ChaosScript): ReadonlyMap<number, string> {
  return new Map(
    Array.from({ length: script.calls }, (_, call) => saidWords(script, call)).flatMap((words) =>
      words.map(({ id, text }): [number, string] => [id, text]),
    ),
  );
}

/** The numbers of the words in a text, translated or not, whatever its marks and capitals; undefined for others. */
export function idsIn(text: string): readonly (number | undefined)[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => IDS.get(word) ?? IDS.get(word.replace(/^e/, '')));
}

function wordOf(id: number): string {
  return codeWord(0, Math.floor(id / 4), id % 4);
}

const IDS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: WORDS }, (_, id): [string, number] => [wordOf(id), id]),
);

function marked(word: string, clause: number, place: number, count: number): string {
  const begun = clause === 0 && place === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word;
  const mark = clause === CLAUSE_WORDS.length - 1 ? '.' : ',';
  return place === count - 1 ? begun + mark : begun;
}
