/**
 * One leg's recognition: a connection to a child of the recogniser. At most {@link IN_FLIGHT_MS} of audio is on
 * its way at a time, by the recogniser's own account of what it took: the kernel's socket buffer alone would
 * hide 6 s. The rest waits in the backlog, where dropping is possible.
 */

import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../base/clock.ts';
import { AppError } from '../../../base/errors.ts';
import { SPEECH_HZ, samplesToMs } from '../../../base/units.ts';
import { onLines } from '../../lines.ts';
import type { SttEvent, SttStream } from '../stt-engine.ts';
import { assertMayStart } from '../utterance-order.ts';
import { AudioBacklog } from './audio-backlog.ts';
import { decodeLine, encodeAudio, encodeEnd, encodeStart } from './wire.ts';

/** The most audio the recogniser is given ahead of what it took, in ms. */
const IN_FLIGHT_MS = 1_000;

/** The recogniser answers for at least each 100 ms it took; with this much unanswered it is behind. */
const BEHIND_MS = 200;

export interface PocketsphinxStreamOptions {
  readonly onEvent: (event: SttEvent) => void;
  /** The most audio that waits, in ms. */
  readonly backlogLimitMs: number;
  /** How long the recogniser may owe an answer, in ms, before the stream fails. */
  readonly answerTimeoutMs: number;
  readonly clock: Clock;
}

export class PocketsphinxStream implements SttStream {
  readonly #socket: Socket;
  readonly #options: PocketsphinxStreamOptions;
  readonly #backlog: AudioBacklog;
  readonly #ended: Promise<void>;
  #phase: 'between' | 'speaking' | 'over' = 'between';
  #inFlightSamples = 0;
  #finalsOwed = 0;
  #lastAnswerMs: number;
  #watch: Timer | undefined;

  /** @param socket a connection of this stream's own; it is destroyed with the stream. */
  constructor(socket: Socket, options: PocketsphinxStreamOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#backlog = new AudioBacklog(options.backlogLimitMs);
    this.#lastAnswerMs = options.clock.nowMs();
    this.#ended = new Promise((resolve) => socket.once('close', () => resolve()));
    // Its close event follows and says the same.
    socket.on('error', () => {});
    socket.once('close', () =>
      this.#fail(new AppError('engine-died', 'pocketsphinx: the recogniser of this leg ended')),
    );
    onLines(socket, (line) => this.#receive(line));
  }

  get droppedMs(): number {
    return this.#backlog.droppedMs;
  }

  /** Resolves when the stream is over, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  startUtterance(utterance: number): void {
    if (this.#phase === 'over') {
      return;
    }
    assertMayStart(this.#phase === 'speaking');
    this.#phase = 'speaking';
    this.#backlog.push({ type: 'start', utterance });
    this.#send();
  }

  write(pcm: Int16Array): void {
    if (this.#phase === 'speaking' && pcm.length > 0) {
      this.#backlog.push({ type: 'audio', pcm });
      this.#send();
    }
  }

  /** PocketSphinx has no way to settle a part. */
  flush(): void {}

  endUtterance(): void {
    if (this.#phase === 'speaking') {
      this.#phase = 'between';
      this.#backlog.push({ type: 'end' });
      this.#finalsOwed += 1;
      this.#send();
    }
  }

  close(): Promise<void> {
    this.#finish();
    return this.#ended;
  }

  #send(): void {
    while (samplesToMs(this.#inFlightSamples, SPEECH_HZ) < IN_FLIGHT_MS) {
      const entry = this.#backlog.shift();
      if (entry === undefined) {
        break;
      }
      switch (entry.type) {
        case 'start':
          this.#socket.write(encodeStart(entry.utterance));
          break;
        case 'audio':
          this.#inFlightSamples += entry.pcm.length;
          this.#socket.write(encodeAudio(entry.pcm));
          break;
        case 'end':
          this.#socket.write(encodeEnd());
          break;
      }
    }
    this.#watchAnswers();
  }

  #receive(line: string): void {
    if (this.#phase === 'over') {
      return;
    }
    this.#lastAnswerMs = this.#options.clock.nowMs();
    let message: ReturnType<typeof decodeLine>;
    try {
      message = decodeLine(line);
    } catch (error) {
      this.#fail(
        error instanceof Error ? error : new AppError('engine-bad-answer', 'pocketsphinx: bad line'),
      );
      return;
    }
    if (message.type === 'took') {
      this.#inFlightSamples -= message.samples;
      this.#send();
      return;
    }
    if (message.type === 'final') {
      this.#finalsOwed -= 1;
    }
    this.#options.onEvent(message);
  }

  /** Keeps one timer while an answer is owed; it moves on with each answer instead of being set again for each. */
  #watchAnswers(): void {
    if (this.#watch !== undefined || this.#phase === 'over' || !this.#owesAnswer()) {
      return;
    }
    const { clock, answerTimeoutMs } = this.#options;
    this.#lastAnswerMs = clock.nowMs();
    const check = (): void => {
      this.#watch = undefined;
      if (!this.#owesAnswer()) {
        return;
      }
      const deadlineMs = this.#lastAnswerMs + answerTimeoutMs;
      if (clock.nowMs() >= deadlineMs) {
        this.#fail(
          new AppError('engine-timeout', `pocketsphinx: the recogniser was silent for ${answerTimeoutMs} ms`),
        );
      } else {
        this.#watch = clock.at(deadlineMs, check);
      }
    };
    this.#watch = clock.at(this.#lastAnswerMs + answerTimeoutMs, check);
  }

  #owesAnswer(): boolean {
    return this.#finalsOwed > 0 || samplesToMs(this.#inFlightSamples, SPEECH_HZ) >= BEHIND_MS;
  }

  #fail(error: Error): void {
    if (this.#phase !== 'over') {
      this.#finish();
      this.#options.onEvent({ type: 'failed', error });
    }
  }

  #finish(): void {
    this.#phase = 'over';
    this.#watch?.cancel();
    this.#watch = undefined;
    this.#backlog.clear();
    this.#socket.destroy();
  }
}
