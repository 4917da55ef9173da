/**
 * The way of a caller's sound to the recogniser: where a text was said, when the frame with its end was written, and
 * when that frame arrived. A recogniser's audio has no time but its own, so a turn is found in it by its first sound.
 */

import { FRAME_MS } from '../../../src/base/units.ts';
import { bareWord, wordsOf } from '../interpret/word-truth.ts';
import { frameAt } from './call-voice.ts';
import type { CallFacts, SttFacts } from './live-facts.ts';
import type { LiveTurn } from './live-turns.ts';

/** A turn is heard within this after it was said, else it was taken for another one. */
const ALIGNED_MS = 1_500;

/** The words of a turn that a segment translates. */
export interface Place {
  readonly turn: LiveTurn;
  /** When its last word ends, in ms of the turn. */
  readonly endMs: number;
  readonly isWhole: boolean;
}

/** Where `source` was said. Each clause has a word of its own, so there is one place at most. */
export function placeOf(source: string, turns: readonly LiveTurn[]): Place | undefined {
  const wanted = wordsOf(source).map(bareWord);
  for (const turn of turns) {
    const said = turn.words.map(({ text }) => bareWord(text));
    for (let from = 0; from + wanted.length <= said.length; from += 1) {
      if (wanted.every((word, index) => said[from + index] === word)) {
        const last = turn.words[from + wanted.length - 1];
        return last === undefined
          ? undefined
          : { turn, endMs: last.endMs, isWhole: wanted.length === said.length };
      }
    }
  }
  return undefined;
}

export interface Ingress {
  readonly stt: SttFacts;
  /** When the caller wrote the frame with the end of the word. */
  readonly writtenMs: number;
  /** When that frame had arrived at the recogniser. */
  readonly arrivedMs: number;
  /** How long the packet it came in waited for the caller's next frame. */
  readonly packetMs: number;
}

export function ingressOf(
  { turn, endMs }: Place,
  { call, phones }: CallFacts,
  all: readonly SttFacts[],
): Ingress | undefined {
  for (const stt of all) {
    const begun = stt.turns.find((one) => one.call === call && one.turn === turn.id);
    const frame = frameAt(turn, endMs);
    // Its middle, since conversion to another rate moves sound by some ms.
    const middleMs = (frame - turn.startFrame + 0.5) * FRAME_MS;
    const packet = begun === undefined ? -1 : packetAt(stt, begun.fromMs + middleMs);
    const [arrivedMs, packetEndMs] = [stt.arrivedMs[packet], stt.endsMs[packet]];
    const writtenMs = phones.writtenMs[frame];
    if (
      begun === undefined ||
      arrivedMs === undefined ||
      packetEndMs === undefined ||
      writtenMs === undefined ||
      Math.abs(arrivedMs - writtenMs) > ALIGNED_MS
    ) {
      continue;
    }
    const lastFrame = turn.startFrame + Math.round((packetEndMs - begun.fromMs) / FRAME_MS) - 1;
    const filledMs = phones.writtenMs[lastFrame] ?? writtenMs;
    return { stt, writtenMs, arrivedMs, packetMs: Math.max(0, filledMs - writtenMs) };
  }
  return undefined;
}

/** Index of the packet that holds the moment `atMs` of the connection's audio. */
function packetAt(stt: SttFacts, atMs: number): number {
  return stt.endsMs.findIndex((endMs) => endMs > atMs);
}
