/**
 * A way legs come in or are fetched. A door speaks its wire and knows who may come in; which call a leg belongs to is
 * the switchboard's business.
 */

import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import type { Log } from '../../base/log.ts';
import type { SlicedWork } from '../../base/sliced-work.ts';
import type { Promises } from '../../call/seating/arranged-seating.ts';
import type { Switchboard } from '../../call/switchboard.ts';
import type { ServiceHealth } from '../../engines/resilience/health-window.ts';
import type { ServerControl } from '../server-control.ts';
import type { ServerView } from '../server-view.ts';
import type { AgentBook } from './agent-book.ts';
import type { Whispering } from './whispering.ts';

/** It counts `connectionsAccepted`, and `connectionsRefused` by reason. */
export interface Door extends Counted {
  /** For logs and people: `audiosocket 127.0.0.1:5050`. */
  readonly name: string;
  /** Where it listens, if it does. */
  readonly address?: DoorAddress;
  /** Undefined: all it needs is its listener, and that is open. */
  readonly health?: DoorHealth;
  /** Interprets calls that run without us, if this door can. */
  readonly whispering?: Whispering;
  /** Fetches machines that answer by themselves, if this door can. */
  readonly agents?: AgentBook;
  /** Takes no more connections; those that are open belong to the switchboard. Idempotent. */
  close(): Promise<void>;
}

/** How a way in does, for who looks after it. */
export interface DoorHealth {
  readonly state: ServiceHealth;
  /** Since when it is so, in ms of the clock. */
  readonly sinceMs: number;
  /** How long the latest answer took of whom it asks, in ms; undefined where it asks nobody. */
  readonly lastMs?: number;
  /** Why it is not well. */
  readonly reason?: string;
  /** What is done about it. */
  readonly step?: string;
}

/** With the port it really has. */
export interface DoorAddress {
  readonly host: string;
  readonly port: number;
}

export interface DoorDeps {
  readonly switchboard: Switchboard;
  /** Where a door that fetches legs says who will come. */
  readonly promises: Promises;
  /** Where the doors that were opened before this one listen. */
  readonly listening: () => readonly DoorAddress[];
  readonly clock: Clock;
  readonly log: Log;
  /** What comes in bursts, such as many legs at once. */
  readonly work: SlicedWork;
}

/** Of a door by which more is asked than to be let in. */
export interface AskedDoorDeps extends DoorDeps {
  readonly server: ServerView & ServerControl;
}

/** A door that is listening. */
export interface ListeningDoor extends Door {
  readonly address: DoorAddress;
}

/** Opens a door; what a server is given. @throws AppError `address-in-use` or `address-refused`, saying what to do. */
export type DoorOpener<Opened extends Door = Door, Deps = DoorDeps> = (deps: Deps) => Promise<Opened>;
