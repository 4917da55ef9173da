/**
 * Recognisers and speech translators that are observed as the other engines are: their streams, what they owe at the
 * end of speech, and the audio that they gave up.
 */

import type { Counted } from '../../base/counts.ts';
import type { Language } from '../../base/language.ts';
import { Tally } from '../../base/tally.ts';
import { SPEECH_HZ, samplesToMs } from '../../base/units.ts';
import type { OnCharge } from '../charge.ts';
import type {
  SpeechTranslator,
  SpeechTranslatorEvent,
  SpeechTranslatorOptions,
  SpeechTranslatorStream,
} from '../s2s/speech-translator.ts';
import type { MadeUp } from '../stt/made-up.ts';
import type { SttCapabilities, SttEngine, SttEvent, SttStream, SttStreamOptions } from '../stt/stt-engine.ts';
import type { Support } from '../support.ts';
import { ABORTED, type EndOperation, type Observer, Operations, type Subject } from './operations.ts';

/** A stream of either kind, which is observed until it is closed. */
interface Stream {
  readonly droppedMs: number;
  write(pcm: Int16Array): void;
  close(): Promise<void>;
}

abstract class ObservedStream<Observed extends Stream> {
  protected readonly stream: Observed;
  protected readonly owed: Owed;
  readonly #onClose: OnClose;

  constructor(stream: Observed, owed: Owed, onClose: OnClose) {
    this.stream = stream;
    this.owed = owed;
    this.#onClose = onClose;
  }

  get droppedMs(): number {
    return this.stream.droppedMs;
  }

  write(pcm: Int16Array): void {
    this.owed.wasGiven(samplesToMs(pcm.length, SPEECH_HZ));
    this.stream.write(pcm);
  }

  async close(): Promise<void> {
    this.owed.over();
    this.owed.charge();
    await this.stream.close();
    this.#onClose(this);
  }
}

type OnClose = (stream: { readonly droppedMs: number }) => void;

export class ObservedStt implements Required<SttEngine>, Counted {
  readonly name: string;
  readonly capabilities: SttCapabilities;
  readonly madeUp: Tally<MadeUp>;
  readonly #engine: SttEngine;
  readonly #streams: ObservedStreams;

  constructor(engine: SttEngine, observer: Observer) {
    this.name = engine.name;
    this.capabilities = engine.capabilities;
    this.madeUp = engine.madeUp ?? new Tally();
    this.#engine = engine;
    this.#streams = new ObservedStreams({ component: 'stt', engine: engine.name }, observer);
  }

  get counts() {
    return { ...this.#streams.counts, engineMadeUp: this.madeUp };
  }

  supports(language: Language): Promise<Support> {
    return this.#engine.supports(language);
  }

  async open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream> {
    return this.#streams.open(signal, options.onCharge, async (owed, onClose) => {
      const onEvent = (event: SttEvent): void => {
        if (event.type === 'final') {
          owed.answered(event.utterance);
        } else if (event.type === 'failed') {
          owed.over({ error: event.error });
        }
        options.onEvent(event);
      };
      const stream = await this.#engine.open({ ...options, onEvent }, signal);
      return new ObservedSttStream(stream, owed, onClose);
    });
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

class ObservedSttStream extends ObservedStream<SttStream> implements SttStream {
  #utterance = 0;

  startUtterance(utterance: number): void {
    this.#utterance = utterance;
    this.stream.startUtterance(utterance);
  }

  flush(): void {
    this.stream.flush();
  }

  endUtterance(): void {
    this.owed.ask('final', this.#utterance);
    this.owed.charge();
    this.stream.endUtterance();
  }
}

export class ObservedTranslator implements Required<SpeechTranslator>, Counted {
  readonly name: string;
  readonly speaks: boolean;
  readonly #translator: SpeechTranslator;
  readonly #streams: ObservedStreams;

  constructor(translator: SpeechTranslator, observer: Observer) {
    this.name = translator.name;
    this.speaks = translator.speaks;
    this.#translator = translator;
    this.#streams = new ObservedStreams({ component: 's2s', engine: translator.name }, observer);
  }

  get counts() {
    return this.#streams.counts;
  }

  supports(from: Language, to: Language): Promise<Support> {
    return this.#translator.supports(from, to);
  }

