/**
 * The AGI door: no legs come in by it, but calls are registered that will come by another one, as by `POST /calls` of the
 * API. `AGI(agi://host:port,...)` of a dialplan asks. Nobody logs in, so this machine may, and else who is let in by
 * `--allow`.
 */

import { type BlockList, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../../base/clock.ts';
import { codeOf } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { SparseLog } from '../../../base/sparse-log.ts';
import { Tally } from '../../../base/tally.ts';
import { AgiLines } from '../../../protocol/agi/agi-wire.ts';
import type { InterpretingView } from '../../interpreting/interpreting-view.ts';
import { isAllowed, parseAllowList } from '../audiosocket/allow-list.ts';
import { cannotListen } from '../cannot-listen.ts';
import type { AskedDoorDeps, DoorAddress, DoorOpener, ListeningDoor } from '../door.ts';
import { openListener } from '../open-listener.ts';
import { type AgiDeps, serveAgi } from './agi-registration.ts';

export interface AgiDoorOptions extends DoorAddress {
  /** Who may connect besides this machine; undefined: nobody. */
  readonly allow: BlockList | undefined;
  readonly interpreting: InterpretingView;
}

export type AgiDoorDeps = Pick<AskedDoorDeps, 'server' | 'clock' | 'log'>;

/** Each is done in some ms. The next one is closed, and its dialplan goes on without. */
const MOST_CONNECTIONS = 128;
/** Asterisk itself waits for ever, and its caller with it; a registration is a to and fro for each variable. */
const LIMIT_MS = 2_000;

const THIS_MACHINE = parseAllowList(['127.0.0.0/8', '::1']);

/** A door that is opened by the server it is given to. */
export function agiDoor(options: AgiDoorOptions): DoorOpener<ListeningDoor, AgiDoorDeps> {
  return async (deps) => {
    const door = new AgiDoor(options, deps);
    await door.listen();
    return door;
  };
}

class AgiDoor implements ListeningDoor {
  readonly counts = {
    /** What became of connections: `registered` or why a call was not, `transferred` or not, why nothing was asked for. */
    agiRequests: new Tally<string>(),
  };
  readonly #options: AgiDoorOptions;
  readonly #deps: AgiDeps;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #turnedAway: SparseLog<string>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: AgiDoorOptions, { server: view, clock, log }: AgiDoorDeps) {
    this.#options = options;
    this.#deps = { view, control: view, interpreting: options.interpreting, log };
    this.#clock = clock;
    this.#log = log;
    this.#turnedAway = new SparseLog(log, clock);
    this.#server = createServer((socket) => void this.#take(socket));
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('drop', () => this.#turnAway('too-many-connections', undefined));
  }

  get name(): string {
    return `agi ${this.#options.host}:${this.#options.port}`;
  }

  get address(): DoorAddress {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : this.#options.port;
    return { host: this.#options.host, port };
  }

  /** @throws AppError `address-in-use` or `address-refused`. */
  listen(): Promise<void> {
    const { host, port } = this.#options;
    return openListener(
      this.#server,
      { host, port },
      (error) => cannotListen(error, { flag: '--agi', host, port, mayBeOff: true }),
      (error) => this.#log.error({ error }, 'a listener could not accept a connection'),
    );
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #take(socket: Socket): Promise<void> {
    const { remoteAddress: remote, localAddress: here } = socket;
    socket.on('error', () => socket.destroy());
    if (!this.#allowed(remote)) {
      socket.destroy();
      this.#turnAway('not-allowed', remote);
      return;
    }
    let late = false;
    const timer = this.#clock.at(this.#clock.nowMs() + LIMIT_MS, () => {
      late = true;
      socket.destroy();
    });
    this.#sockets.add(socket);
    try {
      const write = (command: string): void => void socket.write(command);
      const outcome = await serveAgi({ lines: linesOf(socket), write, here }, this.#deps);
      if (late && outcome === 'left') {
        this.#turnAway('too-late', remote);
      } else {
        this.counts.agiRequests.add(outcome);
      }
    } catch (error) {
      const code = codeOf(error);
      this.#turnAway(code.startsWith('wire-') ? code : 'failed', remote);
      if (!code.startsWith('wire-')) {
        this.#log.error({ error }, 'a request by AGI failed');
      }
    } finally {
      timer.cancel();
      socket.end(() => socket.destroy());
      this.#sockets.delete(socket);
    }
  }

  #allowed(remote: string | undefined): boolean {
    const { allow } = this.#options;
    return [THIS_MACHINE, allow].some((list) => list !== undefined && isAllowed(list, remote));
  }

  #turnAway(reason: string, remote: string | undefined): void {
    this.counts.agiRequests.add(reason);
    this.#turnedAway.warn(reason, { reason, remote }, 'a connection by AGI came to nothing');
  }
}

/** What comes as lines, until the connection ends or breaks. @throws AppError `wire-payload-too-long` */
async function* linesOf(socket: Socket): AsyncGenerator<string, undefined> {
  const lines = new AgiLines();
  const pieces: AsyncIterator<unknown> = socket[Symbol.asyncIterator]();
  for (let piece = await next(pieces); piece !== undefined; piece = await next(pieces)) {
    yield* lines.push(piece);
  }
}

async function next(pieces: AsyncIterator<unknown>): Promise<Uint8Array | undefined> {
  try {
    const { value } = await pieces.next();
    return value instanceof Uint8Array ? value : undefined;
  } catch {
    // A connection that breaks says no more.
    return undefined;
  }
}
