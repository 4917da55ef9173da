/**
 * One WebSocket that somebody opened to us: what comes is handed over whole, what goes out never waits for long, and
 * a peer that is gone without a word is noticed. What a peer must not send ends its own connection, with the reason
 * by name.
 */

import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { plainAddress } from '../../../base/addresses.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import { AppError, asError, codeOf } from '../../../base/errors.ts';
import { ByteBudget } from './byte-budget.ts';

/** The longest message taken: 100 ms of 48 kHz as a JSON array of bytes. */
export const MOST_MESSAGE_BYTES = 65_536;
/** Fragments of one message: 2 KiB each and more. Empty ones would cost time of ours and no budget. */
export const MOST_FRAGMENTS = 32;
/** Reads of the network that one message may take: of a byte each, they would be memory of ours. */
export const MOST_PARTS = 1_024;
/** What may wait in the connection before sound is dropped, in ms of it. */
const MOST_WAITING_MS = 200;
/** What may wait in the connection of messages that are no sound; more: the peer does not read. */
const MOST_WAITING_BYTES = 262_144;
/** A peer that has not taken sound for so long is gone, whatever its kernel says, in ms. */
const GIVE_UP_MS = 10_000;
/** How long after a ping, in ms, the next goes out. */
const PING_MS = 10_000;
/** A peer that has not said anything at all, not even to a ping, for so many of them is gone. */
const MOST_UNANSWERED_PINGS = 2;
/** A peer that was told that we close has this long to close, too, in ms. */
const CLOSE_LIMIT_MS = 1_000;
/** One that is not read any more is not waited for but for what it is told to leave, in ms. */
const UNREAD_CLOSE_LIMIT_MS = 100;
/** The longest reason that a close message holds, in bytes. */
const MOST_REASON_BYTES = 123;

/** Close codes of RFC 6455 that we send. */
export const CLOSE = { normal: 1_000, goingAway: 1_001, badMessage: 1_008, tryLater: 1_013 } as const;

/** What whoever has a connection hears. Throwing from `text` or `binary` ends the connection with the error's code. */
export interface PeerListener {
  text(text: string): void;
  /** The bytes are good only during the call. */
  binary(bytes: Uint8Array): void;
  /** The connection is gone; once, and nothing comes after. `code`: the peer's close code, if it closed. */
  closed(reason: string, code: number | undefined, error?: Error): void;
}

/** What a connection has to send first: any message, or one of text, and nothing that comes before it is heard. */
export type FirstMessage = 'any' | 'text';

/** The two ends of a connection. */
type PeerEnds = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress'>;

export class PeerSocket {
  /** The other end's address and port, for logs. */
  readonly remote: string;
  /** The other end's address, without a port. */
  readonly address: string | undefined;
  /** Our own address that it has reached. */
  readonly here: string | undefined;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #budget: ByteBudget;
  #listener: PeerListener | undefined;
  #first: { readonly message: FirstMessage; readonly come: () => void } | undefined;
  #ended: { reason: string; error?: Error } | undefined;
  #closing = false;
  #unanswered = 0;
  #ping: Timer | undefined;
  #notTakenSinceMs: number | undefined;

