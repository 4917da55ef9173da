/**
 * One segment being translated, and spoken ahead of its turn. The work begins when it is made, whether the segment is
 * certain or a draft; who owns it takes its sound or drops it.
 */

import type { Clock } from '../../base/clock.ts';
import { asError } from '../../base/errors.ts';
import type { TtsEngine, TtsRequest } from '../../engines/tts/tts-engine.ts';
import { type OpenSpeech, openSpeech } from './open-speech.ts';

/** The voice that speaks segments. */
export interface SpeakingTools {
  readonly clock: Clock;
  readonly tts: TtsEngine;
  /** All of a request but what is said. */
  readonly voice: Omit<TtsRequest, 'text' | 'previousText'>;
}

export interface Translation {
  readonly text: string;
  /** Whether it was known and no engine was asked. */
  readonly cached: boolean;
  /** Numbers and terms that had been lost and were put in. */
  readonly repaired: number;
}

export type Translated =
  | { readonly type: 'translation'; readonly translation: Translation }
  | { readonly type: 'failed'; readonly error: Error };

export class SegmentWork {
  /** What is translated. */
  readonly source: string;
  /** Never rejects: a failure is a value, looked at when the segment's turn comes. */
  readonly translated: Promise<Translated>;
  /** When the translation was there. */
  translatedMs: number | undefined;
  /** When the first synthesised bytes were there. */
  firstSoundMs: number | undefined;
  readonly #tools: SpeakingTools;
  readonly #signal: AbortSignal;
  readonly #dropped = new AbortController();
  #speech: Promise<OpenSpeech> | undefined;

  /**
   * @param translate gives the translation of `source`.
   * @param signal ends the work with whoever wants it.
   */
  constructor(
    source: string,
    translate: (signal: AbortSignal) => Promise<Translation>,
    tools: SpeakingTools,
    signal: AbortSignal,
  ) {
    this.source = source;
    this.#tools = tools;
    this.#signal = AbortSignal.any([signal, this.#dropped.signal]);
    this.translated = translate(this.#signal).then(
      (translation): Translated => {
        this.translatedMs = tools.clock.nowMs();
        return { type: 'translation', translation };
      },
      (error: unknown): Translated => ({ type: 'failed', error: asError(error) }),
    );
  }

  /** Whether synthesis has been asked for. */
  get speaking(): boolean {
    return this.#speech !== undefined;
  }

  /** Whether nobody wants it any more. */
  get dropped(): boolean {
    return this.#signal.aborted;
  }

  /**
   * Asks for the sound of `translation`, once; it waits until it is taken.
   * @param previousText what is said before it, if that is known.
   * @throws as {@link openSpeech}, from the promise.
   */
  speech(translation: string, previousText?: string): Promise<OpenSpeech> {
    if (this.#speech === undefined) {
      const { tts, voice, clock } = this.#tools;
      const said = previousText === undefined ? {} : { previousText };
      const request = { ...voice, ...said, text: translation };
      this.#speech = openSpeech(tts, request, clock, this.#signal).then((speech) => {
        this.firstSoundMs = clock.nowMs();
        return speech;
      });
      // Whoever takes it hears of its failure; nobody may ever take it.
      this.#speech.catch(() => {});
    }
    return this.#speech;
  }

  /** Ends the work: nobody wants it any more. */
  drop(): void {
    this.#dropped.abort();
  }
}
