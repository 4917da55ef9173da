/**
 * Connections that have not said who they are. Until one has, it has nothing of a leg: no place of `--max-legs`, no
 * memory, no media; and it is sent nothing, since Asterisk says its UUID at once, and waits for us only after that.
 */

import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../base/clock.ts';
import { codeOf } from '../../../base/errors.ts';
import type { SlicedWork } from '../../../base/sliced-work.ts';
import { AudioSocketDecoder } from '../../../protocol/audiosocket/decoder.ts';
import { encodeHangup } from '../../../protocol/audiosocket/encoder.ts';
import { WaitingRoom } from '../waiting-room.ts';
import type { Accepted } from './accept-shared.ts';

export interface NewcomerLimits {
  /** How long a connection may take to say who it is, in ms. */
  readonly uuidTimeoutMs: number;
  /** How many may be here at once. */
  readonly most: number;
}

export interface NewcomerSink {
  /** Whether who comes from there may come in. */
  allowed(address: string | undefined): boolean;
  /** One has said who it is. Nothing more is read from it before its next owner resumes it. */
  known(newcomer: Accepted): void;
  /**
   * One was sent away: `not-allowed`, `no-uuid`, `too-many-newcomers`, or what the decoder calls it that it sent; or it
   * `left`.
   */
  ended(address: string | undefined, why: string): void;
}

export class Newcomers {
  readonly #limits: NewcomerLimits;
  readonly #clock: Clock;
  readonly #work: SlicedWork;
  readonly #sink: NewcomerSink;
  readonly #room: WaitingRoom<Newcomer>;
  #timer: Timer | undefined;

  /** @param work hands over who is known, a few at a time when many are at once. */
  constructor(limits: NewcomerLimits, clock: Clock, work: SlicedWork, sink: NewcomerSink) {
    this.#limits = limits;
    this.#room = new WaitingRoom(limits.most);
    this.#clock = clock;
    this.#work = work;
    this.#sink = sink;
  }

  /** Lets a connection say who it is. */
  take(accepted: Accepted): void {
    const newcomer = new Newcomer(accepted, this.#clock.nowMs(), {
      said: () => this.#said(newcomer),
      ended: (why) => this.#end(newcomer, why),
    });
    const { address } = newcomer;
    if (!this.#sink.allowed(address)) {
      newcomer.sendAway();
      this.#sink.ended(address, 'not-allowed');
      return;
    }
    const out = this.#room.enter(newcomer, address);
    if (out !== undefined) {
      out.destroy();
      this.#sink.ended(out.address, 'too-many-newcomers');
    }
    this.#watch();
    newcomer.listen();
  }

  /** Sends everybody away. */
  close(): void {
    this.#timer?.cancel();
    for (const newcomer of this.#room.guests) {
      newcomer.destroy();
    }
    this.#room.clear();
  }

  #said(newcomer: Newcomer): void {
    this.#work.doSoon(() => {
      // It may have gone, or been sent away, in the meantime.
      if (this.#forget(newcomer)) {
        this.#sink.known(newcomer.handedOver());
      }
    });
  }

  #end(newcomer: Newcomer, why: string): void {
    if (this.#forget(newcomer)) {
      newcomer.sendAway();
      this.#sink.ended(newcomer.address, why);
    }
  }

  /** @returns whether it was here. */
  #forget(newcomer: Newcomer): boolean {
    const was = this.#room.leave(newcomer);
    if (this.#room.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    return was;
  }

  /** One timer for all: they come in the order in which their time is over. */
  #watch(): void {
    const [oldest] = this.#room.guests;
    if (oldest === undefined || this.#timer !== undefined) {
      return;
    }
    this.#timer = this.#clock.at(oldest.sinceMs + this.#limits.uuidTimeoutMs, () => {
      this.#timer = undefined;
      const overMs = this.#clock.nowMs() - this.#limits.uuidTimeoutMs;
      for (const newcomer of this.#room.guests) {
        if (newcomer.sinceMs > overMs) {
          break;
        }
        this.#end(newcomer, 'no-uuid');
      }
      this.#watch();
    });
  }
}

/** What one tells. */
interface NewcomerEvents {
  said(): void;
  ended(why: string): void;
}

class Newcomer {
  readonly address: string | undefined;
  readonly sinceMs: number;
  readonly #socket: Socket;
  readonly #events: NewcomerEvents;
  readonly #closed = (): void => this.#events.ended('left');
  /** What it has sent. */
  #read: Uint8Array = new Uint8Array(0);
  #said = false;
  #onRead: (bytes: Uint8Array) => void;

  constructor(accepted: Accepted, nowMs: number, events: NewcomerEvents) {
    const decoder = new AudioSocketDecoder({
      uuid: () => this.#identified(),
      audio: () => this.#saidSomething(),
      dtmf: () => this.#saidSomething(),
      hangup: () => this.#saidSomething(),
      error: () => this.#saidSomething(),
    });
    this.#onRead = (bytes) => this.#take(decoder, bytes);
    this.#socket = accepted.open((bytes) => this.#onRead(bytes));
    this.#events = events;
    this.address = this.#socket.remoteAddress;
    this.sinceMs = nowMs;
    this.#socket.on('error', ignore);
  }

  listen(): void {
    this.#socket.on('close', this.#closed);
    this.#socket.resume();
  }

  /** It is its next owner's from now on, who hears first what it has sent so far. */
  handedOver(): Accepted {
    return {
      read: this.#read,
      open: (onRead) => {
        this.#onRead = onRead;
        this.#socket.removeListener('error', ignore);
        this.#socket.removeListener('close', this.#closed);
        return this.#socket;
      },
    };
  }

  /** Hangs up, as what an Asterisk understands that is not let in. */
  sendAway(): void {
    this.#onRead = ignore;
    this.#socket.end(encodeHangup(), () => this.#socket.destroy());
  }

  destroy(): void {
    this.#onRead = ignore;
    this.#socket.destroy();
  }

  #take(decoder: AudioSocketDecoder, bytes: Uint8Array): void {
    this.#read = Buffer.concat([this.#read, bytes]);
    try {
      decoder.push(bytes);
    } catch (error) {
      if (!this.#said) {
        this.#events.ended(codeOf(error));
      }
    }
  }

  #identified(): void {
    if (!this.#said) {
      this.#said = true;
      this.#socket.pause();
      this.#events.said();
    }
  }

  /** Something that is no UUID: only after one may it be. */
  #saidSomething(): void {
    if (!this.#said) {
      this.#events.ended('wire-no-uuid');
    }
  }
}

function ignore(): void {}
