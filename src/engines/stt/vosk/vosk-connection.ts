/**
 * One connection to a Vosk server, which recognises one utterance: asking for the final result ends it. (`{"reset" : 1}`
 * would keep it, but servers from before December 2023 do not know it and hang up.) Opening includes a first answer
 * to a message without audio, so that the server has made its recogniser and is known to work before anyone speaks.
 */

import { type RawData, WebSocket } from 'ws';
import type { Clock, Timer } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError, asError, codeOf } from '../../../base/errors.ts';
import { shownUrl } from './vosk-servers.ts';
import { CONFIG_MESSAGE, decodeReply, EOF_MESSAGE, type VoskReply } from './wire.ts';

/** A result of 20 s of speech is some 10 KB; what is far longer is not one. */
const LONGEST_REPLY_BYTES = 1 << 20;

export interface VoskConnectionOptions {
  readonly url: string;
  readonly clock: Clock;
  /** How long the server may take to be ready, in ms. */
  readonly startTimeoutMs: number;
  /** How long the server may owe an answer, in ms. */
  readonly answerTimeoutMs: number;
}

/** Whoever uses the connection. */
export interface VoskListener {
  onReply(reply: VoskReply): void;
  /** The connection is over; nothing comes after. `error` says why, in case that was not wanted. */
  onEnd(error: AppError): void;
}

export class VoskConnection {
  readonly #socket: WebSocket;
  readonly #options: VoskConnectionOptions;
  readonly #shownUrl: string;
  /** Resolves at the first answer, rejects when the connection ends before. */
  readonly #ready: Promise<void>;
  readonly #ended: Promise<void>;
  #listener: VoskListener | undefined;
  #onReady: (() => void) | undefined;
  /** Why the connection is over, or will be as soon as its socket has closed. */
  #failure: AppError | undefined;
  /** Messages that the server has not answered yet. */
  #unanswered = 0;
  #owedSinceMs = 0;
  #over = false;
  #watch: Timer | undefined;

  /**
   * Connects and waits until the server has answered once.
   * @throws AppError `engine-start-failed`, `engine-refused`, `engine-overloaded`, `engine-bad-answer` or
   * `engine-timeout`; the signal's reason when it aborts first.
   */
  static async open(options: VoskConnectionOptions, signal: AbortSignal): Promise<VoskConnection> {
    signal.throwIfAborted();
    const connection = new VoskConnection(options);
    const late = `vosk: the server at ${connection.#shownUrl} was not ready within ${options.startTimeoutMs} ms`;
    try {
      await withDeadline(options.clock, options.startTimeoutMs, late, signal, () => connection.#ready);
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  private constructor(options: VoskConnectionOptions) {
    this.#options = options;
    this.#shownUrl = shownUrl(options.url);
    const socket = new WebSocket(options.url, {
      perMessageDeflate: false,
      maxPayload: LONGEST_REPLY_BYTES,
    });
    this.#socket = socket;
    this.#ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      socket.once('close', (code) => reject(this.#whyOver(code)));
    });
    this.#ended = new Promise((resolve) => {
      socket.once('close', (code) => {
        this.#over = true;
        this.#watch?.cancel();
        this.#listener?.onEnd(this.#whyOver(code));
        resolve();
      });
    });
    socket.on('open', () => {
      socket.send(CONFIG_MESSAGE);
      this.#send(Buffer.alloc(0));
    });
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    // A close event follows each of these.
    socket.on('error', (error) => this.#note(() => this.#brokenSocket(error)));
    socket.on('unexpected-response', (_request, { statusCode }) => {
      this.#note(() => this.#refusal(statusCode ?? 0));
      socket.terminate();
    });
  }

