/**
 * Finds out how much of what was sent has not been read, for all connections of a door at once. Node asks no socket for
 * that; the kernel's table of connections tells it, and for a peer on this machine, which Asterisk usually is, also
 * what that peer's own kernel keeps for it. To make the table takes up to 3 ms of a thread for files (its length is
 * that of the kernel's hash table, and it has a line for each connection that is gone as well, for a minute), so it
 * is looked at when there is a reason: a connection from which nothing comes; else once a second. One look at a time,
 * whoever comes during it, and the longer it takes the longer the next one waits.
 */

import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { plainAddress } from '../../../base/addresses.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { Log } from '../../../base/log.ts';
import { LongWork } from '../../../base/long-work.ts';
import type { Unread } from './peer-reading.ts';

/** How often connections are asked whether anything has come, in ms. */
const ASK_MS = 200;
/** How old what is known may become, in ms. */
const LOOK_MS = 1_000;
/** A look is followed by so many times its own length without one: at most a tenth of a thread is spent on looking. */
const PAUSE_PER_LOOK = 9;
/**
 * But no longer than this, in ms: a look that took long has mostly waited, and who is held back because of what it
 * found must not be held back for much longer than that is so.
 */
const MOST_PAUSE_MS = 1_000;
const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'] as const;
/** What of a table is read at once: some 100 lines. */
const PIECE_CHARACTERS = 16_384;
/** IPv4 in the table of IPv6. */
const MAPPED = '0000000000000000FFFF0000';
/**
 * A line's addresses, state and queues (sent, received). Connections that are over and only remembered (state 06) are
 * passed over: after many short calls they are nearly all.
 */
const LINE =
  /: ([0-9A-F]+:[0-9A-F]{4}) ([0-9A-F]+:[0-9A-F]{4}) (?!06)[0-9A-F]{2} ([0-9A-F]{8}):([0-9A-F]{8}) /g;

/** A connection whose output is watched. */
export interface WatchedConnection {
  readonly gone: boolean;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Bytes that have come from it. */
  readonly receivedBytes: number;
  foundUnread(unread: Unread): void;
}

interface Watched {
  /** By which it is found in the table; made when it is first looked for there, which an arrival need not wait for. */
  key: string | undefined;
  /** What had come from it when it was last asked. */
  receivedBytes: number;
}

/** Reads the tables; replaced in tests. */
export type ReadTables = () => Promise<readonly string[]>;

export class UnreadOutput {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #readTables: ReadTables;
  readonly #ourPort: () => number;
  readonly #connections = new Map<WatchedConnection, Watched>();
  #timer: Timer | undefined;
  #looking = false;
  #lookedMs = 0;
  #closed = false;

  /** @param ourPort that of the door, once it listens. */
  constructor(clock: Clock, log: Log, ourPort: () => number, readTables: ReadTables = systemTables) {
    this.#clock = clock;
    this.#log = log;
    this.#ourPort = ourPort;
    this.#readTables = readTables;
  }

  /** Watches a connection until it is gone. */
  watch(connection: WatchedConnection): void {
    if (this.#closed) {
      return;
    }
    const { receivedBytes } = connection;
    this.#connections.set(connection, { key: undefined, receivedBytes });
    if (this.#timer === undefined && !this.#looking) {
      this.#lookedMs = this.#clock.nowMs();
      this.#askAgain();
    }
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#connections.clear();
  }

