/**
 * What the dialplan of several nodes does with each leg, for telephones that are programs: it dials a node, and the next
 * one with the same UUID when a node lets it go or dies; who is hung up is hung up. `dialplan/cluster.conf` is the original.
 */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';
import { HEADER_BYTES, KIND_HANGUP, KIND_UUID, UUID_BYTES } from '../../src/protocol/audiosocket/kinds.ts';
import { WholeMessages } from '../../src/protocol/audiosocket/whole-messages.ts';

/**
 * Before it dials again for the second time and later, in ms: as long as the dialplan waits to see whether the partner hung
 * up. What a phone says meanwhile Wait() reads and throws away.
 */
const WAIT_MS = 100;
/** A connection that lasted longer was no try in vain, in ms. */
const WORKED_MS = 5_000;
/** Messages of a phone that the kernel keeps while nobody reads it: 200 KB of packets, each of which counts for 0.8 KB. */
const MOST_UNREAD = 250;

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

export class DialplanFront {
  readonly #server: Server;
  readonly #nodes: readonly NodeAddress[];
  readonly #legs = new Set<FrontLeg>();
  /** Legs that were given up: all nodes were tried twice. */
  alone = 0;
  /** Times that a leg went on with another node. */
  redialled = 0;

  private constructor(nodes: readonly NodeAddress[], scattered: boolean) {
    this.#nodes = nodes;
    this.#server = createServer({ noDelay: true }, (phone) => {
      const leg: FrontLeg = new FrontLeg(phone, nodes, scattered, {
        redialled: () => {
          this.redialled += 1;
        },
        alone: () => {
          this.alone += 1;
        },
        over: () => this.#legs.delete(leg),
      });
      this.#legs.add(leg);
    });
  }

  /** @param scattered whether the second leg of each call dials another node than the first. */
  static async open(nodes: readonly NodeAddress[], scattered = false): Promise<DialplanFront> {
    const front = new DialplanFront(nodes, scattered);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Which node a call's legs dial first. */
  homeOf(uuid: string): number {
    return homeOf(Buffer.from(uuid.replaceAll('-', ''), 'hex'), this.#nodes.length);
  }

  /** Breaks the connections that legs have to node `index`, and nothing else. */
  breakLegs(index: number): void {
    for (const leg of this.#legs) {
      leg.breakFrom(index);
    }
  }

  close(): void {
    this.#server.close();
    for (const leg of this.#legs) {
      leg.close();
    }
  }
}

interface FrontEvents {
  redialled(): void;
  alone(): void;
  over(): void;
}

class FrontLeg {
  readonly #phone: Socket;
  readonly #nodes: readonly NodeAddress[];
  readonly #events: FrontEvents;
  readonly #scattered: boolean;
  readonly #fromPhone = new WholeMessages((message) => this.#said(message));
  #uuid: Buffer | undefined;
  #node: Socket | undefined;
  /** Whether the node hears what is written: it has accepted, and not ended yet. */
  #heard = false;
  /** What the phone has said that nobody has read. */
  #unread: Buffer[] = [];
  #at = 0;
  #dialledMs = 0;
  #tries = 0;
  #over = false;

  constructor(phone: Socket, nodes: readonly NodeAddress[], scattered: boolean, events: FrontEvents) {
    this.#phone = phone;
    this.#nodes = nodes;
    this.#scattered = scattered;
    this.#events = events;
    phone.on('data', (bytes) => this.#fromPhone.push(bytes));
    phone.on('error', () => {});
    phone.on('close', () => this.close());
  }

  breakFrom(index: number): void {
    if (this.#at === index) {
      this.#node?.destroy();
    }
  }

  close(): void {
    if (!this.#over) {
      this.#over = true;
      this.#node?.destroy();
      this.#phone.destroy();
      this.#events.over();
    }
  }

  #said(message: Uint8Array): void {
    if (message[0] === KIND_UUID) {
      this.#uuid = Buffer.from(message);
      const place = this.#scattered ? (this.#uuid.at(-1) ?? 0) & 0xf : 0;
      this.#at = (homeOf(this.#uuid.subarray(HEADER_BYTES), this.#nodes.length) + place) % this.#nodes.length;
      this.#dial();
    } else if (this.#heard) {
      this.#node?.write(Buffer.from(message));
    } else if (this.#unread.length < MOST_UNREAD) {
      this.#unread.push(Buffer.from(message));
    }
  }

  #dial(): void {
    const address = this.#nodes[this.#at];
    if (this.#over || address === undefined || this.#uuid === undefined) {
      return;
    }
    const node = connect({ ...address, noDelay: true });
    this.#node = node;
    this.#dialledMs = systemClock.nowMs();
    const uuid = this.#uuid;
    node.on('connect', () => {
      node.write(Buffer.concat([uuid, ...this.#unread]));
      this.#unread = [];
      this.#heard = true;
    });
    let hungUp = false;
    const messages = new WholeMessages((message) => {
      hungUp ||= message[0] === KIND_HANGUP;
      this.#phone.write(Buffer.from(message));
    });
    node.on('data', (bytes) => messages.push(bytes));
    node.on('error', () => {});
    node.on('end', () => {
      this.#heard = false;
    });
    node.on('close', () => {
      this.#heard = false;
      if (hungUp) {
        this.#phone.end();
      } else if (!this.#over) {
        this.#again();
      }
    });
  }

  /** Nobody hung up: another node is dialled, at once for the first time. */
  #again(): void {
    if (systemClock.nowMs() - this.#dialledMs > WORKED_MS) {
      this.#tries = 0;
    }
    if (this.#tries === 0) {
      this.#next();
      return;
    }
    systemClock.at(systemClock.nowMs() + WAIT_MS, () => {
      this.#unread = [];
      this.#next();
    });
  }

  #next(): void {
    this.#tries += 1;
    if (this.#over) {
      return;
    }
    if (this.#tries > 2 * this.#nodes.length) {
      this.#events.alone();
      this.close();
      return;
    }
    this.#at = (this.#at + 1) % this.#nodes.length;
    this.#events.redialled();
    this.#dial();
  }
}

/** By what both legs of a call have in common: all but the last digit. */
function homeOf(uuid: Uint8Array, nodes: number): number {
  let sum = 0;
  for (let place = 0; place < UUID_BYTES; place += 1) {
    sum += (uuid[place] ?? 0) >> (place === UUID_BYTES - 1 ? 4 : 0);
  }
  return sum % nodes;
}
