/**
 * One utterance on its way through Vosk: audio is gathered into chunks, because the server decodes and answers
 * each message; replies are put together, because Vosk ends a result at each pause it hears, which may be inside our
 * utterance.
 */

import { BoundedQueue } from '../../../base/bounded-queue.ts';
import { AppError } from '../../../base/errors.ts';
import { SPEECH_HZ, samplesToMs } from '../../../base/units.ts';
import type { SttEvent, Word } from '../stt-engine.ts';
import type { VoskConnection } from './vosk-connection.ts';
import type { VoskReply } from './wire.ts';

/** 100 ms: ten answers a second are enough to hear by, and cost the server a fifth of one per frame. */
const CHUNK_SAMPLES = 1_600;

/** Chunks on their way, 1 s: what is more waits here, where dropping is possible. */
const MOST_UNANSWERED = 10;

/** What an utterance tells its stream. */
export interface VoskUtteranceOptions {
  readonly utterance: number;
  /** The most audio that waits, in ms. */
  readonly backlogLimitMs: number;
  readonly onPartial: (event: Extract<SttEvent, { type: 'partial' }>) => void;
  /** The utterance is over and has its final. */
  readonly onFinal: () => void;
  readonly onFailed: (error: AppError) => void;
}

export class VoskUtterance {
  readonly #options: VoskUtteranceOptions;
  readonly #backlog: BoundedQueue<Int16Array>;
  readonly #settled: string[] = [];
  readonly #words: Word[] = [];
  #chunk = new Int16Array(CHUNK_SAMPLES);
  #chunkSamples = 0;
  #connection: VoskConnection | undefined;
  #phase: 'speaking' | 'ended' | 'asked' | 'done' = 'speaking';
  #droppedMs = 0;

  constructor(options: VoskUtteranceOptions) {
    this.#options = options;
    this.#backlog = new BoundedQueue(options.backlogLimitMs, chunkMs);
  }

  /** Audio given up, in ms. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  get speaking(): boolean {
    return this.#phase === 'speaking';
  }

  /** Whether there is something to recognise and no connection to do it. */
  get needsConnection(): boolean {
    return this.#connection === undefined && this.#backlog.length > 0;
  }

  /** The final, once there is one. */
  get final(): Extract<SttEvent, { type: 'final' }> | undefined {
    return this.#phase === 'done'
      ? {
          type: 'final',
          utterance: this.#options.utterance,
          text: this.#settled.join(' '),
          words: this.#words,
        }
      : undefined;
  }

  /** Copies `pcm`. */
  write(pcm: Int16Array): void {
    for (let offset = 0; offset < pcm.length; ) {
      const piece = pcm.subarray(offset, offset + CHUNK_SAMPLES - this.#chunkSamples);
      this.#chunk.set(piece, this.#chunkSamples);
      this.#chunkSamples += piece.length;
      offset += piece.length;
      if (this.#chunkSamples === CHUNK_SAMPLES) {
        this.flush();
      }
    }
  }

  /** Lets the server hear what is gathered, however short. */
  flush(): void {
    if (this.#chunkSamples > 0) {
      const lost = this.#backlog.push(this.#chunk.slice(0, this.#chunkSamples));
      this.#chunkSamples = 0;
      this.#send();
      for (const chunk of lost) {
        this.#droppedMs += chunkMs(chunk);
      }
    }
  }

  end(): void {
    this.flush();
    this.#phase = 'ended';
    if (this.#connection === undefined && this.#backlog.length === 0) {
      // Nothing was said, so there is nothing to ask.
      this.#phase = 'done';
      queueMicrotask(this.#options.onFinal);
      return;
    }
    this.#send();
  }

  /** Recognises on `connection`, which hears nothing else. */
  attach(connection: VoskConnection): void {
    this.#connection = connection;
    connection.listen({
      onReply: (reply) => this.#heard(reply, connection),
      onEnd: (error) => {
        if (this.#phase !== 'done') {
          this.#options.onFailed(error);
        }
      },
    });
    this.#send();
  }

  #send(): void {
    const connection = this.#connection;
    if (connection === undefined) {
      return;
    }
    while (connection.unanswered < MOST_UNANSWERED) {
      const chunk = this.#backlog.shift();
      if (chunk === undefined) {
        break;
      }
      connection.sendAudio(chunk);
    }
    if (this.#phase === 'ended' && this.#backlog.length === 0) {
      this.#phase = 'asked';
      connection.sendEof();
    }
  }

  #heard(reply: VoskReply, connection: VoskConnection): void {
    const last = this.#phase === 'asked' && connection.unanswered === 0;
    if (last && reply.type === 'partial') {
      this.#options.onFailed(
        new AppError(
          'engine-bad-answer',
          'vosk: the server does not know the end of an utterance; start vosk-server’s websocket/asr_server.py',
        ),
      );
      return;
    }
    if (reply.type === 'result' && reply.text !== '') {
      this.#settled.push(reply.text);
      this.#words.push(...reply.words);
    }
    if (last) {
      this.#phase = 'done';
      connection.leave();
      this.#options.onFinal();
      return;
    }
    this.#report(reply.type === 'partial' ? reply.text : '');
    this.#send();
  }

  /** Words have times only once Vosk has ended a result, so they are given when no text goes beyond them. */
  #report(tail: string): void {
    const text = [...this.#settled, ...(tail === '' ? [] : [tail])].join(' ');
    if (text !== '') {
      const words = tail === '' ? [...this.#words] : [];
      this.#options.onPartial({ type: 'partial', utterance: this.#options.utterance, text, words });
    }
  }
}

function chunkMs(chunk: Int16Array): number {
  return samplesToMs(chunk.length, SPEECH_HZ);
}
