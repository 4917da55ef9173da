/**
 * A WebSocket to a provider: text messages both ways, one deadline for opening, and a watch that notices a peer that is
 * gone without a word. Whoever listens hears of the end exactly once, unless it closed the socket itself.
 */

import { WebSocket } from 'ws';
import type { Clock, Timer } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError } from '../../base/errors.ts';
import { closeError, httpRefusal } from './provider-errors.ts';

/** How long opening may take. */
const OPEN_LIMIT_MS = 5_000;
/** A ping goes out this often; a peer that has said nothing at all for two of them is gone. */
const PING_MS = 2_000;
/** How long a peer may take to answer our close. */
const CLOSE_LIMIT_MS = 500;
/** More than this in the socket is a connection that does not keep up: about a second of audio as base64. */
const BACKED_UP_BYTES = 65_536;
/** The longest message taken; 200 ms of speech at 24 kHz is 12,800 bytes. */
const MOST_MESSAGE_BYTES = 1_048_576;

export interface ProviderSocketOptions {
  /** The engine's name, for messages. */
  readonly name: string;
  /** May hold a token, so it is in no message. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

export interface SocketListener {
  readonly onText: (text: string) => void;
  readonly onLost: (error: AppError) => void;
}

export class ProviderSocket {
  readonly #socket: WebSocket;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #ended: Promise<void>;
  /** What came before anyone listened. */
  #early: string[] = [];
  #listener: SocketListener | undefined;
  #lost: AppError | undefined;
  #closing = false;
  #unanswered = 0;
  #watch: Timer | undefined;

  private constructor(socket: WebSocket, { name, clock }: ProviderSocketOptions) {
    this.#socket = socket;
    this.#name = name;
    this.#clock = clock;
    this.#ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    socket.once('close', (code) => this.#lose(closeError(name, code)));
  }

  /**
   * Connects; text that comes before {@link listen} waits for it.
   * @throws AppError of category `engine`; the signal's reason when it aborts first.
   */
  static async open(options: ProviderSocketOptions, signal: AbortSignal): Promise<ProviderSocket> {
    const { name, clock } = options;
    signal.throwIfAborted();
    const socket = connect(options);
    const opened = new ProviderSocket(socket, options);
    try {
      const late = `${name} did not open a connection within ${OPEN_LIMIT_MS} ms`;
      await withDeadline(clock, OPEN_LIMIT_MS, late, signal, () => handshake(socket, name));
    } catch (error) {
      socket.terminate();
      throw error;
    }
    opened.#watchPeer();
    return opened;
  }

  /** Hears everything from now on, in place of who heard before; what came meanwhile at once. */
  listen(listener: SocketListener): void {
    this.#listener = listener;
    for (const text of this.#early.splice(0)) {
      // The one before may have made it close.
      if (!this.#closing && this.#listener === listener) {
        listener.onText(text);
      }
    }
    if (this.#lost !== undefined && !this.#closing) {
      listener.onLost(this.#lost);
    }
  }

  /** Sends a message; does nothing when the connection is over. */
  send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(text);
    }
  }

  /** Whether more audio had better wait here, where it can be dropped. */
  get backedUp(): boolean {
    return this.#socket.bufferedAmount > BACKED_UP_BYTES;
  }

  /** Resolves when the connection is over, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Ends the connection; nothing is heard of it after. Idempotent. */
  close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#watch?.cancel();
      this.#socket.close(1000);
      const limit = this.#clock.at(this.#clock.nowMs() + CLOSE_LIMIT_MS, () => this.#socket.terminate());
      void this.#ended.then(() => limit.cancel());
    }
    return this.#ended;
  }

  #receive(data: WebSocket.RawData, isBinary: boolean): void {
    this.#unanswered = 0;
    if (this.#closing || this.#lost !== undefined) {
      return;
    }
    if (isBinary) {
      this.#lose(new AppError('engine-bad-answer', `${this.#name} sent binary data where text is due`));
      return;
    }
    const text = data.toString();
    if (this.#listener === undefined) {
      this.#early.push(text);
    } else {
      this.#listener.onText(text);
    }
  }

  #lose(error: AppError): void {
    this.#watch?.cancel();
    if (this.#closing || this.#lost !== undefined) {
      return;
    }
    this.#lost = error;
    this.#socket.terminate();
    this.#listener?.onLost(error);
  }

  #watchPeer(): void {
    this.#watch = this.#clock.at(this.#clock.nowMs() + PING_MS, () => {
      if (this.#unanswered >= 2) {
        this.#lose(new AppError('engine-timeout', `${this.#name} does not answer: the connection is dead`));
        return;
      }
      this.#unanswered += 1;
      if (this.#socket.readyState === WebSocket.OPEN) {
        this.#socket.ping();
      }
      this.#watchPeer();
    });
  }
}

function connect({ name, url, headers }: ProviderSocketOptions): WebSocket {
  try {
    const socket = new WebSocket(url, {
      headers: { ...headers },
      perMessageDeflate: false,
      maxPayload: MOST_MESSAGE_BYTES,
    });
    // Every error is followed by the close that tells of it; before the opening, the handshake does.
    socket.on('error', () => {});
    return socket;
  } catch {
    // Its message quotes the address, which may hold a token.
    throw new AppError('engine-start-failed', `${name}: its address is not one of a WebSocket (wss://...)`);
  }
}

function handshake(socket: WebSocket, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('unexpected-response', (_request, response) =>
      reject(httpRefusal(name, response.statusCode ?? 0)),
    );
    socket.once('error', (error) =>
      reject(new AppError('engine-start-failed', `${name} cannot be reached; check the network`, error)),
    );
  });
}
