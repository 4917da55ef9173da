/**
 * The doors: one TCP listener per `--listen`. It turns away who may not come in, is too many or comes while the
 * server stops, each with a log line and a counter, and hands everyone else to the switchboard.
 */

import { BlockList, createServer, isIP, type Server, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { AppError, codeOf } from '../base/errors.ts';
import type { LanguagePair } from '../base/language.ts';
import type { Log } from '../base/log.ts';
import { Tally } from '../base/tally.ts';
import type { Switchboard } from '../call/switchboard.ts';
import { encodeHangup } from '../protocol/audiosocket/encoder.ts';
import { AudioSocketTransport, destroyLater } from './audiosocket-transport.ts';

/** Connections waiting to be accepted; a burst of 200 calls must fit. */
const BACKLOG = 511;

export interface Door {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** What the parties of a call that comes in here speak. */
  readonly pair: LanguagePair;
}

export interface AudioSocketListenerOptions {
  readonly door: Door;
  /** Who may connect: CIDR networks or addresses; empty means everyone who can reach the address. */
  readonly allow: readonly string[];
  readonly maxLegs: number;
}

export class AudioSocketListener {
  accepted = 0;
  /** Connections turned away at the door, by reason. */
  readonly refused = new Tally<'not-allowed' | 'too-many-legs'>();
  readonly #server: Server;
  readonly #options: AudioSocketListenerOptions;
  readonly #allowed: BlockList | undefined;
  readonly #switchboard: Switchboard;
  readonly #clock: Clock;
  readonly #log: Log;

  private constructor(options: AudioSocketListenerOptions, switchboard: Switchboard, clock: Clock, log: Log) {
    this.#options = options;
    this.#allowed = options.allow.length === 0 ? undefined : parseAllowList(options.allow);
    this.#switchboard = switchboard;
    this.#clock = clock;
    this.#log = log;
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#welcome(socket));
  }

  /** Opens the door. @throws AppError `address-in-use` or `address-refused`, saying what to do. */
  static async open(
    options: AudioSocketListenerOptions,
    switchboard: Switchboard,
    clock: Clock,
    log: Log,
  ): Promise<AudioSocketListener> {
    const listener = new AudioSocketListener(options, switchboard, clock, log);
    await listener.#listen();
    return listener;
  }

  /** Where it listens, with the port it really has. */
  get address(): { readonly host: string; readonly port: number } {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : this.#options.door.port;
    return { host: this.#options.door.host, port };
  }

  /** Takes no more connections; those that are open belong to the switchboard. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#options.door;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(explainListenError(error, host, port)));
      this.#server.listen({ host, port, backlog: BACKLOG }, resolve);
    });
    this.#server.removeAllListeners('error');
    this.#server.on('error', (error) =>
      this.#log.error({ error }, 'a listener could not accept a connection'),
    );
  }

  #welcome(socket: Socket): void {
    // Errors of sockets that are turned away are nobody's concern; a transport adds its own listener.
    socket.on('error', () => {});
    if (this.#allowed !== undefined && !isAllowed(this.#allowed, socket.remoteAddress)) {
      this.#turnAway(socket, 'not-allowed', 'a connection was refused: its address is not in --allow');
      return;
    }
    if (this.#switchboard.full) {
      this.#turnAway(socket, 'too-many-legs', 'a connection was refused: --max-legs legs are connected');
      return;
    }
    this.accepted += 1;
    const transport = new AudioSocketTransport(socket, this.#clock, this.#log);
    this.#switchboard.accept(transport, this.#options.door.pair);
  }

  #turnAway(socket: Socket, reason: 'not-allowed' | 'too-many-legs', message: string): void {
    this.refused.add(reason);
    this.#log.warn({ remote: socket.remoteAddress, reason, maxLegs: this.#options.maxLegs }, message);
    socket.resume();
    socket.end(encodeHangup());
    destroyLater(socket, this.#clock);
  }
}

/** @throws AppError `bad-option` for what is neither an address nor a CIDR network. */
export function parseAllowList(allow: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of allow) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bits = prefix === undefined ? undefined : Number(prefix);
    const most = family === 'ipv6' ? 128 : 32;
    if (
      isIP(address) === 0 ||
      (bits !== undefined && !(Number.isInteger(bits) && bits >= 0 && bits <= most))
    ) {
      throw new AppError('bad-option', `--allow ${entry}: write an address or a network, such as 10.0.0.0/8`);
    }
    if (bits === undefined) {
      list.addAddress(address, family);
    } else {
      list.addSubnet(address, bits, family);
    }
  }
  return list;
}

function isAllowed(list: BlockList, address: string | undefined): boolean {
  if (address === undefined) {
    return false;
  }
  // A dual-stack listener sees IPv4 peers as ::ffff:a.b.c.d.
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

function explainListenError(error: unknown, host: string, port: number): AppError {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    return new AppError(
      'address-in-use',
      `${host}:${port} is in use by another program; stop it (ss -ltnp shows which) or give another --listen`,
      error,
    );
  }
  return new AppError(
    'address-refused',
    `cannot listen on ${host}:${port} (${code}); --listen takes an address of this machine and a port above 1023`,
    error,
  );
}
