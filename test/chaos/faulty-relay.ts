/**
 * What lies between the server and one vendor: a relay of TCP connections on a port of loopback that stays the same,
 * and that can be broken as networks and machines break. What goes to the vendor is left as it is; what it answers is
 * what faults are done to.
 */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Clock, systemClock, type Timer } from '../../src/base/clock.ts';
import { Random } from '../bench/interpret/random.ts';
import { freePort } from '../support/ports.ts';

export type LinkFault =
  /** Nobody listens; what was connected is cut off. */
  | { readonly type: 'refused' }
  /** Connections are made and nothing goes either way, on those there are too. */
  | { readonly type: 'stalled' }
  /** What was connected is cut off once; new connections are well. */
  | { readonly type: 'cut' }
  /** Refused and well in turns, each for so long. */
  | { readonly type: 'flapping'; readonly everyMs: number }
  /** Answers come at this rate. */
  | { readonly type: 'slow'; readonly bytesPerSecond: number }
  /** The connection ends in the middle of the answers, after so many bytes of them. */
  | { readonly type: 'truncated'; readonly afterBytes: number }
  /** Of the bytes of answers one in so many is another. */
  | { readonly type: 'garbled'; readonly oneIn: number; readonly seed: number };

/** A slow answer goes on in steps of this. */
const SLOW_STEP_MS = 100;

export class FaultyRelay {
  readonly port: number;
  readonly #upstreamPort: number;
  readonly #clock: Clock;
  readonly #links = new Set<Link>();
  #server: Server | undefined;
  #fault: LinkFault | undefined;
  #flap: Timer | undefined;
  #random = new Random(1);

  private constructor(port: number, upstreamPort: number, clock: Clock) {
    this.port = port;
    this.#upstreamPort = upstreamPort;
    this.#clock = clock;
  }

  static async open(upstreamPort: number, clock: Clock = systemClock): Promise<FaultyRelay> {
    const relay = new FaultyRelay(await freePort(), upstreamPort, clock);
    await relay.#listen();
    return relay;
  }

  /** What is wrong from now on; undefined makes it well. */
  async set(fault: LinkFault | undefined): Promise<void> {
    this.#flap?.cancel();
    this.#fault = fault;
    switch (fault?.type) {
      case 'refused':
        this.#refuse();
        return;
      case 'cut':
        this.#cut();
        break;
      case 'flapping':
        this.#flapAfter(fault.everyMs, true);
        this.#refuse();
        return;
      case 'garbled':
        this.#random = new Random(fault.seed);
        break;
      default:
        break;
    }
    await this.#listen();
    for (const link of this.#links) {
      link.go();
    }
  }

  async close(): Promise<void> {
    this.#flap?.cancel();
    this.#refuse();
  }

  async #listen(): Promise<void> {
    if (this.#server !== undefined) {
      return;
    }
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const link: Link = new Link(
        socket,
        connect({ port: this.#upstreamPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }),
        {
          clock: this.#clock,
          fault: () => this.#fault,
          random: () => this.#random,
          closed: () => this.#links.delete(link),
        },
      );
      this.#links.add(link);
    });
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  #refuse(): void {
    this.#server?.close();
    this.#server = undefined;
    this.#cut();
  }

  #cut(): void {
    for (const link of this.#links) {
      link.cut();
    }
  }

  #flapAfter(everyMs: number, up: boolean): void {
    this.#flap = this.#clock.at(this.#clock.nowMs() + everyMs, () => {
      this.#flapAfter(everyMs, !up);
      if (up) {
        void this.#listen();
      } else {
        this.#refuse();
      }
    });
  }
}

interface LinkOptions {
  readonly clock: Clock;
  readonly fault: () => LinkFault | undefined;
  readonly random: () => Random;
  readonly closed: () => void;
}

/** One connection. Both ways wait while it is stalled, in the order in which they came. */
class Link {
  readonly #down: Socket;
  readonly #up: Socket;
  readonly #options: LinkOptions;
  readonly #questions: Buffer[] = [];
  #answers: Buffer = Buffer.alloc(0);
  #answeredBytes = 0;
  #timer: Timer | undefined;
  #asksEnded = false;
  #answersEnded = false;

  constructor(down: Socket, up: Socket, options: LinkOptions) {
    this.#down = down;
    this.#up = up;
    this.#options = options;
    down.on('data', (bytes) => {
      this.#questions.push(bytes);
      this.go();
    });
    up.on('data', (bytes) => {
      this.#answers = Buffer.concat([this.#answers, this.#garbled(bytes)]);
      this.go();
    });
    down.on('end', () => {
      this.#asksEnded = true;
      this.go();
    });
    up.on('end', () => {
      this.#answersEnded = true;
      this.go();
    });
    for (const socket of [down, up]) {
      socket.on('error', () => this.cut());
      socket.on('close', () => {
        if (this.#answers.length === 0 || down.destroyed) {
          this.cut();
        }
      });
    }
  }

  /** Passes on what may go now. */
  go(): void {
    const fault = this.#options.fault();
    if (fault?.type === 'stalled') {
      return;
    }
    for (const bytes of this.#questions.splice(0)) {
      this.#up.write(bytes);
    }
    if (this.#asksEnded) {
      this.#up.end();
    }
    if (fault?.type === 'slow') {
      this.#goSlowly(fault.bytesPerSecond);
      return;
    }
    const bytes = this.#answers;
    this.#answers = Buffer.alloc(0);
    const left = fault?.type === 'truncated' ? fault.afterBytes - this.#answeredBytes : bytes.length;
    this.#answeredBytes += bytes.length;
    if (left < bytes.length) {
      this.#down.end(bytes.subarray(0, Math.max(0, left)));
      this.#up.destroy();
      return;
    }
    this.#answer(bytes);
  }

  cut(): void {
    this.#timer?.cancel();
    this.#down.destroy();
    this.#up.destroy();
    this.#options.closed();
  }

  #answer(bytes: Buffer): void {
    if (bytes.length > 0 && this.#down.writable) {
      this.#down.write(bytes);
    }
    if (this.#answersEnded && this.#answers.length === 0) {
      this.#down.end();
    }
  }

  #goSlowly(bytesPerSecond: number): void {
    if (this.#timer !== undefined || this.#answers.length === 0) {
      return;
    }
    const { clock } = this.#options;
    this.#timer = clock.at(clock.nowMs() + SLOW_STEP_MS, () => {
      this.#timer = undefined;
      const stepBytes = Math.ceil((bytesPerSecond * SLOW_STEP_MS) / 1_000);
      const bytes = this.#answers.subarray(0, stepBytes);
      this.#answers = this.#answers.subarray(stepBytes);
      this.#answer(bytes);
      this.go();
    });
  }

  #garbled(bytes: Buffer): Buffer {
    const fault = this.#options.fault();
    if (fault?.type !== 'garbled') {
      return bytes;
    }
    const random = this.#options.random();
    return Buffer.from(bytes.map((byte) => (random.chance(1 / fault.oneIn) ? random.whole(0, 255) : byte)));
  }
}
