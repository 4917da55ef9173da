/**
 * One leg's recognition by whole transcriptions: the growing utterance is sent again each second and at each pause,
 * with one request at a time, and once more when it has ended, unless the text from its last pause is all there is. An
 * answer that is no longer wanted is not waited for.
 */

import { AppError, asError } from '../../../base/errors.ts';
import { Scope } from '../../../base/scope.ts';
import type { SttEvent, SttStream } from '../stt-engine.ts';
import { assertMayStart } from '../utterance-order.ts';
import { GrowingUtterance } from './growing-utterance.ts';
import type { TranscriptionClient } from './transcription-client.ts';

export interface OpenaiTranscriptionStreamOptions {
  readonly client: TranscriptionClient;
  /** Whisper's code of the language. */
  readonly language: string;
  /** Empty for none. */
  readonly prompt: string;
  readonly onEvent: (event: SttEvent) => void;
  /** Hears that the stream is over, for whatever reason. */
  readonly onEnded: () => void;
}

/** The request on its way. */
interface InFlight {
  readonly utterance: GrowingUtterance;
  readonly samples: number;
  readonly stop: AbortController;
}

export class OpenaiTranscriptionStream implements SttStream {
  readonly #options: OpenaiTranscriptionStreamOptions;
  readonly #scope: Scope;
  /** Utterances without a final, in order; the last one may still be spoken. */
  readonly #utterances: GrowingUtterance[] = [];
  #inFlight: InFlight | undefined;
  #scheduled = false;
  #droppedMs = 0;
  #closing: Promise<void> | undefined;

  constructor(options: OpenaiTranscriptionStreamOptions) {
    this.#options = options;
    this.#scope = new Scope((error) => this.#fail(asError(error)));
  }

  get droppedMs(): number {
    return this.#utterances.reduce((sum, utterance) => sum + utterance.audio.droppedMs, this.#droppedMs);
  }

  startUtterance(utterance: number): void {
    if (this.#closing !== undefined) {
      return;
    }
    assertMayStart(this.#current !== undefined);
    this.#utterances.push(new GrowingUtterance(utterance));
  }

  write(pcm: Int16Array): void {
    const current = this.#current;
    current?.audio.write(pcm);
    if (current?.partialDue === true) {
      this.#schedule();
    }
  }

  /** Nothing can be settled, but what is said up to the pause is asked for at once. */
  flush(): void {
    this.#current?.pause();
    this.#schedule();
  }

  endUtterance(): void {
    const current = this.#current;
    if (current === undefined) {
      return;
    }
    current.end();
    const request = this.#inFlight;
    if (request?.utterance === current && !current.saysAll(request.samples)) {
      request.stop.abort();
    }
    this.#schedule();
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#utterances.length = 0;
      this.#closing = this.#scope.close();
      this.#options.onEnded();
    }
    return this.#closing;
  }

  /** The utterance that is being spoken. */
  get #current(): GrowingUtterance | undefined {
    const last = this.#utterances.at(-1);
    return last?.ended === false ? last : undefined;
  }

  /** Goes on after the present call of the stream, from inside which no event may come. */
  #schedule(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#goOn();
      });
    }
  }

  /** Gives the finals that are known, then makes the request that is due. */
  #goOn(): void {
    while (this.#inFlight === undefined) {
      const head = this.#utterances[0];
      const text = head?.ended === true ? head.finalText : undefined;
      if (head !== undefined && text !== undefined) {
        this.#utterances.shift();
        this.#droppedMs += head.audio.droppedMs;
        this.#options.onEvent({ type: 'final', utterance: head.number, text, words: [] });
      } else {
        if (head !== undefined && (head.ended || head.partialDue)) {
          this.#ask(head);
        }
        return;
      }
    }
  }

  #ask(utterance: GrowingUtterance): void {
    const samples = utterance.asked();
    const stop = new AbortController();
    const partial = !utterance.ended;
    this.#inFlight = { utterance, samples, stop };
    this.#scope.run(async (signal) => {
      try {
        const { client, language, prompt } = this.#options;
        const wav = utterance.audio.wav();
        const text = await client.transcribe(
          { wav, language, prompt },
          AbortSignal.any([signal, stop.signal]),
        );
        this.#heard(utterance, text, samples);
      } catch (error) {
        // A partial can do without its answer, for once, when it is no longer wanted or the server is busy.
        const busy = partial && error instanceof AppError && error.code === 'engine-overloaded';
        if (!stop.signal.aborted && !busy) {
          throw error;
        }
      } finally {
        this.#inFlight = undefined;
        this.#schedule();
      }
    });
  }

  #heard(utterance: GrowingUtterance, text: string, samples: number): void {
    const before = utterance.text;
    utterance.answered(text, samples);
    if (!utterance.ended && (text !== '' || before !== '') && this.#closing === undefined) {
      this.#options.onEvent({ type: 'partial', utterance: utterance.number, text, words: [] });
    }
  }

  #fail(error: Error): void {
    if (this.#closing === undefined) {
      void this.close();
      this.#options.onEvent({ type: 'failed', error });
    }
  }
}