  #askAgain(afterMs = ASK_MS): void {
    this.#timer = this.#clock.at(this.#clock.nowMs() + afterMs, () => this.#ask());
  }

  #ask(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.nowMs();
    let isReason = nowMs - this.#lookedMs >= LOOK_MS;
    for (const [connection, watched] of this.#connections) {
      if (connection.gone) {
        this.#connections.delete(connection);
      } else {
        const { receivedBytes } = connection;
        isReason ||= receivedBytes === watched.receivedBytes;
        watched.receivedBytes = receivedBytes;
      }
    }
    if (this.#connections.size === 0) {
      return;
    }
    if (isReason) {
      this.#lookedMs = nowMs;
      this.#look();
    } else {
      this.#askAgain();
    }
  }

  #look(): void {
    this.#looking = true;
    this.#unread().then(
      (unread) => {
        this.#looking = false;
        if (!this.#closed) {
          this.#tell(unread);
          const tookMs = this.#clock.nowMs() - this.#lookedMs;
          this.#askAgain(Math.min(MOST_PAUSE_MS, Math.max(ASK_MS, PAUSE_PER_LOOK * tookMs)));
        }
      },
      (error: unknown) => {
        this.close();
        this.#log.warn(
          { error },
          'what a peer has not read is not known here: one that stops reading is noticed late',
        );
      },
    );
  }

  /** Reads the tables, a little in each turn of the loop: of hundreds of connections they are long. */
  async #unread(): Promise<ReadonlyMap<string, Unread>> {
    const table = new UnreadTable(this.#ourPort());
    const tables = await this.#readTables();
    const work = new LongWork(this.#clock);
    for (const piece of tables.flatMap((text) => [...piecesOf(text)])) {
      table.add(piece);
      if (work.isPauseDue) {
        await work.pause();
      }
    }
    return table.unread;
  }

  #tell(unread: ReadonlyMap<string, Unread>): void {
    for (const [connection, watched] of this.#connections) {
      watched.key ??= keyOf(connection);
      const found = unread.get(watched.key);
      if (found !== undefined) {
        connection.foundUnread(found);
      }
    }
  }
}

/** What is unread of each connection to a port, as far as the table has been read. */
export class UnreadTable {
  readonly #port: string;
  readonly #unread = new Map<string, { onWayBytes: number; unreadBytes: number }>();

  constructor(ourPort: number) {
    this.#port = `:${hexPort(ourPort)}`;
  }

  /** By the other end's address and port as the table writes them. */
  get unread(): ReadonlyMap<string, Unread> {
    return this.#unread;
  }

  /** @param lines of the table, whole ones. */
  add(lines: string): void {
    for (const [, local = '', remote = '', sent = '', received = ''] of lines.matchAll(LINE)) {
      if (local.endsWith(this.#port)) {
        this.#of(remote).onWayBytes += Number.parseInt(sent, 16);
      }
      if (remote.endsWith(this.#port)) {
        this.#of(local).unreadBytes += Number.parseInt(received, 16);
      }
    }
  }

  #of(peer: string): { onWayBytes: number; unreadBytes: number } {
    const key = peer.startsWith(MAPPED) ? peer.slice(MAPPED.length) : peer;
    const found = this.#unread.get(key) ?? { onWayBytes: 0, unreadBytes: 0 };
    this.#unread.set(key, found);
    return found;
  }
}

/** A text in pieces of whole lines, each as long as it may be. */
export function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const end = from + PIECE_CHARACTERS >= text.length ? -1 : text.lastIndexOf('\n', from + PIECE_CHARACTERS);
    const to = end <= from ? text.length : end + 1;
    yield text.slice(from, to);
    from = to;
  }
}

function keyOf({ address = '', port = 0 }: WatchedConnection): string {
  const plain = plainAddress(address);
  return `${isIPv4(plain) ? hexIPv4(plain) : hexIPv6(plain)}:${hexPort(port)}`;
}

/** The table has each word of an address as the processor holds it, the lowest byte first on all that Node runs on. */
function hexIPv4(address: string): string {
  return address
    .split('.')
    .reverse()
    .map((byte) => hexByte(Number(byte)))
    .join('');
}

function hexIPv6(address: string): string {
  const [before = '', after] = address.replace(/%.*$/, '').split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === undefined || after === '' ? [] : after.split(':');
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  const bytes = groups.flatMap((group) => {
    const word = Number.parseInt(group, 16);
    return [word >> 8, word & 0xff];
  });
  const words = [0, 4, 8, 12].map((at) => bytes.slice(at, at + 4).reverse());
  return words.flat().map(hexByte).join('');
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** A machine without IPv6 has no table of it. */
async function systemTables(): Promise<readonly string[]> {
  const [first, second] = TABLES;
  return [await readFile(first, 'latin1'), await readFile(second, 'latin1').catch(() => '')];
}
