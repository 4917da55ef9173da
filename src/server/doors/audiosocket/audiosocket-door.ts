/**
 * The AudioSocket door: one TCP listener. It turns away who may not come in, is too many or comes while the server
 * stops, each with a log line and a counter, and hands everyone else to the switchboard.
 */

import { type BlockList, createServer, type Server } from 'node:net';
import type { Clock } from '../../../base/clock.ts';
import { AppError, codeOf } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import type { Log } from '../../../base/log.ts';
import type { SlicedWork } from '../../../base/sliced-work.ts';
import { Tally } from '../../../base/tally.ts';
import type { LegTransportSink } from '../../../call/leg-transport.ts';
import type { DoorFacts } from '../../../call/seating/seating.ts';
import type { Switchboard } from '../../../call/switchboard.ts';
import type { DoorAddress, DoorDeps, DoorOpener, ListeningDoor } from '../door.ts';
import { type Accepted, acceptShared } from './accept-shared.ts';
import { isAllowed } from './allow-list.ts';
import { AudioSocketTransport } from './audiosocket-transport.ts';
import { UnreadOutput } from './unread-output.ts';

/** Connections waiting to be accepted; a burst of 200 calls must fit. */
const BACKLOG = 511;

export interface AudioSocketDoorOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** What is spoken on calls that come in here, by place; one language: all who come in here speak it. */
  readonly languages: readonly Language[];
  /** Who may connect; undefined: everyone who can reach the address. */
  readonly allow: BlockList | undefined;
  readonly maxLegs: number;
  /** How long the place of a party that lost its connection is kept, in ms; 0: it has left. */
  readonly rejoinMs: number;
}

/** A door that is opened by the server it is given to. */
export function audioSocketDoor(options: AudioSocketDoorOptions): DoorOpener<ListeningDoor> {
  return (deps) => AudioSocketDoor.open(options, deps);
}

class AudioSocketDoor implements ListeningDoor {
  readonly counts = {
    connectionsAccepted: 0,
    /** Connections turned away, by reason. */
    connectionsRefused: new Tally<'not-allowed' | 'too-many-legs'>(),
  };
  readonly #server: Server;
  readonly #options: AudioSocketDoorOptions;
  readonly #facts: DoorFacts;
  readonly #switchboard: Switchboard;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #work: SlicedWork;
  /** Connections that nobody has looked at yet. */
  readonly #waiting = new Set<Accepted>();
  readonly #unread: UnreadOutput;

  private constructor(options: AudioSocketDoorOptions, { switchboard, clock, log, work }: DoorDeps) {
    const { host, port, languages, rejoinMs } = options;
    this.#options = options;
    this.#facts = { name: `audiosocket ${host}:${port}`, languages, rejoinMs };
    this.#switchboard = switchboard;
    this.#clock = clock;
    this.#log = log;
    this.#work = work;
    this.#unread = new UnreadOutput(clock, log, () => this.address.port);
    this.#server = createServer({ pauseOnConnect: true });
    acceptShared(this.#server, (accepted) => {
      this.#waiting.add(accepted);
      work.doSoon(() => this.#welcome(accepted));
    });
  }

  /** Opens the door. @throws AppError `address-in-use` or `address-refused`, saying what to do. */
  static async open(options: AudioSocketDoorOptions, deps: DoorDeps): Promise<AudioSocketDoor> {
    const door = new AudioSocketDoor(options, deps);
    await door.#listen();
    return door;
  }

  get name(): string {
    return this.#facts.name;
  }

  get address(): DoorAddress {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : this.#options.port;
    return { host: this.#options.host, port };
  }

  async close(): Promise<void> {
    for (const accepted of this.#waiting) {
      accepted.open(() => {}).destroy();
    }
    this.#waiting.clear();
    this.#unread.close();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(explainListenError(error, host, port)));
      this.#server.listen({ host, port, backlog: BACKLOG }, resolve);
    });
    this.#server.removeAllListeners('error');
    this.#server.on('error', (error) =>
      this.#log.error({ error }, 'a listener could not accept a connection'),
    );
  }

  #welcome(accepted: Accepted): void {
    if (!this.#waiting.delete(accepted)) {
      return;
    }
    const deps = { clock: this.#clock, log: this.#log, work: this.#work };
    const transport = new AudioSocketTransport(accepted, deps);
    const { allow } = this.#options;
    if (allow !== undefined && !isAllowed(allow, transport.address)) {
      this.#turnAway(transport, 'not-allowed', 'a connection was refused: its address is not in --allow');
    } else if (this.#switchboard.full) {
      this.#turnAway(transport, 'too-many-legs', 'a connection was refused: --max-legs legs are connected');
    } else {
      this.counts.connectionsAccepted += 1;
      this.#switchboard.accept(transport, this.#facts);
      this.#unread.watch(transport);
    }
  }

  #turnAway(transport: AudioSocketTransport, reason: 'not-allowed' | 'too-many-legs', message: string): void {
    this.counts.connectionsRefused.add(reason);
    this.#log.warn({ remote: transport.address, reason, maxLegs: this.#options.maxLegs }, message);
    transport.attach(NOBODY);
    transport.hangUp();
  }
}

/** Hears of connections that are turned away. */
const NOBODY: LegTransportSink = {
  arrived: () => {},
  frame: () => {},
  spokenToOnlyAt: () => {},
  key: () => {},
  closed: () => {},
};

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
