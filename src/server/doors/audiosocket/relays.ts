/**
 * Legs whose call is at another node: their bytes go there and back as they come, and nothing is done with them here. A
 * leg that its node has left is let go, not hung up: whoever made it dials again.
 */

import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { Counted } from '../../../base/counts.ts';
import { codeOf } from '../../../base/errors.ts';
import { afterPatience } from '../../../base/patience.ts';
import { Tally } from '../../../base/tally.ts';
import type { Elsewhere } from '../../../call/seating/seating.ts';
import { encodeRelayed } from '../../../protocol/audiosocket/encoder.ts';
import { KIND_HANGUP } from '../../../protocol/audiosocket/kinds.ts';
import { ReadBuffer } from './read-buffer.ts';
import { RelayedWay } from './relayed-way.ts';

/** How long another node may take to accept a connection, in ms: its kernel does. */
const CONNECT_LIMIT_MS = 500;
/**
 * A node sends a frame as soon as it has a leg, and then one each 20 ms; one that sends nothing for so long, in ms, stands
 * still. A balancer that finds out sooner than nodes do sends its legs to others, which believe for a moment that it is there.
 * One that is only busy has been seen to take half a second, and what it was sent meanwhile it still hears.
 */
const FIRST_LIMIT_MS = 700;
const SILENT_LIMIT_MS = 1_500;
/** How often is looked whether nodes still send, in ms. */
const LOOK_MS = 100;
/** A connection that was ended has this long to close, in ms. */
const CLOSE_LIMIT_MS = 1_000;

/** A connection to the node that has a leg's call. Nothing is read from it yet. */
export interface FarEnd {
  readonly socket: Socket;
  /** Hears what the node sends; good only during the call. */
  onRead: (bytes: Uint8Array) => void;
}

/** A leg's own connection, which nobody else writes to or reads. */
export interface NearEnd {
  readonly socket: Socket;
  /** The rest of what was begun to be sent on it. */
  readonly left: Uint8Array;
  /** What came on it and is still to be passed on: whole messages, and the beginning of one. */
  readonly unfinished: Uint8Array;
}

type NotConnected = 'refused' | 'unreachable' | 'full';

export class Relays implements Counted {
  readonly counts = {
    relaysBegun: 0,
    relaysEnded: new Tally<'leg-left' | 'node-left' | 'node-silent' | 'hung-up' | 'closing'>(),
    /** Messages, nearly all of sound, that one of the ends did not take in time. */
    relayedDropped: 0,
  };
  readonly #clock: Clock;
  readonly #most: number;
  readonly #running = new Set<Relay>();
  #timer: Timer | undefined;

  /** @param most legs that are passed on at once. */
  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Legs that are passed on now. */
  get running(): number {
    return this.#running.size;
  }

  /** Connects to the node of a leg, and says who it is. @param uuid 16 bytes. */
  async connect({ host, port }: Elsewhere, uuid: Uint8Array): Promise<FarEnd | NotConnected> {
    if (this.#running.size >= this.#most) {
      return 'full';
    }
    const buffer = new ReadBuffer();
    const far: FarEnd = {
      socket: connect({
        ...{ host, port, noDelay: true, keepAlive: true },
        onread: {
          buffer: buffer.bytes,
          callback: (bytesRead) => {
            far.onRead(buffer.read(bytesRead));
            return true;
          },
        },
      }),
      onRead: () => {},
    };
    const { socket } = far;
    const failure = await new Promise<NotConnected | undefined>((resolve) => {
      const late = (): void => resolve('unreachable');
      const limit = afterPatience(this.#clock, this.#clock.nowMs() + CONNECT_LIMIT_MS, late);
      const done = (failed: NotConnected | undefined): void => {
        limit.cancel();
        resolve(failed);
      };
      socket.once('connect', () => {
        socket.pause();
        done(undefined);
      });
      // What it breaks of is told by its close.
      socket.on('error', (error) => done(codeOf(error) === 'ETIMEDOUT' ? 'unreachable' : 'refused'));
    });
    if (failure !== undefined) {
      socket.destroy();
      return failure;
    }
    socket.write(encodeRelayed(uuid));
    return far;
  }

  /** Passes all on, both ways, until one of them ends. @returns takes what comes from the leg; good only during the call. */
  join(near: NearEnd, far: FarEnd): (bytes: Uint8Array) => void {
    const relay = new Relay(near, far, this.#clock, (why, dropped) => {
      this.#running.delete(relay);
      this.counts.relaysEnded.add(why);
      this.counts.relayedDropped += dropped;
    });
    this.counts.relaysBegun += 1;
    this.#running.add(relay);
    this.#lookSoon();
    return (bytes) => relay.fromNear(bytes);
  }

  /** Lets all legs go: they come again, at a node that is there. Idempotent. */
  close(): void {
    this.#timer?.cancel();
    for (const relay of [...this.#running]) {
      relay.end('closing');
    }
  }

  #lookSoon(): void {
    if (this.#timer === undefined && this.#running.size > 0) {
      const dueMs = this.#clock.nowMs() + LOOK_MS;
      this.#timer = this.#clock.at(dueMs, () => {
        this.#timer = undefined;
        const nowMs = this.#clock.nowMs();
        for (const relay of [...this.#running]) {
          // Who looks late has not read yet what nodes have sent meanwhile.
          relay.look(nowMs, nowMs - dueMs);
        }
        this.#lookSoon();
      });
    }
  }
}

type End = 'leg-left' | 'node-left' | 'node-silent' | 'hung-up' | 'closing';

class Relay {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #clock: Clock;
  readonly #toNear: RelayedWay;
  readonly #toFar: RelayedWay;
  readonly #ended: (why: End, dropped: number) => void;
  #heardMs: number;
  #heardBytes = 0;
  #limitMs = FIRST_LIMIT_MS;
  #over = false;

  constructor(near: NearEnd, far: FarEnd, clock: Clock, ended: (why: End, dropped: number) => void) {
    this.#near = near.socket;
    this.#far = far.socket;
    this.#clock = clock;
    this.#ended = ended;
    this.#heardMs = clock.nowMs();
    this.#toNear = new RelayedWay(this.#near);
    this.#toFar = new RelayedWay(this.#far);
    if (near.left.length > 0) {
      this.#near.write(near.left);
    }
    this.fromNear(near.unfinished);
    this.#near.once('close', () => this.end('leg-left'));
    this.#far.once('close', () => {
      this.end(this.#toNear.lastKind === KIND_HANGUP ? 'hung-up' : 'node-left');
    });
    far.onRead = (bytes) => {
      this.#heardBytes += bytes.length;
      this.#toNear.push(bytes);
    };
    this.#far.resume();
  }

  fromNear(bytes: Uint8Array): void {
    this.#toFar.push(bytes);
  }

  look(nowMs: number, lateMs: number): void {
    this.#heardMs += lateMs;
    if (this.#heardBytes > 0) {
      this.#heardBytes = 0;
      this.#heardMs = nowMs;
      this.#limitMs = SILENT_LIMIT_MS;
    } else if (nowMs - this.#heardMs >= this.#limitMs) {
      this.end('node-silent');
    }
  }

  end(why: End): void {
    if (!this.#over) {
      this.#over = true;
      this.#ended(why, this.#toNear.dropped + this.#toFar.dropped);
      for (const socket of [this.#near, this.#far]) {
        socket.end();
        const timer = this.#clock.at(this.#clock.nowMs() + CLOSE_LIMIT_MS, () => socket.destroy());
        socket.once('close', () => timer.cancel());
        if (socket.closed) {
          timer.cancel();
        }
      }
    }
  }
}
