/**
 * What differs between Deepgram's two listening protocols, seen from a stream: how messages become events, and when
 * an utterance that has ended is heard to its end.
 */

import type { EarlyEvent } from '../utterance-stream.ts';
import type { Piece } from './spoken-text.ts';

/** An utterance that has ended and has no final yet; times are ms of the connection's audio. */
export interface OwedFinal {
  readonly utterance: number;
  readonly fromMs: number;
  readonly endMs: number;
}

export interface Hearing {
  /** The audio of one message, in ms. */
  readonly chunkMs: number;
  /**
   * Whether only sound moves the provider on: then silence is sent while a final is owed, and now and then while
   * nothing is said.
   */
  readonly needsSound: boolean;
  /**
   * What a message changes. Utterances that the timeline has forgotten are not spoken of.
   * @param message parsed JSON, or a string that is none.
   * @param sentMs the connection's audio so far, in ms.
   * @throws AppError `engine-bad-answer`, also for what is about audio that was not sent, or `engine-died`.
   */
  hear(message: unknown, sentMs: number): readonly EarlyEvent[];
  /** Asks for what was sent before `atMs` to be settled now, if the protocol has a way to. */
  ask(atMs: number): void;
  /** Whether all of an utterance has been heard for good; asked of the oldest that is owed. */
  isSettled(owed: OwedFinal): boolean;
  /** How long after its end an utterance may be taken as settled without an answer, in ms; undefined is never. */
  graceMs(owed: OwedFinal): number | undefined;
  /** What was heard of an utterance, for its final; it is forgotten with this. */
  take(utterance: number): Piece;
}
