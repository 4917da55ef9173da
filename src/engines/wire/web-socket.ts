/**
 * The WebSocket to a provider, the same for all of them: a deadline for opening, a refused handshake told by its
 * status, no redirect followed (it would carry the key), a limit to what is taken and to what waits, and, for
 * providers that want one, a ping that notices a peer that is gone without a word. Whoever listens hears of the end
 * exactly once, unless it closed the socket itself. The address may hold a token, so no message shows more of it than
 * the host.
 */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Clock, Timer } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { AppError, codeOf } from '../../base/errors.ts';
import { REFUSAL_LIMIT_BYTES } from './limits.ts';
import { type RefusalHints, reasonWord, refusal } from './refusal.ts';

/** How long opening may take unless the adapter says otherwise, in ms. */
const OPEN_LIMIT_MS = 5_000;

/** The longest message taken: a minute of words with their times is some 20 KB, 200 ms of speech at 24 kHz 13 KB. */
export const MOST_MESSAGE_BYTES = 262_144;

/**
 * More than this in the socket is a connection that takes nothing: 30 s of 16 kHz audio. Adapters hold back far
 * below.
 */
const MOST_WAITING_BYTES = 1_048_576;

/** Where providers write their word for a refusal. */
const REASON_NAMES = ['code', 'type', 'status'];

/** How long a peer may take to answer our close, in ms. */
const CLOSE_LIMIT_MS = 500;

/** A peer that has not said anything at all, not even to a ping, for so many of them is gone. */
const MOST_UNANSWERED_PINGS = 2;

/** An answer to the opening handshake other than the upgrade. */
export interface RefusedHandshake {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its beginning; not for messages, because it may repeat the key or what was asked. */
  readonly body: string;
}

export interface ProviderSocketOptions {
  /** The engine's name, for messages. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** How long opening may take, in ms; default 5,000. */
  readonly openLimitMs?: number;
  /** What to check when nobody answers at the address, as it ends a message; default the network. */
  readonly unreachableHint?: string;
  /** What to check when something else answers there; default the address. */
  readonly strangeHint?: string;
  /** What the operator can do about a refused handshake. */
  readonly hints: RefusalHints;
  /** The provider's own word for a refusal; default a word of its JSON. */
  readonly reason?: (refused: RefusedHandshake) => string | undefined;
  /** The error of an end that we did not want; default by the close code alone. */
  readonly ended?: (code: number, reason: string) => AppError;
  /** How often a ping goes out, in ms; default never. */
  readonly pingMs?: number;
  /** The longest message taken, in bytes; default {@link MOST_MESSAGE_BYTES}. */
  readonly mostMessageBytes?: number;
}

export interface SocketListener {
  readonly onText: (text: string) => void;
  /** Belongs to the receiver; undefined: bytes are no part of what is spoken here, and end the connection. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** The connection is over; nothing comes after. */
  readonly onLost: (error: Error) => void;
  /** The kernel has taken a message that had to wait for others, so that more may be sent. */
  readonly onSent?: () => void;
}

export class ProviderSocket {
  readonly #socket: WebSocket;
  readonly #options: ProviderSocketOptions;
  readonly #ended: Promise<void>;
  /** What came before anyone listened. */
  readonly #early: (string | Uint8Array)[] = [];
  #listener: SocketListener | undefined;
  #lost: Error | undefined;
  #closing = false;
  #unanswered = 0;
  #ping: Timer | undefined;
  readonly #sent = (): void => this.#listener?.onSent?.();

  private constructor(socket: WebSocket, options: ProviderSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    // A close follows, and says less: that a message was too long, or what broke.
    socket.on('error', (error) => this.#lose(brokenError(options, error)));
    socket.once('close', (code, reason) =>
      this.#lose((options.ended ?? closeError(options.name))(code, reason.toString('utf8'))),
    );
  }

  /**
   * Connects; text that comes before {@link listen} waits for it.
   * @throws AppError of category `engine`: `engine-timeout` after `openLimitMs`, `engine-start-failed` when nobody
   * answers, what the table of refusals says; the signal's reason when it aborts first.
   */
  static async open(options: ProviderSocketOptions, signal: AbortSignal): Promise<ProviderSocket> {
    const { name, clock, openLimitMs = OPEN_LIMIT_MS, url } = options;
    signal.throwIfAborted();
    const socket = connect(options);
    const opened = new ProviderSocket(socket, options);
    try {
      const late = `${name}: ${hostOf(url)} did not open a connection within ${openLimitMs} ms; check the network and the firewall`;
      await withDeadline(clock, openLimitMs, late, signal, () => handshake(socket, options));
    } catch (error) {
      socket.terminate();
      throw error;
    }
    opened.#watchPeer();
    return opened;
  }

  /** Hears everything from now on, in place of who heard before; what came meanwhile at once. */
  listen(listener: SocketListener): void {
    const lostBefore = this.#lost;
    this.#listener = listener;
    for (const message of this.#early.splice(0)) {
      // The one before may have made it close, or fail, of which the listener has heard then.
      if (!this.#closing && this.#lost === lostBefore && this.#listener === listener) {
        this.#pass(message, listener);
      }
    }
    if (lostBefore !== undefined && !this.#closing) {
      listener.onLost(lostBefore);
    }
  }

  /** Sends text, or bytes, which it keeps until they are sent; does nothing when the connection is over. */
  send(message: string | Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN || this.#closing) {
      return;
    }
    if (this.#socket.bufferedAmount > MOST_WAITING_BYTES) {
      const { name } = this.#options;
      // Not now: nobody hears of an end from inside a call of its own.
      queueMicrotask(() =>
        this.#lose(new AppError('engine-timeout', `${name} takes nothing of what it is sent`)),
      );
      return;
    }
    if (this.#socket.bufferedAmount === 0) {
      // Nobody waits for it: alone in the socket it is far below what any adapter lets wait there.
      this.#socket.send(message);
    } else {
      this.#socket.send(message, this.#sent);
    }
  }

