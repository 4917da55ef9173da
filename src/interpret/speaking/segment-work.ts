/**
 * One segment being translated, and spoken ahead of its turn. The work begins when it is made, whether the segment is
 * certain or a draft; who owns it takes its sound or drops it.
 */

import type { Clock } from '../../base/clock.ts';
import { asError } from '../../base/errors.ts';
import type { SpokenVoice } from '../../engines/tts/spoken-voice.ts';
import type { TtsEngine, TtsRequest } from '../../engines/tts/tts-engine.ts';
import { cleaned } from '../text/cleaned.ts';
import { writtenOut } from '../text/written-out.ts';
import { EngineReturn, type ReturningEngine, type WaitListener } from './engine-return.ts';
import type { OpenSpeech } from './open-speech.ts';
import { speakSomeWay } from './some-way.ts';

/** What segments are spoken with. */
export interface SpeakingTools {
  readonly clock: Clock;
  readonly tts: TtsEngine & ReturningEngine;
  /** All of a request but what is said, and by whom. */
  readonly request: Omit<TtsRequest, 'text' | 'previousText' | 'voice'>;
  /** Whose voice speaks a segment; asked once for each, so that no voice changes inside one. */
  readonly voice: () => SpokenVoice | undefined;
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
  /** Gives the translation of it; asked again when `translator` is back that was away. */
  readonly translate: (signal: AbortSignal) => Promise<Translation>;
  /** Default one that is never away. */
  readonly translator?: ReturningEngine;
  /** What is said before it, once that is known; it is never spoken earlier than that. Never rejects. */
  readonly before: Promise<string | undefined>;
  /** Hears of its waiting for an engine that is away. Default nobody does. */
  readonly waiting?: WaitListener;
}

const NOBODY: WaitListener = { waits: () => {}, expired: () => {} };

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
  readonly #engineReturn: EngineReturn;
  readonly #tools: SpeakingTools;
  readonly #signal: AbortSignal;
  readonly #dropped = new AbortController();
  readonly #request: Omit<TtsRequest, 'text' | 'previousText'>;
  #speech: Promise<OpenSpeech> | undefined;
  #findStress: ((translation: string) => Promise<string | undefined>) | undefined;

  /** @param signal ends the work with whoever wants it. */
  constructor(order: SegmentOrder, tools: SpeakingTools, signal: AbortSignal) {
    const { source, translate, translator = {}, before, waiting = NOBODY } = order;
    this.source = source;
    this.#engineReturn = new EngineReturn(tools.clock, waiting);
    this.#before = before;
    this.#tools = tools;
    const voice = tools.voice();
    this.#request = voice === undefined ? tools.request : { ...tools.request, voice };
    this.#signal = AbortSignal.any([signal, this.#dropped.signal]);
    const translating = this.#engineReturn.patiently(translator, this.#signal, () => translate(this.#signal));
    this.translated = translating.then(
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

  /** What of its translation is to be stressed is asked before its sound is. @param find never rejects. */
  stressBy(find: (translation: string) => Promise<string | undefined>): void {
    this.#findStress = find;
  }

  /** Its turn comes soon. */
  near(): void {
    this.#engineReturn.near();
  }

  /** Whether it waits for an engine that is away. */
  get waiting(): boolean {
    return this.#engineReturn.waiting;
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

  /** Asks for the sound of what is left of the translation, of which an engine has said the beginning. */
  rest(text: string): Promise<OpenSpeech> {
    return this.#speak({ ...this.#request, text });
  }

  /** Ends the work: nobody wants it any more. */
  drop(): void {
    this.#dropped.abort();
  }

  async #synthesise(text: string): Promise<OpenSpeech> {
    const { tts, clock } = this.#tools;
    const previousText = await this.#before;
    const said = previousText === undefined ? {} : { previousText };
    const plain = cleaned(text) || text;
    const { language } = this.#request;
    const spoken = writtenOut(plain, language, tts.reads?.(language) ?? 'everything');
    const stressed = await this.#findStress?.(text);
    const stress = stressed === undefined ? {} : { stressed };
    const speech = await this.#speak({ ...this.#request, ...said, ...stress, text: spoken });
    this.firstSoundMs = clock.nowMs();
    return speech;
  }

  #speak(request: TtsRequest): Promise<OpenSpeech> {
    const { tts, clock, asked } = this.#tools;
    asked(request.text.length);
    return this.#engineReturn.patiently(tts, this.#signal, () =>
      speakSomeWay(tts, request, clock, this.#signal),
    );
  }
}