  async open(options: SpeechTranslatorOptions, signal: AbortSignal): Promise<SpeechTranslatorStream> {
    return this.#streams.open(signal, options.onCharge, async (owed, onClose) => {
      const onEvent = (event: SpeechTranslatorEvent): void => {
        if (event.type === 'caught-up') {
          owed.answered();
        } else if (event.type === 'failed') {
          owed.over({ error: event.error });
        }
        options.onEvent(event);
      };
      const stream = await this.#translator.open({ ...options, onEvent }, signal);
      return new ObservedTranslatorStream(stream, owed, onClose);
    });
  }

  close(): Promise<void> {
    return this.#translator.close();
  }
}

class ObservedTranslatorStream
  extends ObservedStream<SpeechTranslatorStream>
  implements SpeechTranslatorStream
{
  #ends = 0;

  endOfSpeech(): void {
    this.#ends += 1;
    this.owed.ask('catch-up', this.#ends);
    this.owed.charge();
    this.stream.endOfSpeech();
  }
}

/** The streams of one engine: how their opening went, what they owe and what they gave up. */
class ObservedStreams implements Counted {
  readonly #dropped = new DroppedAudio();
  readonly #operations: Operations;

  constructor(subject: Subject, observer: Observer) {
    this.#operations = new Operations(subject, observer, () => this.#dropped.ms);
  }

  get counts() {
    return this.#operations.counts;
  }

  async open<Opened extends Stream>(
    signal: AbortSignal,
    onCharge: OnCharge | undefined,
    open: (owed: Owed, onClose: OnClose) => Promise<Opened>,
  ): Promise<Opened> {
    const owed = new Owed(this.#operations, onCharge);
    const onClose: OnClose = (stream) => this.#dropped.remove(stream);
    const stream = await this.#operations.run('open', signal, () => open(owed, onClose));
    owed.opened();
    this.#dropped.add(stream);
    return stream;
  }
}

/** What one stream owes: itself until it is closed, and an answer to each end of speech. */
class Owed {
  readonly #operations: Operations;
  /** By number, the oldest first. */
  readonly #answers = new Map<number, EndOperation>();
  readonly #onCharge: OnCharge | undefined;
  #unchargedMs = 0;
  #stream: EndOperation | undefined;
  #over: { readonly failure: { readonly error: unknown } | undefined } | undefined;

  constructor(operations: Operations, onCharge: OnCharge | undefined) {
    this.#operations = operations;
    this.#onCharge = onCharge;
  }

  wasGiven(ms: number): void {
    this.#operations.gaveSpeech(ms);
    this.#unchargedMs += ms;
  }

  /** Tells of the sound that was given since it last did: not of each frame. */
  charge(): void {
    if (this.#unchargedMs > 0) {
      this.#operations.charge(this.#unchargedMs, this.#onCharge);
      this.#unchargedMs = 0;
    }
  }

  opened(): void {
    this.#stream = this.#operations.begin('stream');
    // It may have failed before anyone had it.
    if (this.#over !== undefined) {
      this.#stream(this.#over.failure);
    }
  }

  ask(operation: 'final' | 'catch-up', number: number): void {
    if (this.#over === undefined) {
      this.#answers.set(number, this.#operations.begin(operation));
    }
  }

  /** @param number which has been answered; default the oldest. */
  answered(number: number | undefined = this.#answers.keys().next().value): void {
    if (number !== undefined) {
      this.#answers.get(number)?.();
      this.#answers.delete(number);
    }
  }

  /** The stream has ended; what it owes is not answered any more. One failure is counted, not one for each answer. */
  over(failure?: { readonly error: unknown }): void {
    if (this.#over === undefined) {
      this.#over = { failure };
      for (const end of this.#answers.values()) {
        end(ABORTED);
      }
      this.#answers.clear();
      this.#stream?.(failure);
    }
  }
}

/** What streams gave up: those that are open, and those that were. */
class DroppedAudio {
  readonly #open = new Set<{ readonly droppedMs: number }>();
  #closedMs = 0;

  get ms(): number {
    return [...this.#open].reduce((sum, { droppedMs }) => sum + droppedMs, this.#closedMs);
  }

  add(stream: { readonly droppedMs: number }): void {
    this.#open.add(stream);
  }

  remove(stream: { readonly droppedMs: number }): void {
    if (this.#open.delete(stream)) {
      this.#closedMs += stream.droppedMs;
    }
  }
}