  /** Bytes that the kernel has not taken yet: more audio had better wait where it can be dropped. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Resolves when the connection is over, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Ends the connection, by force if the peer does not agree in time; nothing is heard of it after. Idempotent. */
  close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#ping?.cancel();
      const { clock } = this.#options;
      if (this.#socket.readyState !== WebSocket.CLOSED) {
        this.#socket.close(1000);
        const limit = clock.at(clock.nowMs() + CLOSE_LIMIT_MS, () => this.#socket.terminate());
        void this.#ended.then(() => limit.cancel());
      }
    }
    return this.#ended;
  }

  /** Ends the connection as if the peer had, for `error`: what came cannot be understood, or does not come. */
  fail(error: Error): void {
    this.#lose(error);
  }

  #receive(data: WebSocket.RawData, isBinary: boolean): void {
    this.#unanswered = 0;
    if (this.#closing || this.#lost !== undefined) {
      return;
    }
    const message = isBinary ? bytesOf(data) : data.toString();
    if (this.#listener === undefined) {
      this.#early.push(message);
    } else {
      this.#pass(message, this.#listener);
    }
  }

  #pass(message: string | Uint8Array, { onText, onBytes }: SocketListener): void {
    if (typeof message === 'string') {
      onText(message);
    } else if (onBytes === undefined) {
      const { name, strangeHint: hint = 'check its address' } = this.#options;
      this.#lose(new AppError('engine-bad-answer', `${name} sent binary data where text is due; ${hint}`));
    } else {
      onBytes(message);
    }
  }

  #lose(error: Error): void {
    this.#ping?.cancel();
    if (this.#closing || this.#lost !== undefined) {
      return;
    }
    this.#lost = error;
    this.#socket.terminate();
    this.#listener?.onLost(error);
  }

  #watchPeer(): void {
    const { clock, name, pingMs } = this.#options;
    if (pingMs === undefined) {
      return;
    }
    this.#ping = clock.at(clock.nowMs() + pingMs, () => {
      if (this.#unanswered >= MOST_UNANSWERED_PINGS) {
        this.#lose(new AppError('engine-timeout', `${name} does not answer: the connection is dead`));
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

function connect({
  name,
  url,
  headers,
  mostMessageBytes = MOST_MESSAGE_BYTES,
}: ProviderSocketOptions): WebSocket {
  try {
    return new WebSocket(url, {
      headers: { ...headers },
      followRedirects: false,
      // Compression costs time and gains nothing on sound.
      perMessageDeflate: false,
      maxPayload: mostMessageBytes,
    });
  } catch {
    // Its message quotes the address, which may hold a token.
    throw new AppError('engine-start-failed', `${name}: its address is not one of a WebSocket (wss://...)`);
  }
}

function handshake(socket: WebSocket, options: ProviderSocketOptions): Promise<void> {
  const {
    name,
    url,
    hints,
    reason: reasonOf = ({ body }) => reasonWord(body, REASON_NAMES),
    unreachableHint: hint = 'check the network, the name service and the firewall',
  } = options;
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('unexpected-response', (_request, response) => {
      void readRefusal(response).then((refused) =>
        reject(refusal({ name, host: hostOf(url) }, { ...refused, reason: reasonOf(refused) }, hints)),
      );
    });
    socket.once('error', (error) =>
      reject(
        new AppError(
          'engine-start-failed',
          `${name}: ${hostOf(url)} cannot be reached (${codeOf(error)}); ${hint}`,
          error,
        ),
      ),
    );
  });
}

async function readRefusal(response: IncomingMessage): Promise<RefusedHandshake> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      const piece: unknown = chunk;
      if (Buffer.isBuffer(piece)) {
        chunks.push(piece.subarray(0, REFUSAL_LIMIT_BYTES - bytes));
        bytes += piece.length;
      }
      if (bytes >= REFUSAL_LIMIT_BYTES) {
        break;
      }
    }
  } catch {
    // A body that breaks off is as long as it came: the status says most.
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function brokenError(
  { name, url, mostMessageBytes = MOST_MESSAGE_BYTES }: ProviderSocketOptions,
  error: Error,
): AppError {
  const code = codeOf(error);
  return code.startsWith('WS_ERR')
    ? new AppError(
        'engine-bad-answer',
        `${name}: ${hostOf(url)} sent what is no message, or one of more than ${mostMessageBytes} bytes (${code})`,
      )
    : new AppError('engine-died', `${name}: the connection to ${hostOf(url)} broke (${code})`, error);
}

/** The error for the end of a connection that we did not end, by its close code. */
export function closeError(name: string): (code: number) => AppError {
  return (code) => {
    switch (code) {
      case 3000: // Unauthorized, of IANA's registry of WebSocket close codes.
      case 3003: // Forbidden.
        return new AppError('engine-refused', `${name} refuses the key (close code ${code}): check the key`);
      case 1013: // Try again later.
        return new AppError('engine-overloaded', `${name} is overloaded (close code ${code})`);
      default:
        return new AppError('engine-died', `${name} ended the connection (close code ${code})`);
    }
  };
}

function bytesOf(data: WebSocket.RawData): Uint8Array {
  if (Array.isArray(data)) {
    return Buffer.concat(data);
  }
  return Buffer.isBuffer(data) ? data : new Uint8Array(data);
}

function hostOf(url: string): string {
  return new URL(url).host;
}
