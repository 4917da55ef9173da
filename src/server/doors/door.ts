/**
 * A way legs come in or are fetched. A door speaks its wire and knows who may come in; which call a leg belongs to is the
 * switchboard's business.
 */

import type { Clock } from '../../base/clock.ts';
import type { Counted } from '../../base/counts.ts';
import type { Log } from '../../base/log.ts';
import type { SlicedWork } from '../../base/sliced-work.ts';
import type { Switchboard } from '../../call/switchboard.ts';

/** It counts `connectionsAccepted`, and `connectionsRefused` by reason. */
export interface Door extends Counted {
  /** For logs and people: `audiosocket 127.0.0.1:5050`. */
  readonly name: string;
  /** Where it listens, with the port it really has. */
  readonly address: { readonly host: string; readonly port: number };
  /** Takes no more connections; those that are open belong to the switchboard. Idempotent. */
  close(): Promise<void>;
}

export interface DoorDeps {
  readonly switchboard: Switchboard;
  readonly clock: Clock;
  readonly log: Log;
  /** What comes in bursts, such as many legs at once. */
  readonly work: SlicedWork;
}

/** Opens a door; what a server is given. @throws AppError `address-in-use` or `address-refused`, saying what to do. */
export type DoorOpener = (deps: DoorDeps) => Promise<Door>;
