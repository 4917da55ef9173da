/**
 * The interpreter made of one provider that recognises and translates in one go, and perhaps speaks, too. Such a provider
 * knows no utterances: what it gives belongs to the earliest utterance it has not caught up with, or to the last one.
 */

import type { Clock } from '../../base/clock.ts';
import { AppError, asError } from '../../base/errors.ts';
import { Scope } from '../../base/scope.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorEvent,
  SpeechTranslatorStream,
} from '../../engines/s2s/speech-translator.ts';
import type { TtsEngine } from '../../engines/tts/tts-engine.ts';
import type {
  Interpreter,
  InterpreterEvent,
  InterpreterFactory,
  InterpreterOptions,
} from '../interpreter.ts';
import { FusedUtterance } from './fused-utterance.ts';
import { LentVoice } from './lent-voice.ts';
import { OwnVoice } from './own-voice.ts';
import type { Voice } from './voice.ts';

export interface FusedEngines {
  readonly translator: SpeechTranslator;
  /** Speaks for a translator that only writes; others do without. */
  readonly tts?: TtsEngine;
  /** The voice to speak with; without it, the synthesis engine's default. */
  readonly voice?: string;
}

/** Opens a stream to the provider per speaking leg. */
export class FusedFactory implements InterpreterFactory {
  /** The providers are made for telephone speech, too. */
  readonly lowestWireRateHz = 8_000;
  readonly #engines: FusedEngines;
  readonly #clock: Clock;

  /** @throws AppError `bad-option` when the translator only writes and there is no synthesis engine. */
  constructor(engines: FusedEngines, clock: Clock) {
    if (!engines.translator.speaks && engines.tts === undefined) {
      throw new AppError(
        'bad-option',
        `${engines.translator.name} gives text only: choose a synthesis engine to speak it`,
      );
    }
    this.#engines = engines;
    this.#clock = clock;
  }

  async open(options: InterpreterOptions, signal: AbortSignal): Promise<Interpreter> {
    const interpreter = new FusedInterpreter(this.#engines, this.#clock, options);
    await interpreter.start(signal);
    return interpreter;
  }
}

export class FusedInterpreter implements Interpreter {
  readonly #translator: SpeechTranslator;
  readonly #clock: Clock;
  readonly #options: InterpreterOptions;
  readonly #scope: Scope;
  readonly #voice: Voice;
  /** Utterances the translator has not caught up with, oldest first; the one that goes on is the last of them. */
  readonly #behind: FusedUtterance[] = [];
  /** Utterances that have not been reported yet. */
  readonly #unreported = new Set<FusedUtterance>();
  /** The utterance that goes on. */
  #current: FusedUtterance | undefined;
  /** The latest utterance of all. */
  #latest: FusedUtterance | undefined;
  #stream: SpeechTranslatorStream | undefined;
  #lost = false;

  constructor(engines: FusedEngines, clock: Clock, options: InterpreterOptions) {
    this.#translator = engines.translator;
    this.#clock = clock;
    this.#options = options;
    this.#scope = new Scope((error) => this.#fail(asError(error)));
    const emit = (event: InterpreterEvent): void => this.#emit(event);
    this.#voice =
      engines.translator.speaks || engines.tts === undefined
        ? new OwnVoice(clock, emit)
        : new LentVoice({
            tts: engines.tts,
            voice: engines.voice,
            language: options.to,
            wantedRateHz: options.listenerRateHz,
            clock,
            emit,
            run: (work) => this.#scope.run(work),
          });
  }

  /** Opens the stream. @throws as the translator's `open`. */
  async start(signal: AbortSignal): Promise<void> {
    const { from, to, listenerRateHz } = this.#options;
    this.#stream = await this.#translator.open(
      { from, to, wantedRateHz: listenerRateHz, onEvent: (event) => this.#handle(event) },
      signal,
    );
  }

  startUtterance(utterance: number, speechStartMs: number): void {
    if (this.#current !== undefined) {
      this.endUtterance(speechStartMs);
    }
    const begun = new FusedUtterance(utterance, speechStartMs, this.#options, (event) => {
      if (event.type === 'utterance-ended') {
        this.#unreported.delete(begun);
      }
      if (event.type === 'segment-started' && !this.#translator.speaks) {
        this.#options.conversation?.spoken(event.text);
      }
      this.#emit(event);
    });
    this.#behind.push(begun);
    this.#unreported.add(begun);
    this.#current = begun;
    this.#latest = begun;
  }

  write(pcm: Int16Array): void {
    if (this.#current !== undefined) {
      this.#stream?.write(pcm);
    }
  }

  /** The provider hears the pause itself. */
  pause(): void {}

  resume(): void {}

  /** What has been said cannot be taken back from a provider. */
  abandon(): void {}

  endUtterance(speechEndMs: number): void {
    const utterance = this.#current;
    if (utterance !== undefined) {
      this.#current = undefined;
      utterance.end(speechEndMs, this.#clock.nowMs());
      this.#stream?.endOfSpeech();
    }
  }

  async close(): Promise<void> {
    const closed = this.#scope.close();
    this.#voice.stop();
    await Promise.all([closed, this.#stream?.close()]);
  }

  #emit(event: InterpreterEvent): void {
    if (!this.#scope.closed) {
      this.#options.onEvent(event);
    }
  }

  #handle(event: SpeechTranslatorEvent): void {
    if (this.#lost || this.#scope.closed) {
      return;
    }
    if (event.type === 'failed') {
      this.#fail(event.error);
      return;
    }
    if (event.type === 'caught-up') {
      this.#caughtUp();
      return;
    }
    const utterance = this.#behind[0] ?? this.#latest;
    if (utterance === undefined) {
      return;
    }
    switch (event.type) {
      case 'source':
        utterance.hear(event.text, event.concluded);
        break;
      case 'target':
        this.#voice.text(utterance, event.text);
        break;
      case 'audio':
        this.#voice.sound(utterance, event.pcm, event.rateHz);
        break;
    }
  }

  /** The translator has given all of the earliest utterance that it had not caught up with. */
  #caughtUp(): void {
    if (this.#behind[0]?.ended === true) {
      const utterance = this.#behind.shift();
      if (utterance !== undefined) {
        this.#voice.caughtUp(utterance);
        if (utterance.sourceText !== '') {
          this.#options.conversation?.said(utterance.sourceText);
        }
        utterance.catchUp();
        // Where the translator speaks, its words are all known only now.
        if (this.#translator.speaks && utterance.targetText !== '') {
          this.#options.conversation?.spoken(utterance.targetText);
        }
      }
    }
  }

  #fail(error: Error): void {
    if (this.#lost) {
      return;
    }
    this.#lost = true;
    // Whoever opened this closes it now, so what is still being spoken ends with it.
    this.#voice.stop();
    for (const utterance of [...this.#unreported]) {
      utterance.lost(error);
    }
    this.#emit({ type: 'failed', error });
  }
}
