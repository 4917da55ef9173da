/**
 * The AudioSocket door: one TCP listener. It turns away who may not come in, does not say who it is or is one too many,
 * all counted and some logged, and hands everyone else to the switchboard.
 */

import { type BlockList, createServer, type Server } from 'node:net';
import type { Counted } from '../../../base/counts.ts';
import type { Language } from '../../../base/language.ts';
import type { Log } from '../../../base/log.ts';
import { SparseLog } from '../../../base/sparse-log.ts';
import { Tally } from '../../../base/tally.ts';
import type { LegTransportSink } from '../../../call/leg-transport.ts';
import type { DoorFacts } from '../../../call/seating/seating.ts';
import type { Switchboard } from '../../../call/switchboard.ts';
import { cannotListen } from '../cannot-listen.ts';
import type { DoorAddress, DoorDeps, DoorOpener, ListeningDoor } from '../door.ts';
import { openListener } from '../open-listener.ts';
import { type Accepted, acceptShared } from './accept-shared.ts';
import { isAllowed } from './allow-list.ts';
import { AudioSocketTransport } from './audiosocket-transport.ts';
import { Newcomers } from './newcomers.ts';
import { Relays } from './relays.ts';
import { UnreadOutput } from './unread-output.ts';

/** Connections that may be here without having said who they are: as many as may come at once, each some KB. */
const MOST_NEWCOMERS = 512;

export interface AudioSocketDoorOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** What is spoken on calls that come in here, by place; one language: all who come in here speak it. */
  readonly languages: readonly Language[];
  /** Who may connect; undefined: everyone who can reach the address. */
  readonly allow: BlockList | undefined;
  readonly maxLegs: number;
  /** How long a connection may take to say who it is, in ms. */
  readonly uuidTimeoutMs: number;
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
    /** Connections turned away, by reason; those that `left` before they said who they are among them. */
    connectionsRefused: new Tally<string>(),
  };
  readonly #server: Server;
  readonly #options: AudioSocketDoorOptions;
  readonly #facts: DoorFacts;
  readonly #switchboard: Switchboard;
  readonly #log: Log;
  readonly #turnedAway: SparseLog<string>;
  /** Connections that nobody has looked at yet. */
  readonly #waiting = new Set<Accepted>();
  readonly #newcomers: Newcomers;
  readonly #unread: UnreadOutput;
  readonly #relays: Relays;

  private constructor(options: AudioSocketDoorOptions, { switchboard, clock, log, work }: DoorDeps) {
    const { host, port, languages, rejoinMs, uuidTimeoutMs, allow } = options;
    this.#options = options;
    this.#facts = { name: `audiosocket ${host}:${port}`, languages, rejoinMs };
    this.#switchboard = switchboard;
    this.#log = log;
    this.#turnedAway = new SparseLog(log, clock);
    const relays = new Relays(clock, options.maxLegs);
    this.#relays = relays;
    this.#newcomers = new Newcomers({ uuidTimeoutMs, most: MOST_NEWCOMERS }, clock, work, {
      allowed: (address) => allow === undefined || isAllowed(allow, address),
      known: (newcomer) => this.#letIn(new AudioSocketTransport(newcomer, { clock, log, work, relays })),
      ended: (address, why) => this.#ended(address, why),
    });
    this.#unread = new UnreadOutput(clock, log, () => this.address.port);
    this.#server = createServer({ pauseOnConnect: true });
    acceptShared(this.#server, (accepted) => {
      this.#waiting.add(accepted);
      work.mayBringMore();
      work.doSoon(() => {
        if (this.#waiting.delete(accepted)) {
          this.#newcomers.take(accepted);
        }
      });
    });
  }

  /** Opens the door. @throws AppError `address-in-use` or `address-refused`, saying what to do. */
  static async open(options: AudioSocketDoorOptions, deps: DoorDeps): Promise<AudioSocketDoor> {
    const door = new AudioSocketDoor(options, deps);
    await door.#listen();
    return door;
  }

  get parts(): readonly Counted[] {
    return [this.#relays];
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
    this.#newcomers.close();
    this.#unread.close();
    this.#relays.close();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options;
    return openListener(
      this.#server,
      { host, port },
      (error) => cannotListen(error, { flag: '--listen', host, port, mayBeOff: false }),
      (error) => this.#log.error({ error }, 'a listener could not accept a connection'),
    );
  }

  #letIn(transport: AudioSocketTransport): void {
    if (this.#switchboard.crowded) {
      this.counts.connectionsRefused.add('too-many-legs');
      const { maxLegs } = this.#options;
      this.#turnedAway.warn(
        'too-many-legs',
        { remote: transport.address, maxLegs },
        'a connection was refused: --max-legs legs are connected',
      );
      transport.attach(NOBODY);
      transport.hangUp();
    } else {
      this.counts.connectionsAccepted += 1;
      this.#switchboard.accept(transport, this.#facts);
      this.#unread.watch(transport);
    }
  }

  #ended(remote: string | undefined, why: string): void {
    this.counts.connectionsRefused.add(why);
    // Who only looks whether somebody listens is worth no line.
    if (why !== 'left') {
      this.#turnedAway.warn(
        why,
        { remote, reason: why },
        SENT_AWAY[why] ?? 'a connection sent what is no call',
      );
    }
  }
}

/** What the log says of connections that never became legs. */
const SENT_AWAY: Readonly<Record<string, string>> = {
  'not-allowed': 'a connection was refused: its address is not in --allow',
  'no-uuid': 'a connection never said who it is',
  'too-many-newcomers': 'too many connections wait that have not said who they are: the oldest was closed',
};

/** Hears of connections that are turned away. */
const NOBODY: LegTransportSink = {
  arrived: () => {},
  frame: () => {},
  packet: () => {},
  spokenToOnlyAt: () => {},
  key: () => {},
  closed: () => {},
};
