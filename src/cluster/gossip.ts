/**
 * How nodes keep knowing the same: each says each 250 ms that it is there and, in two numbers, what it has said of its calls.
 * Who has heard something else asks it for all of them, so whatever is lost on the way is mended. Who comes new asks one other
 * for everything, also for the calls of nodes that are gone.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import { Tally } from '../base/tally.ts';
import { Answers } from './answers.ts';
import type { CallTable } from './call-table.ts';
import type {
  AskMessage,
  ClusterMessage,
  ClusterWire,
  NodeMessage,
  SentMessage,
} from './cluster-messages.ts';
import type { Directory } from './directory.ts';
import type { EndedCalls } from './ended-calls.ts';
import { HEARTBEAT_MS, type Membership } from './membership.ts';

/** How often one node is asked for its calls at most, in ms. */
const ASK_PAUSE_MS = 1_000;
/** How long who was asked for everything may take, in ms, before another is: some answers at the documented size. */
const ALL_LIMIT_MS = 5_000;
/** After a call was dropped for want of room, others have more than we can, and are not asked for it; in ms. */
const FULL_MS = 60_000;
/** How long to wait for what others know before we serve, in ms: for the first sign of life, and for all of it. */
const FIRST_HEARD_MS = 2 * HEARTBEAT_MS;
const JOIN_MS = 2_000;

/** What we say of ourselves, but for our calls. */
export type OwnState = Omit<NodeMessage, 'type' | 'calls' | 'digest'>;

export interface GossipDeps {
  readonly own: () => OwnState;
  readonly table: CallTable;
  readonly endedCalls: EndedCalls;
  readonly membership: Membership;
  readonly directory: Directory;
  readonly wire: ClusterWire;
  readonly clock: Clock;
  /** Somebody wants no new calls here for a while, or wants them again. */
  readonly hold: (held: boolean, by: string) => void;
}

interface Asked {
  readonly atMs: number;
  /** When it was asked first of what it has not answered yet; undefined: it has. */
  readonly sinceMs: number | undefined;
}

export class Gossip implements Counted {
  readonly counts = {
    /** Times that a node was asked for its calls, because what it said of them was not what we had heard. */
    clusterRecordsAsked: 0,
    /** Messages that were not heeded, by why. */
    clusterMessagesRefused: new Tally<'asked-too-often'>(),
  };
  readonly #deps: GossipDeps;
  readonly #run: string;
  readonly #answers: Answers;
  /** Who was asked for its own calls. */
  readonly #asked = new Map<string, Asked>();
  #timer: Timer | undefined;
  /** Whether all that others know is still to be asked for; of whom it was asked and when, once it was. */
  #all: 'wanted' | { readonly of: string; readonly atMs: number } | undefined = 'wanted';
  /** Told when all that others know has come. */
  #joined: (() => void) | undefined;
  #closed = false;

  constructor(deps: GossipDeps) {
    this.#deps = deps;
    this.#run = deps.own().run;
    this.#answers = new Answers({ ...deps, run: this.#run });
  }

