/**
 * Compares a call as it is now with the call as it was: utterances found, what was heard of them, each segment that was
 * spoken, what became of each utterance. Pure: notes in, differences out, the first one first.
 */

import type { CallNote } from '../../call/recording/call-notes.ts';
import type { SpeechMark } from '../../interpret/answers/engine-answer.ts';

export interface Difference {
  /** In ms of the call, as it was or, where that had no such thing, as it is. */
  readonly atMs: number;
  /** What is different, for people. It holds what was said. */
  readonly sentence: string;
}

export interface Comparison {
  /** What was compared: utterances, and segments that were spoken, of the call as it was. */
  readonly utterances: number;
  readonly segments: number;
  readonly differences: readonly Difference[];
  /** The most that anything was earlier or later that is not a difference, in ms. */
  readonly mostOffMs: number;
}

/** Something that happened in a call, by which it can be told from all others. */
interface Fact {
  readonly what: 'utterance' | 'end' | 'final' | 'segment' | 'outcome';
  readonly about: string;
  readonly atMs: number;
  readonly text: string;
  /** Whether it matters when it happened. */
  readonly timed: boolean;
}

const WORDS: Readonly<Record<Fact['what'], string>> = {
  utterance: 'the beginning',
  end: 'the end of speech',
  final: 'what was heard',
  segment: 'what was spoken',
  outcome: 'what became of it',
};

/** @param toleranceMs by how much a time may be another. */
export function compareCalls(
  was: readonly CallNote[],
  is: readonly CallNote[],
  toleranceMs: number,
): Comparison {
  const before = factsOf(was);
  const now = factsOf(is);
  // What was under way when the call ended may have come to an end, or not, by a hair.
  const endMs = endOf(was) - toleranceMs;
  const differences: Difference[] = [];
  let mostOffMs = 0;
  for (const [key, fact] of before) {
    const other = now.get(key);
    if (other === undefined) {
      if (fact.atMs < endMs) {
        differences.push({ atMs: fact.atMs, sentence: `${named(fact)} is missing now: ${shown(fact)}` });
      }
    } else if (other.text !== fact.text) {
      differences.push({
        atMs: fact.atMs,
        sentence: `${named(fact)} is another: then ${shown(fact)}, now ${shown(other)}`,
      });
    } else if (fact.timed) {
      const offMs = Math.round(other.atMs - fact.atMs);
      if (Math.abs(offMs) > toleranceMs) {
        const how = offMs > 0 ? `${offMs} ms later` : `${-offMs} ms earlier`;
        differences.push({
          atMs: fact.atMs,
          sentence: `${named(fact)} comes ${how} than then: ${shown(fact)}`,
        });
      } else {
        mostOffMs = Math.max(mostOffMs, Math.abs(offMs));
      }
    }
  }
  for (const [key, fact] of now) {
    if (!before.has(key) && fact.atMs < endMs) {
      differences.push({ atMs: fact.atMs, sentence: `${named(fact)} is new: ${shown(fact)}` });
    }
  }
  const counted = [...before.values()];
  return {
    utterances: counted.filter(({ what }) => what === 'utterance').length,
    segments: counted.filter(({ what }) => what === 'segment').length,
    differences: differences.sort((one, other) => one.atMs - other.atMs),
    mostOffMs,
  };
}

function factsOf(notes: readonly CallNote[]): ReadonlyMap<string, Fact> {
  const facts = new Map<string, Fact>();
  const segments = new Map<string, number>();
  const add = (fact: Fact): void => {
    facts.set(`${fact.what} ${fact.about}`, fact);
  };
  for (const note of notes) {
    if (note.type === 'mark') {
      add(marked(note.party, note.utterance, note.mark, note.atMs));
    } else if (note.type === 'fused') {
      // What is told to several of them is told at once.
      const { party, utterance, what, atMs } = note;
      if (utterance !== undefined && (what === 'began' || what === 'ended')) {
        add(marked(party, utterance, what, atMs));
      }
    } else if (note.type === 'event') {
      const { event } = note;
      if (event.type === 'heard') {
        const about = `${event.party}, utterance ${event.utterance}`;
        add({ what: 'final', about, atMs: event.atMs, text: event.piiText, timed: true });
      } else if (event.type === 'spoken') {
        const utterance = `${event.party}, utterance ${event.utterance} in ${event.language}`;
        const number = (segments.get(utterance) ?? 0) + 1;
        segments.set(utterance, number);
        const text = `${event.piiSource ?? ''} > ${event.piiText}`;
        add({
          what: 'segment',
          about: `${utterance}, segment ${number}`,
          atMs: event.atMs,
          text,
          timed: true,
        });
      } else if (event.type === 'utterance') {
        const { party, utterance, outcome, target } = event.report;
        const about = `${party}, utterance ${utterance} in ${target.language}`;
        const text = `${outcome}: ${target.piiText}`;
        add({ what: 'outcome', about, atMs: event.atMs, text, timed: false });
      }
    }
  }
  return facts;
}

function marked(party: string, utterance: number, mark: SpeechMark, atMs: number): Fact {
  const what = mark === 'began' ? 'utterance' : 'end';
  return { what, about: `${party}, utterance ${utterance}`, atMs, text: '', timed: true };
}

/** When the call ended. */
function endOf(notes: readonly CallNote[]): number {
  return Math.max(0, ...notes.map((note) => (note.type === 'left' ? note.atMs : 0)));
}

function named({ what, about }: Fact): string {
  return `party ${about}: ${WORDS[what]}`;
}

function shown({ text, atMs }: Fact): string {
  const at = `at ${(atMs / 1_000).toFixed(2)} s`;
  return text === '' ? at : `"${text}" (${at})`;
}