  /** Messages that the server has not answered yet. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Resolves when the connection is over, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Gives the connection its user, instead of the one before. */
  listen(listener: VoskListener): void {
    this.#listener = listener;
    if (this.#over) {
      // It ended between two listeners, so neither has heard of it.
      queueMicrotask(() => this.#listener?.onEnd(this.#whyOver(0)));
    }
  }

  /** Sends audio; sends a copy. */
  sendAudio(pcm: Int16Array): void {
    this.#send(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
  }

  /** Asks for the last result; it is the reply that leaves nothing unanswered. */
  sendEof(): void {
    this.#send(EOF_MESSAGE);
  }

  /** Takes leave of the server as it does of us; for when everything was answered. */
  leave(): void {
    this.#socket.close(1_000);
  }

  /** Ends the connection at once; `onEnd` is not called any more. Idempotent. */
  close(): Promise<void> {
    this.#listener = undefined;
    this.#socket.terminate();
    return this.#ended;
  }

  #send(message: Buffer | string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return;
    }
    if (this.#unanswered === 0) {
      this.#owedSinceMs = this.#options.clock.nowMs();
    }
    this.#unanswered += 1;
    this.#socket.send(message);
    this.#watchAnswers();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#failure !== undefined) {
      return;
    }
    if (isBinary || this.#unanswered === 0) {
      this.#fail(
        new AppError(
          'engine-bad-answer',
          `vosk: what answers at ${this.#shownUrl} does not speak as vosk-server's websocket/asr_server.py does; start that one`,
        ),
      );
      return;
    }
    this.#unanswered -= 1;
    this.#owedSinceMs = this.#options.clock.nowMs();
    let reply: VoskReply;
    try {
      reply = decodeReply(data.toString());
    } catch (error) {
      this.#fail(
        error instanceof AppError ? error : new AppError('engine-bad-answer', 'vosk: bad reply', error),
      );
      return;
    }
    if (this.#onReady === undefined) {
      this.#listener?.onReply(reply);
    } else {
      this.#onReady();
      this.#onReady = undefined;
    }
  }

  /** Keeps one timer while an answer is owed; it moves on with each answer instead of being set again for each. */
  #watchAnswers(): void {
    if (this.#watch !== undefined) {
      return;
    }
    const { clock, answerTimeoutMs } = this.#options;
    const check = (): void => {
      this.#watch = undefined;
      if (this.#unanswered === 0) {
        return;
      }
      const deadlineMs = this.#owedSinceMs + answerTimeoutMs;
      if (clock.nowMs() >= deadlineMs) {
        this.#fail(
          new AppError(
            'engine-timeout',
            `vosk: the server at ${this.#shownUrl} was silent for ${answerTimeoutMs} ms`,
          ),
        );
      } else {
        this.#watch = clock.at(deadlineMs, check);
      }
    };
    this.#watch = clock.at(this.#owedSinceMs + answerTimeoutMs, check);
  }

  #fail(error: AppError): void {
    this.#note(() => error);
    this.#socket.terminate();
  }

  /** Keeps the first reason. */
  #note(reason: () => AppError): void {
    this.#failure ??= reason();
  }

  #whyOver(code: number): AppError {
    this.#note(() =>
      this.#onReady === undefined
        ? new AppError(
            'engine-died',
            `vosk: the server at ${this.#shownUrl} ended a connection in use (code ${code}); its log says why`,
          )
        : new AppError(
            'engine-start-failed',
            `vosk: the server at ${this.#shownUrl} hung up on its first message (code ${code}); its log says why, often that its Python package websockets is too new for it`,
          ),
    );
    return this.#failure ?? new AppError('engine-died', 'vosk: the connection is over');
  }

  #brokenSocket(error: unknown): AppError {
    const code = codeOf(error);
    return this.#onReady === undefined
      ? new AppError(
          'engine-died',
          `vosk: the connection to ${this.#shownUrl} broke (${code})`,
          asError(error),
        )
      : new AppError(
          'engine-start-failed',
          `vosk: no server answers at ${this.#shownUrl} (${code}): check VOSK_URL, or start one: docker run -d -p 2700:2700 alphacep/kaldi-en`,
          asError(error),
        );
  }

  #refusal(status: number): AppError {
    const what = `vosk: ${this.#shownUrl} answers with HTTP status ${status}`;
    switch (status) {
      case 401:
      case 403:
        return new AppError('engine-refused', `${what}: what stands before the server does not let us in`);
      case 429:
      case 503:
        return new AppError('engine-overloaded', `${what}: the server takes no more connections now`);
      default:
        return new AppError('engine-start-failed', `${what}, not as a Vosk server: check VOSK_URL`);
    }
  }
}
