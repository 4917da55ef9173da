/**
 * One segment being translated, and spoken ahead of its turn. The work begins when it is made, whether the segment is
 * certain or a draft; who owns it takes its sound or drops it.
 */

import type { Clock } from '../../base/clock.ts';
import { asError } from '../../base/errors.ts';
import type { TtsEngine, TtsRequest } from '../../engines/tts/tts-engine.ts';
import { cleaned } from '../text/cleaned.ts';
import { writtenOut } from '../text/written-out.ts';
import type { OpenSpeech } from './open-speech.ts';
import { speakSomeWay } from './some-way.ts';

/** What segments are spoken with. */
export interface SpeakingTools {
  readonly clock: Clock;
  readonly tts: TtsEngine;
  /** All of a request but what is said. */
  readonly request: Omit<TtsRequest, 'text' | 'previousText'>;
  /** Hears how many characters are asked for. */
  readonly asked: (characters: number) => void;
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

export interface SegmentOrder {
  /** What is translated. */
  readonly source: string;
  /** Gives the translation of it. */
  readonly translate: (signal: AbortSignal) => Promise<Translation>;
  /** What is said before it, once that is known; it is never spoken earlier than that. Never rejects. */
  readonly before: Promise<string | undefined>;
}

export class SegmentWork {
  /** What is translated. */
  readonly source: string;
  /** Never rejects: a failure is a value, looked at when the segment's turn comes. */
  readonly translated: Promise<Translated>;
  /**
   * What has been said last when this segment is over: its own text, or the one before when it has none. Never rejects.
   */
  readonly saidLast: Promise<string | undefined>;
  /** When the translation was there. */
  translatedMs: number | undefined;
  /** When the first synthesised bytes were there. */
  firstSoundMs: number | undefined;
  readonly #before: Promise<string | undefined>;
  readonly #tools: SpeakingTools;
  readonly #signal: AbortSignal;
  readonly #dropped = new AbortController();
  #speech: Promise<OpenSpeech> | undefined;

  /** @param signal ends the work with whoever wants it. */
  constructor({ source, translate, before }: SegmentOrder, tools: SpeakingTools, signal: AbortSignal) {
    this.source = source;
    this.#before = before;
    this.#tools = tools;
    this.#signal = AbortSignal.any([signal, this.#dropped.signal]);
    this.translated = translate(this.#signal).then(
      (translation): Translated => {
        this.translatedMs = tools.clock.nowMs();
        return { type: 'translation', translation };
      },
      (error: unknown): Translated => ({ type: 'failed', error: asError(error) }),
    );
    this.saidLast = this.translated.then((result) =>
      result.type === 'translation' && result.translation.text.trim() !== ''
        ? result.translation.text
        : before,
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
   * @throws as {@link speakSomeWay}, from the promise.
   */
  speech(translation: string): Promise<OpenSpeech> {
    if (this.#speech === undefined) {
      this.#speech = this.#synthesise(translation);
      // Whoever takes it hears of its failure; nobody may ever take it.
      this.#speech.catch(() => {});
    }
    return this.#speech;
  }

  /** Ends the work: nobody wants it any more. */
  drop(): void {
    this.#dropped.abort();
  }

  async #synthesise(text: string): Promise<OpenSpeech> {
    const { tts, request, clock, asked } = this.#tools;
    const previousText = await this.#before;
    const said = previousText === undefined ? {} : { previousText };
    const plain = cleaned(text) || text;
    const { language } = request;
    const spoken = writtenOut(plain, language, tts.reads?.(language) ?? 'everything');
    asked(spoken.length);
    const speech = await speakSomeWay(tts, { ...request, ...said, text: spoken }, clock, this.#signal);
    this.firstSoundMs = clock.nowMs();
    return speech;
  }
}