  /** Begins to say that we are there. @returns when what others know is known here, or is not to be had in 2 s. */
  join(): Promise<void> {
    const { wire, clock } = this.#deps;
    this.#beat();
    if (!wire.connected) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const joined = (): void => {
        alone.cancel();
        limit.cancel();
        this.#joined = undefined;
        resolve();
      };
      const nowMs = clock.nowMs();
      const alone = clock.at(nowMs + FIRST_HEARD_MS, () => {
        if (this.#all === 'wanted') {
          joined();
        }
      });
      const limit = clock.at(nowMs + JOIN_MS, joined);
      this.#joined = joined;
    });
  }

  /** Takes a message of another node. */
  take(message: ClusterMessage): void {
    const { directory, wire, hold } = this.#deps;
    switch (message.type) {
      case 'node':
        this.#heard(message);
        break;
      case 'call': {
        const stands = directory.take(message);
        if (stands !== undefined) {
          wire.tellNode(message.entry.run, { type: 'call', entry: stands });
        }
        break;
      }
      case 'over':
        directory.takeOver(message);
        break;
      case 'ask':
        this.#answer(message);
        break;
      case 'sent':
        this.#sent(message);
        break;
      case 'hold':
        hold(message.held, message.by);
        break;
    }
  }

  /** Our link is lost: what we were telling does not arrive. */
  linkLost(): void {
    this.#deps.membership.linkLost();
    this.#answers.clear();
  }

  /** Our link is there again: others are told at once what is ours. */
  linkBack(): void {
    this.#deps.membership.linkBack();
    this.#asked.clear();
    this.#all = 'wanted';
    this.#answers.tellEverybody();
    this.say();
  }

  /** Says now that we are there, and how we are. */
  say(): void {
    this.#deps.wire.tell(this.#signOfLife());
  }

  /** Says that we end, and says nothing more. Idempotent. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#timer?.cancel();
      this.#answers.clear();
      this.#deps.wire.tell({ ...this.#signOfLife(), state: 'left' });
    }
  }

  #signOfLife(): NodeMessage {
    const { own, table } = this.#deps;
    return { type: 'node', ...own(), ...table.sumsOf(this.#run) };
  }

  #beat(): void {
    const { clock, membership, table } = this.#deps;
    this.say();
    for (const run of membership.look()) {
      table.deleteOwnedBy(run);
      this.#asked.delete(run);
    }
    this.#askAgain();
    this.#timer = clock.at(clock.nowMs() + HEARTBEAT_MS, () => this.#beat());
  }

  #heard(message: NodeMessage): void {
    const { membership, table, clock, wire } = this.#deps;
    const { run, state, calls, digest } = message;
    const known = membership.get(run)?.said !== undefined;
    membership.heard(message);
    if (state === 'left') {
      return;
    }
    if (!known) {
      // So that it need not wait for our next sign of life.
      wire.tellNode(run, this.#signOfLife());
    }
    // Who joins knows no more than we do.
    if (this.#all === 'wanted' && state !== 'joining') {
      this.#askForAll(run);
      return;
    }
    const ours = table.sumsOf(run);
    const full = clock.nowMs() - table.droppedAtMs < FULL_MS;
    if ((ours.calls !== calls || ours.digest !== digest) && !full) {
      this.#askForOwn(run);
    }
  }

  #askForAll(run: string): void {
    const { clock, wire, table } = this.#deps;
    this.#all = { of: run, atMs: clock.nowMs() };
    this.counts.clusterRecordsAsked += 1;
    wire.tellNode(run, { type: 'ask', run: this.#run, of: 'all', knows: table.known() });
  }

  #askForOwn(run: string): void {
    const { clock, wire } = this.#deps;
    const atMs = clock.nowMs();
    const before = this.#asked.get(run);
    const isAmongAll = typeof this.#all === 'object' && this.#all.of === run;
    if (isAmongAll || (before !== undefined && atMs - before.atMs < ASK_PAUSE_MS)) {
      return;
    }
    this.#asked.set(run, { atMs, sinceMs: before?.sinceMs ?? atMs });
    this.counts.clusterRecordsAsked += 1;
    wire.tellNode(run, { type: 'ask', run: this.#run, of: 'own' });
  }

  /** Who was asked for everything is gone, or has not answered: another may. */
  #askAgain(): void {
    const { membership, clock } = this.#deps;
    const all = this.#all;
    if (typeof all === 'object') {
      const isThere = membership.get(all.of)?.up === true;
      if (!isThere || clock.nowMs() - all.atMs >= ALL_LIMIT_MS) {
        this.#all = 'wanted';
      }
    }
  }

  #answer(message: AskMessage): void {
    if (!this.#answers.give(message)) {
      this.counts.clusterMessagesRefused.add('asked-too-often');
    }
  }

  #sent({ run, of, count }: SentMessage): void {
    if (of === 'all') {
      if (typeof this.#all === 'object') {
        this.#all = undefined;
        this.#joined?.();
      }
      return;
    }
    const asked = this.#asked.get(run);
    if (asked?.sinceMs !== undefined) {
      this.#asked.set(run, { ...asked, sinceMs: undefined });
      this.#deps.table.sweep(run, asked.sinceMs, count);
    }
  }
}
