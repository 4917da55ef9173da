/**
 * The WebSocket under the SDK. The SDK's own reconnects after seconds, hides the status of a refused handshake and
 * offers compression, which costs time and gains nothing on sound; given a transport, it does none of this.
 */

import type { IncomingMessage } from 'node:http';
import type { DeepgramTransport, DeepgramTransportCloseEvent, DeepgramTransportMessage } from '@deepgram/sdk';
import { WebSocket } from 'ws';
import { asCode, type Refusal, refusalError, unreachableError } from './deepgram-errors.ts';

/** The most of a refusal's body that is read, in bytes; Deepgram's are about 200. */
const REFUSAL_BYTES = 4_096;

/** The largest message taken, in bytes; a minute of words with their times is about 20,000. */
const LARGEST_MESSAGE_BYTES = 1_048_576;

/** How a connection ended: a WebSocket close code, and the peer's reason. */
export interface TransportClose {
  readonly code: number;
  readonly reason: string;
}

export class ListenTransport implements DeepgramTransport {
  readonly #socket: WebSocket;
  readonly #closed: Promise<TransportClose>;
  #opened = false;
  #failure: Error | undefined;
  #onError: (error: Error) => void = () => {};
  #onSent: () => void = () => {};

  /** Begins to connect at once. */
  constructor(url: string, headers: Readonly<Record<string, string>>) {
    const { host } = new URL(url);
    this.#socket = new WebSocket(url, {
      headers: { ...headers },
      perMessageDeflate: false,
      maxPayload: LARGEST_MESSAGE_BYTES,
    });
    this.#socket.on('unexpected-response', (request, response) => {
      void readRefusal(response).then((refusal) => {
        this.#fail(refusalError(refusal));
        request.destroy();
        this.#socket.terminate();
      });
    });
    this.#socket.once('open', () => {
      this.#opened = true;
    });
    this.#socket.on('error', (error) => this.#fail(unreachableError(error, host)));
    this.#closed = new Promise((resolve) =>
      this.#socket.once('close', (code, reason) => resolve({ code, reason: reason.toString('utf8') })),
    );
  }

  /** Why the connection was not made; the SDK passes on its message only. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Bytes that the socket has not passed to the kernel yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Resolves when the connection has ended, for whatever reason. */
  get closed(): Promise<TransportClose> {
    return this.#closed;
  }

  /** Hears each time that the kernel has taken a message. */
  onSent(listener: () => void): void {
    this.#onSent = listener;
  }

  send(data: DeepgramTransportMessage): void {
    if (data instanceof Blob) {
      throw new TypeError('a Blob cannot be sent here');
    }
    this.#socket.send(data, () => this.#onSent());
  }

  onOpen(listener: () => void): void {
    this.#socket.on('open', listener);
  }

  onMessage(listener: (message: DeepgramTransportMessage) => void): void {
    this.#socket.on('message', (data, isBinary) => {
      if (Buffer.isBuffer(data)) {
        listener(isBinary ? data : data.toString('utf8'));
      }
    });
  }

  onError(listener: (error: Error) => void): void {
    this.#onError = listener;
    if (this.#failure !== undefined) {
      listener(this.#failure);
    }
  }

  onClose(listener: (event: DeepgramTransportCloseEvent) => void): void {
    this.#socket.on('close', (code, reason) => listener({ code, reason: reason.toString('utf8') }));
  }

  isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Asks for a close; see {@link terminate} for a peer that does not answer. The SDK's code and text are not sent. */
  close(): void {
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      this.#socket.terminate();
    } else {
      this.#socket.close(1000);
    }
  }

  /** Ends the connection without the peer. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Only an opening fails; once open, the close that follows an error says what matters. */
  #fail(error: Error): void {
    if (this.#failure === undefined && !this.#opened) {
      this.#failure = error;
      this.#onError(error);
    }
  }
}

async function readRefusal(response: IncomingMessage): Promise<Refusal> {
  const body = await readStart(response);
  const retryAfter = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    code: asCode(errorCodeIn(body)) ?? asCode(response.headers['dg-error']),
    requestId: asCode(response.headers['dg-request-id']),
    retryAfterSeconds: Number.isInteger(retryAfter) && retryAfter >= 0 ? retryAfter : undefined,
  };
}

/** The beginning of the body; a body that breaks off is as long as it came. */
async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      const piece: unknown = chunk;
      if (Buffer.isBuffer(piece)) {
        chunks.push(piece);
        bytes += piece.length;
      }
      if (bytes >= REFUSAL_BYTES) {
        break;
      }
    }
  } catch {
    // What came is enough: the status says most.
  }
  return Buffer.concat(chunks).toString('utf8');
}

function errorCodeIn(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'err_code' in parsed
      ? parsed.err_code
      : undefined;
  } catch {
    return undefined;
  }
}
