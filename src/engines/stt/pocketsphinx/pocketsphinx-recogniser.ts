/**
 * One leg's recognition: a connection to a child of the recogniser. At most {@link IN_FLIGHT_MS} of audio is on
 * its way at a time, by the recogniser's own account of what it took: the kernel's socket buffer alone would
 * hide 6 s.
 */

import type { Clock } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import { SPEECH_HZ, samplesToMs } from '../../../base/units.ts';
import { onLines } from '../../lines.ts';
import type { Recogniser, UtteranceStream } from '../utterance-stream.ts';
import type { RecogniserConnection } from './recogniser-process.ts';
import { decodeLine, encodeAudio, encodeEnd, encodeStart } from './wire.ts';

/** The most audio the recogniser is given ahead of what it took, in ms. */
const IN_FLIGHT_MS = 1_000;

/** The recogniser answers for at least each 100 ms it took; with this much unanswered it is behind. */
const BEHIND_MS = 200;

export interface PocketsphinxRecogniserOptions {
  readonly clock: Clock;
  /** How long the recogniser may owe an answer, in ms, before the stream fails. */
  readonly answerTimeoutMs: number;
}

export class PocketsphinxRecogniser implements Recogniser {
  readonly #stream: UtteranceStream;
  readonly #socket: RecogniserConnection['socket'];
  readonly #pid: number;
  readonly #options: PocketsphinxRecogniserOptions;
  readonly #ended: Promise<void>;
  #inFlightSamples = 0;
  #finalsOwed = 0;
  /** When something was answered last, or nothing was owed. */
  #lastAnswerMs: number;

  /** @param connection of this stream's own; it is destroyed with the stream. */
  constructor(
    stream: UtteranceStream,
    { socket, pid }: RecogniserConnection,
    options: PocketsphinxRecogniserOptions,
  ) {
    this.#stream = stream;
    this.#socket = socket;
    this.#pid = pid;
    this.#options = options;
    this.#lastAnswerMs = options.clock.nowMs();
    this.#ended = new Promise((resolve) => socket.once('close', () => resolve()));
    // Its close event follows and says the same.
    socket.on('error', () => {});
  }

  start(): void {
    this.#socket.once('close', () =>
      this.#stream.fail(new AppError('engine-died', 'pocketsphinx: the recogniser of this leg ended')),
    );
    onLines(this.#socket, (line) => this.#receive(line));
  }

  get ready(): boolean {
    return samplesToMs(this.#inFlightSamples, SPEECH_HZ) < IN_FLIGHT_MS;
  }

  send(pcm: Int16Array): void {
    this.#note();
    this.#inFlightSamples += pcm.length;
    this.#socket.write(encodeAudio(pcm));
  }

  begin(utterance: number): void {
    this.#socket.write(encodeStart(utterance));
  }

  /** What is given is recognised in a row, as if nothing had been lost. */
  skip(): void {}

  /** PocketSphinx has no way to settle a part. */
  pause(): void {}

  end(): void {
    this.#note();
    this.#finalsOwed += 1;
    this.#socket.write(encodeEnd());
  }

  get dueMs(): number | undefined {
    return this.#owesAnswer ? this.#lastAnswerMs + this.#options.answerTimeoutMs : undefined;
  }

  overdue(): void {
    const { answerTimeoutMs } = this.#options;
    this.#stream.fail(
      new AppError('engine-timeout', `pocketsphinx: the recogniser was silent for ${answerTimeoutMs} ms`),
    );
  }

  close(): Promise<void> {
    if (!this.#socket.destroyed) {
      endChild(this.#pid);
    }
    this.#socket.destroy();
    return this.#ended;
  }

  get #owesAnswer(): boolean {
    return this.#finalsOwed > 0 || samplesToMs(this.#inFlightSamples, SPEECH_HZ) >= BEHIND_MS;
  }

  /** Patience begins with the first thing that is owed. */
  #note(): void {
    if (!this.#owesAnswer) {
      this.#lastAnswerMs = this.#options.clock.nowMs();
    }
  }

  #receive(line: string): void {
    this.#lastAnswerMs = this.#options.clock.nowMs();
    const message = this.#stream.attempt(() => decodeLine(line));
    switch (message?.type) {
      case 'ready':
        break;
      case 'took':
        this.#inFlightSamples -= message.samples;
        this.#stream.listened();
        break;
      case 'partial':
        this.#stream.emit({ ...message, type: 'partial' });
        break;
      case 'final':
        this.#finalsOwed -= 1;
        this.#stream.settle(message.utterance, message);
        break;
    }
    this.#stream.goOn();
  }
}

/**
 * A child that is stopped does not notice that its connection has ended. It is this stream's own, and keeps nothing.
 */
function endChild(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
