/**
 * Engines that do what a test tells them and note what they were asked. They stand for the interfaces, not for any
 * provider: what is not scripted stays unanswered until the test answers it.
 */

import type { MtEngine, MtRequest } from '../../src/engines/mt/mt-engine.ts';
import type {
  StreamChoice,
  SttEngine,
  SttEvent,
  SttStream,
  SttStreamOptions,
  Word,
} from '../../src/engines/stt/stt-engine.ts';
import { SUPPORTED, type Support } from '../../src/engines/support.ts';
import { SpeechPieces } from '../../src/engines/tts/speech-pieces.ts';
import type { VoiceTraits } from '../../src/engines/tts/spoken-voice.ts';
import type { TtsEngine, TtsRequest, TtsSpeech } from '../../src/engines/tts/tts-engine.ts';

export class ScriptedStt implements SttEngine {
  readonly name = 'scripted-stt';
  readonly capabilities = { lowestWireRateHz: 16_000 };
  /** What the streams were told, in order. */
  readonly calls: string[] = [];
  /** What `open` throws, if anything. */
  openError: Error | undefined;
  /** What streams that are opened are, among those of several engines. */
  choice: StreamChoice | undefined;
  /** How each stream was opened, oldest first; what the test has it say is said by the last. */
  readonly opened: SttStreamOptions[] = [];

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  async open(options: SttStreamOptions): Promise<SttStream> {
    if (this.openError !== undefined) {
      throw this.openError;
    }
    this.opened.push(options);
    this.calls.push(`open ${options.language}`);
    return {
      startUtterance: (utterance) => this.calls.push(`start ${utterance}`),
      write: (pcm) => this.calls.push(`write ${pcm.length}`),
      flush: () => this.calls.push('flush'),
      endUtterance: () => this.calls.push('end'),
      droppedMs: 0,
      ...(this.choice === undefined ? {} : { choice: this.choice }),
      close: async () => {
        this.calls.push('close');
      },
    };
  }

  /** Says something about an utterance. */
  hears(
    type: 'partial' | 'stable' | 'final',
    utterance: number,
    text: string,
    words: readonly Word[] = [],
  ): void {
    this.#say({ type, utterance, text, words });
  }

  /** Thinks that the speaker is done. */
  likelyEnd(utterance: number): void {
    this.#say({ type: 'likely-end', utterance });
  }

  /** Finds that an utterance is spoken in `language`. */
  speaks(utterance: number, language: string): void {
    this.#say({ type: 'language', utterance, language });
  }

  /** The terms it was told of. */
  get terms(): readonly string[] {
    return this.opened.at(-1)?.terms ?? [];
  }

  /** The other language it was told to listen for. */
  get alsoLanguage(): string | undefined {
    return this.opened.at(-1)?.alsoLanguage;
  }

  fails(error: Error): void {
    this.#say({ type: 'failed', error });
  }

  #say(event: SttEvent): void {
    this.opened.at(-1)?.onEvent(event);
  }

  async close(): Promise<void> {}
}

/** A question that waits for the test's answer. */
export interface Asked<Request, Answer> {
  readonly request: Request;
  readonly signal: AbortSignal;
  answer(answer: Answer): void;
  fail(error: unknown): void;
}

/** Notes a question; its promise also rejects when `signal` aborts. */
function ask<Request, Answer>(
  asked: Asked<Request, Answer>[],
  request: Request,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    asked.push({ request, signal, answer: resolve, fail: reject });
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Whether an engine fails, and is known to do so to everybody; it does not, unless told otherwise. */
class Absence {
  readonly #waiting = new Set<() => void>();
  #error: Error | undefined;

  /** What it fails with. */
  get error(): Error | undefined {
    return this.#error;
  }

  begin(error: Error): void {
    this.#error = error;
  }

  /** Those who wait hear of it. @param well whether it fails no more. */
  end(well = true): void {
    this.#error = well ? undefined : this.#error;
    for (const back of [...this.#waiting]) {
      back();
    }
    this.#waiting.clear();
  }

  readonly whenBack = (signal: AbortSignal): Promise<void> | undefined =>
    this.#error === undefined
      ? undefined
      : new Promise((resolve, reject) => {
          this.#waiting.add(resolve);
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
}

export class ScriptedMt implements MtEngine {
  readonly name = 'scripted-mt';
  readonly absence = new Absence();
  readonly whenBack = this.absence.whenBack;
  readonly asked: Asked<MtRequest, string>[] = [];
  /** Answers at once with the text in brackets, unless told otherwise. */
  atOnce = true;
  /** What it says of every pair of languages. */
  supported: Support = SUPPORTED;

  async supports(): Promise<Support> {
    return this.supported;
  }

  translate(
    { failedOver: _, onCharge: _charged, ...request }: MtRequest,
    signal: AbortSignal,
  ): Promise<string> {
    const answer = ask(this.asked, request, signal);
    if (this.absence.error !== undefined) {
      this.asked.at(-1)?.fail(this.absence.error);
    } else if (this.atOnce) {
      this.asked.at(-1)?.answer(`<${request.text}>`);
    }
    return answer;
  }

  async close(): Promise<void> {}
}

export class ScriptedTts implements TtsEngine {
  readonly name = 'scripted-tts';
  readonly absence = new Absence();
  readonly whenBack = this.absence.whenBack;
  hasRoom = true;
  traits: VoiceTraits = {};
  readonly asked: Asked<TtsRequest, TtsSpeech>[] = [];
  /** Answers at once with two pieces, 100 samples and then 50, unless told otherwise. */
  atOnce = true;
  rateHz = 22_050;

  async supports(): Promise<Support> {
    return SUPPORTED;
  }

  synthesize(
    { failedOver: _, onCharge: _charged, ...request }: TtsRequest,
    signal: AbortSignal,
  ): Promise<TtsSpeech> {
    const answer = ask(this.asked, request, signal);
    if (this.absence.error !== undefined) {
      this.asked.at(-1)?.fail(this.absence.error);
    } else if (this.atOnce) {
      const pieces = new SpeechPieces();
      pieces.push(new Int16Array(100));
      pieces.push(new Int16Array(50));
      pieces.complete();
      this.asked.at(-1)?.answer({ rateHz: this.rateHz, pieces });
    }
    return answer;
  }

  async close(): Promise<void> {}
}
