/**
 * One segment being translated, and spoken ahead of its turn. The work begins when it is made, whether the segment is
 * certain or a draft; who owns it takes its sound or drops it.
 */

import type { Clock } from '../../base/clock.ts';
import { asError } from '../../base/errors.ts';
import type { TtsEngine, TtsRequest } from '../../engines/tts/tts-engine.ts';
import { type OpenSpeech, openSpeech } from './open-speech.ts';
import type { Translation, Translator } from './translator.ts';

export interface WorkTools {
  readonly clock: Clock;
  readonly translator: Translator;
  readonly tts: TtsEngine;
  /** All of a request but its text. */
  readonly voice: Omit<TtsRequest, 'text'>;
}

export type Translated =
  | { readonly type: 'translation'; readonly translation: Translation }
  | { readonly type: 'failed'; readonly error: Error };

export class SegmentWork {
  /** The source text. */
  readonly source: string;
  /** Never rejects: a failure is a value, looked at when the segment's turn comes. */
  readonly translated: Promise<Translated>;
  /** When the translation was there. */
  translatedMs: number | undefined;
  /** When the first synthesised bytes were there. */
  firstSoundMs: number | undefined;
  readonly #tools: WorkTools;
  readonly #signal: AbortSignal;
  readonly #dropped = new AbortController();
  #speech: Promise<OpenSpeech> | undefined;

  constructor(source: string, tools: WorkTools, signal: AbortSignal) {
    this.source = source;
    this.#tools = tools;
    this.#signal = AbortSignal.any([signal, this.#dropped.signal]);
    this.translated = tools.translator.translate(source, this.#signal).then(
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

  /** The signal that ends this work. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** Asks for the sound of `translation`, once; it waits until it is taken. @throws as {@link openSpeech}, from the promise. */
  speech(translation: string): Promise<OpenSpeech> {
    if (this.#speech === undefined) {
      const { tts, voice, clock } = this.#tools;
      this.#speech = openSpeech(tts, { ...voice, text: translation }, clock, this.#signal).then((speech) => {
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
