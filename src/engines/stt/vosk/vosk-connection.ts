/**
 * One connection to a Vosk server, which recognises one utterance: asking for the final result ends it. (`{"reset" :
 * 1}` would keep it, but servers from before December 2023 do not know it and hang up.) Opening includes a first
 * answer to a message without audio, so that the server has made its recogniser and is known to work before anyone
 * speaks.
 */

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/deadline.ts';
import { AppError, asError } from '../../../base/errors.ts';
import type { RefusalHints } from '../../wire/refusal.ts';
import { ProviderSocket } from '../../wire/web-socket.ts';
import { shownUrl } from './vosk-servers.ts';
import { CONFIG_MESSAGE, decodeReply, EOF_MESSAGE, type VoskReply } from './wire.ts';

/** The C++ and gRPC servers of the same project speak otherwise. */
const STRANGE_HINT = "start vosk-server's websocket/asr_server.py there";

const HINTS: RefusalHints = {
  key: 'what stands before the server does not let us in',
  missing: 'check VOSK_URL',
  request: 'check VOSK_URL',
  fault: 'check VOSK_URL',
};

export interface VoskConnectionOptions {
  readonly url: string;
  readonly clock: Clock;
  /** How long the server may take to be ready, in ms. */
  readonly startTimeoutMs: number;
}

/** Whoever uses the connection. */
export interface VoskListener {
  /** `last` when it leaves nothing unanswered. */
  onReply(reply: VoskReply, last: boolean): void;
  /** The connection is over; nothing comes after. */
  onLost(error: Error): void;
}

export class VoskConnection {
  readonly #socket: ProviderSocket;
  readonly #options: VoskConnectionOptions;
  #unanswered = 0;
  #owedSinceMs = 0;

  /**
   * Connects and waits until the server has answered once.
   * @throws AppError `engine-start-failed`, `engine-refused`, `engine-overloaded`, `engine-bad-answer` or
   * `engine-timeout`; the signal's reason when it aborts first.
   */
  static async open(options: VoskConnectionOptions, signal: AbortSignal): Promise<VoskConnection> {
    const { url, clock, startTimeoutMs } = options;
    const shown = shownUrl(url);
    let ready = false;
    const socket = await ProviderSocket.open(
      {
        name: 'vosk',
        url,
        headers: {},
        clock,
        openLimitMs: startTimeoutMs,
        unreachableHint: 'check VOSK_URL, or start a server: docker run -d -p 2700:2700 alphacep/kaldi-en',
        strangeHint: STRANGE_HINT,
        hints: HINTS,
        ended: (code) => (ready ? diedError(shown, code) : unfitError(shown, code)),
      },
      signal,
    );
    const connection = new VoskConnection(socket, options);
    const late = `vosk: the server at ${shown} was not ready within ${startTimeoutMs} ms`;
    try {
      await withDeadline(clock, startTimeoutMs, late, signal, () => connection.#greet());
    } catch (error) {
      await socket.close();
      throw error;
    }
    ready = true;
    return connection;
  }

  private constructor(socket: ProviderSocket, options: VoskConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Messages that the server has not answered yet. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Since when the server owes an answer, on the clock; undefined while it owes none. */
  get owedSinceMs(): number | undefined {
    return this.#unanswered > 0 ? this.#owedSinceMs : undefined;
  }

  /** Resolves when the connection is over, for whatever reason. */
  get ended(): Promise<void> {
    return this.#socket.ended;
  }

  /** Gives the connection its user, instead of the one before. */
  listen({ onReply, onLost }: VoskListener): void {
    this.#socket.listen({
      onText: (text) => {
        let reply: VoskReply;
        try {
          reply = this.#read(text);
        } catch (error) {
          this.#socket.fail(asError(error));
          return;
        }
        onReply(reply, this.#unanswered === 0);
      },
      onLost,
    });
  }

  /** Sends audio, which is its own. */
  sendAudio(pcm: Int16Array): void {
    this.#send(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
  }

  /** Asks for the last result; it is the reply that leaves nothing unanswered. */
  sendEof(): void {
    this.#send(EOF_MESSAGE);
  }

  /** Ends the connection; `onLost` is not called any more. Idempotent. */
  close(): Promise<void> {
    return this.#socket.close();
  }

  #greet(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.listen({ onReply: () => resolve(), onLost: reject });
      this.#socket.send(CONFIG_MESSAGE);
      this.sendAudio(new Int16Array(0));
    });
  }

  #send(message: Uint8Array | string): void {
    if (this.#unanswered === 0) {
      this.#owedSinceMs = this.#options.clock.nowMs();
    }
    this.#unanswered += 1;
    this.#socket.send(message);
  }

  #read(text: string): VoskReply {
    if (this.#unanswered === 0) {
      throw new AppError(
        'engine-bad-answer',
        `vosk: ${shownUrl(this.#options.url)} answers unasked; ${STRANGE_HINT}`,
      );
    }
    this.#unanswered -= 1;
    this.#owedSinceMs = this.#options.clock.nowMs();
    return decodeReply(text);
  }
}

function diedError(shown: string, code: number): AppError {
  return new AppError(
    'engine-died',
    `vosk: the server at ${shown} ended a connection in use (code ${code}); its log says why`,
  );
}

function unfitError(shown: string, code: number): AppError {
  return new AppError(
    'engine-start-failed',
    `vosk: the server at ${shown} hung up on its first message (code ${code}); its log says why, often that its Python package websockets is too new for it`,
  );
}
