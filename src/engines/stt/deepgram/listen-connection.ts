/**
 * One open connection to Deepgram: made by the SDK, which knows the addresses, the headers and the messages, over a
 * transport of ours.
 */

import type { DeepgramTransportFactory } from '@deepgram/sdk';
import type { Clock } from '../../../base/clock.ts';
import { AppError, asError } from '../../../base/errors.ts';
import type { Secret } from '../../../base/secret.ts';
import { openError, openTimeoutError } from './deepgram-errors.ts';
import type { ListenRequest } from './listen-request.ts';
import { ListenTransport, type TransportClose } from './listen-transport.ts';

/** How long the server has to answer our close, in ms. */
const CLOSE_GRACE_MS = 1_000;

/** How much later than we the SDK loses patience with an opening, in s; its timer is not of our clock. */
const SDK_EXTRA_PATIENCE_S = 5;

export interface ListenConnectionOptions {
  readonly clock: Clock;
  readonly apiKey: Secret;
  /** Where the service is: `wss://host`, without a path. */
  readonly url: string;
  /** How long opening may take, in ms. */
  readonly openTimeoutMs: number;
}

export interface ListenHandlers {
  /** Hears each message, parsed from JSON; text that is no JSON comes as a string. */
  readonly onMessage: (message: unknown) => void;
  /** Hears that the kernel took what was sent, so that more may be. */
  readonly onSent: () => void;
  /** Hears the end of the connection, once, whoever ended it. */
  readonly onClose: (close: TransportClose) => void;
}

/** The part of the SDK's sockets that both protocols have. */
interface SdkSocket {
  on(event: 'message', callback: (message: unknown) => void): void;
  on(event: 'error', callback: (error: Error) => void): void;
  on(event: 'open', callback: () => void): void;
  connect(): unknown;
  sendMedia(bytes: Uint8Array): void;
}

/**
 * Loads the SDK. It takes a quarter of a second, in which nothing else happens, and 26 MB: call this at start-up, when
 * Deepgram is wanted and no call is waiting.
 */
export async function loadSdk(): Promise<void> {
  await import('@deepgram/sdk');
}

export class ListenConnection {
  readonly #transport: ListenTransport;
  readonly #socket: SdkSocket;
  readonly #clock: Clock;
  /** What came before somebody listened. */
  readonly #early: unknown[] = [];
  #handlers: ListenHandlers | undefined;
  #closing = false;

  private constructor(socket: SdkSocket, transport: ListenTransport, clock: Clock) {
    this.#socket = socket;
    this.#transport = transport;
    this.#clock = clock;
  }

  /**
   * Connects, and resolves when audio may be sent.
   * @throws AppError `engine-refused`, `engine-overloaded` or `engine-start-failed`; the signal's reason when it
   * aborts first.
   */
  static async open(
    request: ListenRequest,
    options: ListenConnectionOptions,
    signal: AbortSignal,
  ): Promise<ListenConnection> {
    const { DeepgramClient } = await import('@deepgram/sdk');
    signal.throwIfAborted();
    const { clock, openTimeoutMs, url } = options;
    return new Promise((resolve, reject) => {
      let transport: ListenTransport | undefined;
      let over = false;
      const finish = (act: () => void): void => {
        if (!over) {
          over = true;
          timer.cancel();
          signal.removeEventListener('abort', onAbort);
          act();
        }
      };
      const giveUp = (error: unknown): void =>
        finish(() => {
          transport?.terminate();
          reject(error);
        });
      const onAbort = (): void => giveUp(signal.reason);
      const onError = (error: unknown): void =>
        giveUp(error instanceof AppError ? error : openError(asError(error)));
      signal.addEventListener('abort', onAbort, { once: true });
      const timer = clock.at(clock.nowMs() + openTimeoutMs, () =>
        giveUp(openTimeoutError(openTimeoutMs, new URL(url).host)),
      );
      const transportFactory: DeepgramTransportFactory = (address, headers) => {
        try {
          transport = new ListenTransport(address, headers);
        } catch (error) {
          // The SDK has no listeners yet and would keep this to itself.
          onError(error);
          throw error;
        }
        if (over) {
          transport.terminate();
        }
        return transport;
      };
      const client = new DeepgramClient({ apiKey: options.apiKey.reveal(), baseUrl: url, transportFactory });
      const patience = {
        reconnectAttempts: 0,
        connectionTimeoutInSeconds: openTimeoutMs / 1_000 + SDK_EXTRA_PATIENCE_S,
      };
      const connect = async (): Promise<void> => {
        const socket: SdkSocket =
          request.protocol === 'v1'
            ? await client.listen.v1.connect({ ...request.parameters, ...patience })
            : await client.listen.v2.connect({ ...request.parameters, ...patience });
        let connection: ListenConnection | undefined;
        socket.on('error', (error) => onError(transport?.failure ?? error));
        // The SDK prints what a handler throws and goes on, so nothing may be thrown into it.
        socket.on('message', (message) =>
          outsideSdk(() => {
            if (connection !== undefined) {
              connection.#receive(message);
            }
          }),
        );
        socket.on('open', () =>
          finish(() => {
            if (transport !== undefined) {
              connection = new ListenConnection(socket, transport, clock);
              resolve(connection);
            }
          }),
        );
        socket.connect();
      };
      connect().catch(onError);
    });
  }

  /** Passes what comes to `handlers` from now on, what has come already first. Once. */
  listen(handlers: ListenHandlers): void {
    this.#handlers = handlers;
    this.#transport.onSent(handlers.onSent);
    void this.#transport.closed.then(handlers.onClose);
    for (const message of this.#early.splice(0)) {
      queueMicrotask(() => handlers.onMessage(message));
    }
  }

  /** Bytes that the kernel has not taken yet. */
  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** Sends linear PCM; keeps `bytes` until they are sent. Does nothing when the connection has ended. */
  sendAudio(bytes: Uint8Array): void {
    // An empty binary message would end the stream.
    if (bytes.length > 0 && this.#transport.isOpen()) {
      this.#socket.sendMedia(bytes);
    }
  }

  /** Sends a message of the protocol, as text: in a binary frame it would be taken for sound. */
  sendMessage(type: 'KeepAlive' | 'Finalize' | 'CloseStream'): void {
    if (this.#transport.isOpen()) {
      this.#transport.send(JSON.stringify({ type }));
    }
  }

  /** Ends the connection, by force if the server does not agree in {@link CLOSE_GRACE_MS}. Idempotent. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      // Deepgram bills until it knows that no more comes.
      this.sendMessage('CloseStream');
      this.#transport.close();
      const timer = this.#clock.at(this.#clock.nowMs() + CLOSE_GRACE_MS, () => this.#transport.terminate());
      void this.#transport.closed.then(() => timer.cancel());
    }
    await this.#transport.closed;
  }

  #receive(message: unknown): void {
    if (this.#handlers === undefined) {
      this.#early.push(message);
    } else {
      this.#handlers.onMessage(message);
    }
  }
}

/** Runs `work`; what it throws is thrown where nobody catches it, as from any other event. */
function outsideSdk(work: () => void): void {
  try {
    work();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