  constructor(socket: WebSocket, ends: PeerEnds, clock: Clock) {
    const { remoteAddress, remotePort, localAddress } = ends;
    this.#socket = socket;
    this.#clock = clock;
    this.#budget = new ByteBudget(clock);
    this.address = remoteAddress;
    this.here = localAddress === undefined ? undefined : plainAddress(localAddress);
    this.remote = `${remoteAddress ?? '?'}:${remotePort ?? 0}`;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('ping', () => this.#receiveSign());
    socket.on('pong', () => this.#receiveSign());
    socket.on('error', (error) => {
      const reason =
        codeOf(error) === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'wire-payload-too-long' : 'wire-broken';
      this.#ended ??= { reason, error };
    });
    socket.once('close', (code) => this.#closed(code));
    this.#pingLater();
  }

  /** Hands over what comes from now on. */
  attach(listener: PeerListener): void {
    this.#listener = listener;
    if (this.#socket.readyState === WebSocket.CLOSED) {
      this.#closed(undefined);
    }
  }

  /** Calls `come` when the first message is here, which is handed over to who is attached then. */
  awaitFirst(message: FirstMessage, come: () => void): void {
    this.#first = { message, come };
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && !this.#closing;
  }

  /** Sends a message that must arrive; a peer that does not read such is given up. */
  send(text: string): void {
    if (!this.open) {
      return;
    }
    if (this.#socket.bufferedAmount > MOST_WAITING_BYTES) {
      this.fail('peer-not-reading');
      return;
    }
    this.#socket.send(text);
  }

  /**
   * Sends sound, which nobody wants late: false, and it is dropped, when 200 ms of it wait already.
   * @param message kept until it is sent. @param bytesPerMs what a ms of sound takes as such messages.
   */
  sendSound(message: Uint8Array | string, bytesPerMs: number): boolean {
    if (!this.open) {
      return false;
    }
    const taken = this.#socket.bufferedAmount <= MOST_WAITING_MS * bytesPerMs;
    if (taken) {
      this.#notTakenSinceMs = undefined;
      this.#socket.send(message);
      return true;
    }
    const nowMs = this.#clock.nowMs();
    this.#notTakenSinceMs ??= nowMs;
    if (nowMs - this.#notTakenSinceMs >= GIVE_UP_MS) {
      this.fail('peer-not-reading');
    }
    return false;
  }

  /** Says that we close, and why; `closed` follows within `limitMs`. Idempotent. */
  close(code: number, reason: string, limitMs = CLOSE_LIMIT_MS): void {
    if (this.#closing || this.#socket.readyState === WebSocket.CLOSED) {
      return;
    }
    this.#closing = true;
    this.#ended ??= { reason: 'closed' };
    this.#socket.close(code, Buffer.from(reason).subarray(0, MOST_REASON_BYTES).toString('utf8'));
    const timer = this.#clock.at(this.#clock.nowMs() + limitMs, () => this.#socket.terminate());
    this.#socket.once('close', () => timer.cancel());
  }

  /** Ends it because of what the peer did; `closed` follows with `reason`. */
  fail(reason: string, error?: Error): void {
    this.#ended ??= error === undefined ? { reason } : { reason, error };
    if (reason === 'peer-not-reading' || reason === 'peer-silent') {
      this.#socket.terminate();
    } else {
      this.close(CLOSE.badMessage, reason);
    }
  }

  #receive(data: unknown, isBinary: boolean): void {
    this.#unanswered = 0;
    if (this.#closing || !(data instanceof Uint8Array)) {
      return;
    }
    if (!this.#budget.take(data.length)) {
      this.#failTooFast();
      return;
    }
    const first = this.#first;
    if (first !== undefined && !(first.message === 'text' && isBinary)) {
      this.#first = undefined;
      first.come();
    }
    try {
      if (isBinary) {
        this.#listener?.binary(data);
      } else {
        this.#listener?.text(Buffer.from(data.buffer, data.byteOffset, data.length).toString('utf8'));
      }
    } catch (error) {
      this.fail(codeOf(error), asError(error));
    }
  }

  /** A ping or a pong: the peer is there, and each costs us as much as an empty message. */
  #receiveSign(): void {
    this.#unanswered = 0;
    if (!this.#closing && !this.#budget.take(0)) {
      this.#failTooFast();
    }
  }

  /** What it has sent already is not read any more: that is what costs. */
  #failTooFast(): void {
    const reason = 'wire-too-fast';
    this.#ended ??= { reason, error: new AppError(reason, 'a peer sends far more than any sound is') };
    this.close(CLOSE.badMessage, reason, UNREAD_CLOSE_LIMIT_MS);
    this.#socket.pause();
  }

  #pingLater(): void {
    this.#ping = this.#clock.at(this.#clock.nowMs() + PING_MS, () => {
      if (this.#unanswered >= MOST_UNANSWERED_PINGS) {
        this.fail('peer-silent');
        return;
      }
      this.#unanswered += 1;
      this.#socket.ping();
      this.#pingLater();
    });
  }

  #closed(code: number | undefined): void {
    this.#ping?.cancel();
    const listener = this.#listener;
    this.#listener = undefined;
    const { reason, error } = this.#ended ?? { reason: 'peer-closed' };
    listener?.closed(reason, code, error);
  }
}
