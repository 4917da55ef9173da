/**
 * Hearing with Flux, protocol v2, which decides itself when a speaker's turn is over and says the whole turn again with
 * each message. Its turns are not our utterances: one of ours may hold several turns, and a turn goes on in the next
 * utterance when the speaker does. Flux cannot be asked to settle anything; it can only be given silence until it does.
 */

import { AppError } from '../../../base/errors.ts';
import { baseLanguage, type Language } from '../../../base/language.ts';
import type { SttEvent } from '../stt-engine.ts';
import { asCode } from './deepgram-errors.ts';
import type { Hearing, OwedFinal } from './hearing.ts';
import { type FluxTurn, readFluxMessage } from './listen-messages.ts';
import { joinPieces, NO_PIECE, type Piece, splitByUtterance } from './spoken-text.ts';
import type { UtteranceTimeline } from './utterance-timeline.ts';

/** How much of an utterance's end need not have been heard when no turn is open, in ms: our endpointing leaves 600 ms of silence. */
const QUIET_TAIL_MS = 300;

/** How far into the next utterance a turn that goes on must be heard before its words in this one are taken as settled, in ms. */
const LOOK_BACK_MS = 500;

interface Heard {
  /** Turns that have ended. */
  ended: Piece;
  /** The turn that goes on. */
  turn: Piece;
  language: string;
}

export class FluxHearing implements Hearing {
  /** What Deepgram advises for Flux. A final is no later: what waits to be full goes out when the utterance ends. */
  readonly chunkMs = 80;
  readonly needsSound = true;
  readonly #timeline: UtteranceTimeline;
  readonly #language: Language;
  readonly #heard = new Map<number, Heard>();
  #heardMs = 0;
  #turnOpen = false;
  #lastEnded = -1;

  /** @param language by the name the provider gives it. */
  constructor(timeline: UtteranceTimeline, language: Language) {
    this.#timeline = timeline;
    this.#language = language;
  }

  hear(message: unknown): readonly SttEvent[] {
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
        return this.#hearTurn(heard);
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
    const heard = this.#heard.get(utterance);
    this.#heard.delete(utterance);
    return heard === undefined ? NO_PIECE : joinPieces(heard.ended, heard.turn, this.#language);
  }

  #hearTurn(turn: FluxTurn): readonly SttEvent[] {
    this.#heardMs = Math.max(this.#heardMs, turn.heardMs);
    if (turn.index <= this.#lastEnded) {
      return [];
    }
    const ends = turn.event === 'EndOfTurn';
    this.#turnOpen = !ends && turn.text !== '';
    if (ends) {
      this.#lastEnded = turn.index;
    }
    const pieces = splitByUtterance(turn, this.#timeline, this.#language);
    const events = this.#timeline.utterances.flatMap((utterance) =>
      this.#hearOf(utterance, pieces.get(utterance) ?? NO_PIECE, turn.language, ends),
    );
    const newest = [...pieces.keys()].at(-1);
    return turn.event === 'EagerEndOfTurn' && newest !== undefined
      ? [...events, { type: 'likely-end', utterance: newest }]
      : events;
  }

  #hearOf(utterance: number, piece: Piece, spoken: string | undefined, ends: boolean): SttEvent[] {
    const heard = this.#heardOf(utterance);
    const before = joinPieces(heard.ended, heard.turn, this.#language);
    const now = joinPieces(heard.ended, piece, this.#language);
    const events: SttEvent[] = [];
    if (piece.text !== '' && spoken !== undefined && baseLanguage(spoken) !== baseLanguage(heard.language)) {
      heard.language = baseLanguage(spoken);
      events.push({ type: 'language', utterance, language: heard.language });
    }
    if (now.text !== before.text) {
      events.push({ type: 'partial', utterance, ...now });
    }
    if (ends) {
      heard.ended = now;
      heard.turn = NO_PIECE;
      if (piece.text !== '') {
        events.push({ type: 'stable', utterance, ...now });
      }
    } else {
      heard.turn = piece;
    }
    return events;
  }

  #heardOf(utterance: number): Heard {
    const known = this.#heard.get(utterance);
    if (known !== undefined) {
      return known;
    }
    const heard = { ended: NO_PIECE, turn: NO_PIECE, language: this.#language };
    this.#heard.set(utterance, heard);
    return heard;
  }
}
