/**
 * One leg's recognition by a model that hears as it goes, over the leg's line to the process that has it. At most
 * {@link IN_FLIGHT_MS} of sound is on its way, by the process's own account. What such a model has told it never
 * changes, so all but the last word, which may still grow, is stable as soon as it is told, and all of it at a pause.
 */

import { SPEECH_HZ, samplesToMs } from '../../../base/units.ts';
import type { ModelLine } from '../../sherpa/model-lines.ts';
import type { ModelProcess } from '../../sherpa/model-process.ts';
import { heardOf, MESSAGE, type ModelMessage, pcmBytes } from '../../sherpa/model-wire.ts';
import type { Heard, Recogniser, UtteranceStream } from '../utterance-stream.ts';
import { heardWords } from './token-words.ts';

/** The most sound that the process is given ahead of what it took, in ms. */
const IN_FLIGHT_MS = 1_000;

export interface SherpaStreamOptions {
  /** As the model is told it. */
  readonly language: string;
  readonly isUpperCase: boolean;
}

/** An utterance whose final has not come. */
interface Pending {
  readonly utterance: number;
  givenSamples: number;
  /** What was told of it last, and what of that for good. */
  text: string;
  stableText: string;
}

export class SherpaStreamRecogniser implements Recogniser {
  /** The process is watched for all its lines. */
  readonly dueMs = undefined;
  readonly #stream: UtteranceStream;
  readonly #line: ModelLine;
  readonly #options: SherpaStreamOptions;
  readonly #pending: Pending[] = [];
  #inFlightSamples = 0;
  #finalsOwed = 0;

  /** @throws AppError `engine-died` when the process has ended. */
  constructor(stream: UtteranceStream, process: ModelProcess, options: SherpaStreamOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#line = process.line(
      (message) => this.#receive(message),
      (error) => stream.fail(error),
    );
  }

  start(): void {}

  get ready(): boolean {
    return samplesToMs(this.#inFlightSamples, SPEECH_HZ) < IN_FLIGHT_MS;
  }

  send(pcm: Int16Array): void {
    const current = this.#pending.at(-1);
    if (current !== undefined) {
      current.givenSamples += pcm.length;
    }
    this.#inFlightSamples += pcm.length;
    this.#line.send(MESSAGE.audio, pcmBytes(pcm));
    this.#noteOwed();
  }

  begin(utterance: number): void {
    this.#pending.push({ utterance, givenSamples: 0, text: '', stableText: '' });
    this.#line.send(MESSAGE.begin, Buffer.from(this.#options.language));
  }

  /** What is given is recognised in a row, as if nothing had been lost. */
  skip(): void {}

  pause(): void {
    this.#line.send(MESSAGE.pause);
  }

  end(): void {
    this.#finalsOwed += 1;
    this.#line.send(MESSAGE.end);
    this.#noteOwed();
  }

  overdue(): void {}

  close(): Promise<void> {
    this.#line.close();
    return Promise.resolve();
  }

  #receive({ type, payload }: ModelMessage): void {
    const [head] = this.#pending;
    switch (type) {
      case MESSAGE.took:
        this.#inFlightSamples -= payload.readUInt32LE(0);
        this.#stream.listened();
        break;
      case MESSAGE.partial:
      case MESSAGE.settled:
        if (head !== undefined) {
          this.#tell(head, payload, type === MESSAGE.settled);
        }
        break;
      case MESSAGE.final:
        this.#finalsOwed -= 1;
        this.#pending.shift();
        if (head !== undefined) {
          this.#settle(head, payload);
        }
        break;
    }
    this.#noteOwed();
    this.#stream.goOn();
  }

  #tell(pending: Pending, payload: Buffer, settled: boolean): void {
    const heard = this.#stream.attempt(() => heardOf(payload));
    if (heard === undefined) {
      return;
    }
    const { utterance } = pending;
    const { text, words } = this.#read(pending, heard);
    if (text !== pending.text) {
      pending.text = text;
      this.#stream.emit({ type: 'partial', utterance, text, words });
    }
    const stable = settled ? { text, words } : withoutLast({ text, words });
    if (stable.text.length > pending.stableText.length && stable.text.startsWith(pending.stableText)) {
      pending.stableText = stable.text;
      this.#stream.emit({ type: 'stable', utterance, ...stable });
    }
    if (heard.likelyEnd) {
      this.#stream.emit({ type: 'likely-end', utterance });
    }
  }

  #settle(pending: Pending, payload: Buffer): void {
    const heard = this.#stream.attempt(() => heardOf(payload));
    if (heard !== undefined) {
      this.#stream.settle(pending.utterance, this.#read(pending, heard));
    }
  }

  #read({ givenSamples }: Pending, heard: Parameters<typeof heardWords>[0]): Heard {
    return heardWords(heard, this.#options.isUpperCase, samplesToMs(givenSamples, SPEECH_HZ));
  }

  #noteOwed(): void {
    this.#line.setOwed(this.#inFlightSamples > 0 || this.#finalsOwed > 0);
  }
}

/** What is before the last word; where there are no blanks, nobody knows where that begins. */
function withoutLast({ text, words }: Heard): Heard {
  const end = text.lastIndexOf(' ');
  return end === -1 ? { text: '', words: [] } : { text: text.slice(0, end), words: words.slice(0, -1) };
}
