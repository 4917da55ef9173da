/**
 * What has been heard of each utterance: a part that stays, and a tail that the next hearing replaces; and what of that
 * is news. Both protocols come down to it.
 */

import { baseLanguage, type Language } from '../../../base/language.ts';
import type { EarlyEvent } from '../utterance-stream.ts';
import { joinPieces, NO_PIECE, type Piece } from './spoken-text.ts';

/** One hearing of an utterance. */
export interface Hearsay {
  /** What follows the part that stays. */
  readonly piece: Piece;
  /** Whether it stays, too. */
  readonly settled: boolean;
  /** What it is spoken in; undefined when that is not told. */
  readonly spoken: Language | undefined;
  /** Whether a tail that says the same again is news: then two hearings agree. */
  readonly echoes: boolean;
}

interface HeardText {
  settled: Piece;
  tail: Piece;
  spoken: Language;
}

export class HeardTexts {
  readonly #language: Language;
  readonly #heard = new Map<number, HeardText>();

  /** @param language the stream's, by the name the provider gives it. */
  constructor(language: Language) {
    this.#language = language;
  }

  /** Takes in a hearing. Returns what it changes. */
  hear(utterance: number, { piece, settled, spoken, echoes }: Hearsay): EarlyEvent[] {
    const heard = this.#heard.get(utterance) ?? { settled: NO_PIECE, tail: NO_PIECE, spoken: this.#language };
    this.#heard.set(utterance, heard);
    const before = joinPieces(heard.settled, heard.tail);
    const now = joinPieces(heard.settled, piece);
    const events: EarlyEvent[] = [];
    if (piece.text !== '' && spoken !== undefined && baseLanguage(spoken) !== baseLanguage(heard.spoken)) {
      heard.spoken = baseLanguage(spoken);
      events.push({ type: 'language', utterance, language: heard.spoken });
    }
    if (now.text !== before.text || (echoes && !settled && piece.text !== '')) {
      events.push({ type: 'partial', utterance, ...now });
    }
    if (settled && piece.text !== '') {
      events.push({ type: 'stable', utterance, ...now });
    }
    heard.settled = settled ? now : heard.settled;
    heard.tail = settled ? NO_PIECE : piece;
    return events;
  }

  /** Whether something was heard of `utterance` that is not settled. */
  hasTail(utterance: number): boolean {
    return (this.#heard.get(utterance)?.tail.text ?? '') !== '';
  }

  /** What was heard of `utterance` for good, and with its tail; it is forgotten with this. */
  take(utterance: number): { readonly settled: Piece; readonly all: Piece } {
    const { settled = NO_PIECE, tail = NO_PIECE } = this.#heard.get(utterance) ?? {};
    this.#heard.delete(utterance);
    return { settled, all: joinPieces(settled, tail) };
  }
}
