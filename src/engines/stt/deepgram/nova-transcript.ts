/**
 * Nova's results put together to utterances. Nova knows nothing of our utterances: a result is about a stretch of the
 * connection's audio, settled stretches follow each other without a gap, and what is not settled yet is said again
 * with each interim result. A result that straddles the border of two utterances is split by the times of its words.
 */

import { baseLanguage, type Language } from '../../../base/language.ts';
import type { SttEvent } from '../stt-engine.ts';
import type { NovaResult } from './listen-messages.ts';
import { joinPieces, NO_PIECE, type Piece, splitByUtterance } from './spoken-text.ts';
import type { UtteranceTimeline } from './utterance-timeline.ts';

/** Times on the wire are rounded; two that differ by less are one, in ms. */
const ROUNDING_MS = 20;

interface Heard {
  settled: Piece;
  /** What follows the settled part, and may change. */
  interim: Piece;
  language: string;
}

export class NovaTranscript {
  readonly #timeline: UtteranceTimeline;
  readonly #language: Language;
  readonly #heard = new Map<number, Heard>();
  #settledMs = 0;

  /**
   * @param timeline where utterances are; the owner begins, ends and forgets them.
   * @param language by the name the provider gives it.
   */
  constructor(timeline: UtteranceTimeline, language: Language) {
    this.#timeline = timeline;
    this.#language = language;
  }

  /** Up to where the connection's audio is settled, in ms. */
  get settledMs(): number {
    return this.#settledMs;
  }

  /** Whether all audio before `atMs` is settled. */
  covers(atMs: number): boolean {
    return this.#settledMs >= atMs - ROUNDING_MS;
  }

  /** Whether something was heard of `utterance` that is not settled. */
  hasInterim(utterance: number): boolean {
    return (this.#heard.get(utterance)?.interim.text ?? '') !== '';
  }

  /** What is settled of `utterance`, which is over with this. */
  take(utterance: number): Piece {
    const piece = this.#heard.get(utterance)?.settled ?? NO_PIECE;
    this.#heard.delete(utterance);
    return piece;
  }

  /** What a result says; one about what is settled says nothing. */
  hear(result: NovaResult): readonly SttEvent[] {
    if (this.isRepeated(result)) {
      return [];
    }
    const pieces = splitByUtterance(result, this.#timeline, this.#language);
    if (result.settled) {
      this.#settledMs = Math.max(this.#settledMs, result.endMs);
    }
    return this.#timeline.utterances
      .filter((utterance) => this.#touches(result, utterance))
      .flatMap((utterance) => this.#hearOf(utterance, pieces.get(utterance) ?? NO_PIECE, result));
  }

  /** Whether all that `result` is about has been settled before. */
  isRepeated(result: NovaResult): boolean {
    return result.startMs < this.#settledMs - ROUNDING_MS;
  }

  #touches({ startMs, endMs }: NovaResult, utterance: number): boolean {
    const bounds = this.#timeline.boundsOf(utterance);
    return (
      bounds !== undefined &&
      bounds.fromMs < endMs &&
      (bounds.endMs ?? Number.POSITIVE_INFINITY) > startMs + ROUNDING_MS
    );
  }

  #hearOf(utterance: number, piece: Piece, result: NovaResult): SttEvent[] {
    const heard = this.#heardOf(utterance);
    const before = joinPieces(heard.settled, heard.interim, this.#language);
    if (result.settled) {
      heard.settled = joinPieces(heard.settled, piece, this.#language);
      heard.interim = NO_PIECE;
    } else {
      heard.interim = piece;
    }
    const now = joinPieces(heard.settled, heard.interim, this.#language);
    const events: SttEvent[] = [];
    if (piece.text !== '' && result.language !== undefined) {
      const language = baseLanguage(result.language);
      if (language !== baseLanguage(heard.language)) {
        heard.language = language;
        events.push({ type: 'language', utterance, language });
      }
    }
    // An interim that says the same again is news: two hearings agree.
    if (now.text !== before.text || (!result.settled && piece.text !== '')) {
      events.push({ type: 'partial', utterance, ...now });
    }
    if (result.settled && piece.text !== '') {
      events.push({ type: 'stable', utterance, ...heard.settled });
    }
    return events;
  }

  #heardOf(utterance: number): Heard {
    const known = this.#heard.get(utterance);
    if (known !== undefined) {
      return known;
    }
    const heard = { settled: NO_PIECE, interim: NO_PIECE, language: this.#language };
    this.#heard.set(utterance, heard);
    return heard;
  }
}
