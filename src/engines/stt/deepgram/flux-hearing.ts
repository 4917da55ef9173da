/**
 * Hearing with Flux, protocol v2, which decides itself when a speaker's turn is over and says the whole turn again with
 * each message. Its turns are not our utterances: one of ours may hold several turns, and a turn goes on in the next
 * utterance when the speaker does. Flux cannot be asked to settle anything; it can only be given silence until it does.
 */

import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { EarlyEvent } from '../utterance-stream.ts';
import { asCode } from './deepgram-errors.ts';
import { HeardTexts } from './heard-texts.ts';
import type { Hearing, OwedFinal } from './hearing.ts';
import type { LeftOut } from './left-out.ts';
import { type FluxTurn, reachOf, readFluxMessage } from './listen-messages.ts';
import { NO_PIECE, type Piece, splitByUtterance } from './spoken-text.ts';
import type { UtteranceTimeline } from './utterance-timeline.ts';

/**
 * How much of an utterance's end need not have been heard when no turn is open, in ms: our endpointing leaves 600 ms
 * of silence.
 */
const QUIET_TAIL_MS = 300;

/**
 * How far into the next utterance a turn that goes on must be heard before its words in this one are taken as
 * settled, in ms.
 */
const LOOK_BACK_MS = 500;

export class FluxHearing implements Hearing {
  /** What Deepgram advises for Flux. A final is no later: what waits to be full goes out when the utterance ends. */
  readonly chunkMs = 80;
  readonly needsSound = true;
  readonly #timeline: UtteranceTimeline;
  readonly #texts: HeardTexts;
  readonly #madeUp: LeftOut;
  #heardMs = 0;
  #turnOpen = false;
  #lastEnded = -1;

  /** @param language by the name the provider gives it. */
  constructor(timeline: UtteranceTimeline, language: Language, madeUp: LeftOut) {
    this.#madeUp = madeUp;
    this.#timeline = timeline;
    this.#texts = new HeardTexts(language);
  }

  hear(message: unknown, sentMs: number): readonly EarlyEvent[] {
    const heard = readFluxMessage(message);
    switch (heard.type) {
      case 'other':
        return [];
      case 'error':
        throw new AppError(
          'engine-died',
          `deepgram: the server gave up the stream (${asCode(heard.code) ?? 'no code'}); see status.deepgram.com`,
        );
      case 'turn':
        return this.#hearTurn(
          this.#madeUp.leaveOut(
            { ...heard, heardMs: reachOf(heard.words, heard.heardMs, sentMs) },
            heard.event === 'EndOfTurn',
          ),
        );
    }
  }

  /** Flux has no Finalize. */
  ask(): void {}

  isSettled({ endMs }: OwedFinal): boolean {
    if (!this.#turnOpen) {
      return this.#heardMs >= endMs - QUIET_TAIL_MS;
    }
    return this.#timeline.utterances.length > 1 && this.#heardMs >= endMs + LOOK_BACK_MS;
  }

  graceMs(): undefined {
    return undefined;
  }

  take(utterance: number): Piece {
    return this.#texts.take(utterance).all;
  }

  #hearTurn(turn: FluxTurn): readonly EarlyEvent[] {
    this.#heardMs = Math.max(this.#heardMs, turn.heardMs);
    if (turn.index <= this.#lastEnded) {
      return [];
    }
    const ends = turn.event === 'EndOfTurn';
    this.#turnOpen = !ends && turn.text !== '';
    if (ends) {
      this.#lastEnded = turn.index;
    }
    const pieces = splitByUtterance(turn, this.#timeline);
    const events = this.#timeline.utterances.flatMap((utterance) =>
      this.#texts.hear(utterance, {
        piece: pieces.get(utterance) ?? NO_PIECE,
        settled: ends,
        spoken: turn.language,
        echoes: false,
      }),
    );
    const newest = [...pieces.keys()].at(-1);
    return turn.event === 'EagerEndOfTurn' && newest !== undefined
      ? [...events, { type: 'likely-end', utterance: newest }]
      : events;
  }
}
