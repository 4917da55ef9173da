/**
 * One node among several, without its link: what it knows of the others and of all calls, put together. It says what it is
 * itself from {@link ClusterNode.join} on; others send it legs once it {@link ClusterNode.serve}s.
 */

import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import { LongWork } from '../base/long-work.ts';
import { SparseLog } from '../base/sparse-log.ts';
import { CallTable, type TableLimits } from './call-table.ts';
import type { ClusterMessage, ClusterWire, NodeState } from './cluster-messages.ts';
import { Directory } from './directory.ts';
import { EndedCalls } from './ended-calls.ts';
import { Gossip, type OwnState } from './gossip.ts';
import { type Member, type MemberChange, Membership } from './membership.ts';
import type { HeldNode, NodesView, NodeView, SharedCallView } from './nodes-view.ts';
import type { Placement } from './placement.ts';
import { ShownCalls, shownMember, shownSelf } from './shown-nodes.ts';

export interface ClusterNodeOptions {
  /** By which it is known to people, and by which calls find it: no two nodes have the same. */
  readonly name: string;
  /** This life of it: 16 hexadecimal digits. */
  readonly run: string;
  /** Of dragoman. */
  readonly version: string;
  readonly placement: Placement;
  /** Default: those of {@link CallTable}. */
  readonly limits?: TableLimits;
}

/** How much a node carries. */
export interface NodeLoad {
  readonly legs: number;
  readonly maxLegs: number;
  readonly draining: boolean;
  /** Whether its engines are being tried still. */
  readonly starting: boolean;
}

/** A node that takes calls. */
export interface ServingNode {
  /** Where other nodes reach its AudioSocket listener. */
  readonly host: string;
  readonly port: number;
  /** Where its API is served, `host:port`; undefined: nowhere. */
  readonly http: string | undefined;
  readonly load: () => NodeLoad;
  /** Somebody at another node wants no new calls here for a while, or wants them again: say so to the directory. */
  readonly hold: (held: boolean, by: string) => void;
}

/** Nodes that come, go or are lost, each in a line, in ten seconds: more are a large fleet that is started, or made up. */
const MOST_LINES = 20;

const NO_LOAD: NodeLoad = { legs: 0, maxLegs: 0, draining: false, starting: true };

/** How long a node may take to say that it takes no new calls, in ms, and how often is looked. */
const HOLD_LIMIT_MS = 2_000;
const HOLD_LOOK_MS = 20;

export class ClusterNode implements Counted, Omit<NodesView, 'link'> {
  readonly counts = {
    /** Nodes that fell silent or could not be reached. */
    clusterNodesLost: 0,
  };
  readonly directory: Directory;
  readonly membership: Membership;
  readonly table: CallTable;
  readonly #options: ClusterNodeOptions;
  readonly #startedAtMs: number;
  readonly #log: SparseLog<MemberChange | 'our-name'>;
  readonly #gossip: Gossip;
  readonly #wire: ClusterWire;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  readonly #shown = new ShownCalls();
  #serving: ServingNode | undefined;
  /** What it said of itself last, and when that began, on the clock. */
  #said: { readonly state: NodeState; readonly sinceMs: number } | undefined;

  constructor(options: ClusterNodeOptions, wire: ClusterWire, clock: Clock, log: Log) {
    this.#options = options;
    this.#startedAtMs = clock.wallTime().getTime();
    this.#log = new SparseLog(log, clock, MOST_LINES);
    this.#wire = wire;
    this.#clock = clock;
    const { name, run, placement, limits } = options;
    this.membership = new Membership(clock, (change, member) => this.#changed(change, member));
    this.table = new CallTable(run, clock, limits);
    const endedCalls = new EndedCalls(clock);
    const shared = { table: this.table, endedCalls, membership: this.membership, wire, clock };
    const takesCalls = (): boolean => {
      const { legs, maxLegs, draining } = this.#load;
      return !draining && legs < maxLegs;
    };
    const own = { name, run, takesCalls, say: () => this.#gossip.say() };
    this.directory = new Directory(placement, { ...shared, own, log });
    this.#gossip = new Gossip({
      ...shared,
      directory: this.directory,
      own: () => this.own(),
      hold: (held, by) => this.#serving?.hold(held, by),
    });
  }

  get parts(): readonly Counted[] {
    return [this.table, this.directory, this.#gossip];
  }

  /** What this node says of itself, with each sign of life. */
  own(): OwnState {
    const { name, run, version } = this.#options;
    const { legs, maxLegs, draining, starting } = this.#load;
    const { host = '-', port = 0, http = '' } = this.#serving ?? {};
    const state: NodeState = draining ? 'draining' : starting ? 'joining' : 'up';
    if (this.#said?.state !== state) {
      this.#said = { state, sinceMs: this.#clock.nowMs() };
    }
    return { name, run, startedAtMs: this.#startedAtMs, state, host, port, http, version, legs, maxLegs };
  }

  /** Begins to be heard. @returns when what others know is known here, or is not to be had in 2 s. */
  join(): Promise<void> {
    return this.#gossip.join();
  }

  /** From now on legs may come here. */
  serve(serving: ServingNode): void {
    this.#serving = serving;
    this.#gossip.say();
  }

  take(message: ClusterMessage): void {
    this.#gossip.take(message);
  }

  linkLost(): void {
    this.#gossip.linkLost();
  }

  linkBack(): void {
    this.#gossip.linkBack();
  }

  /** The link is there and nothing comes by it, or does so again: what others have said meanwhile is still to come. */
  linkStalled(is: boolean): void {
    if (is) {
      this.membership.linkLost();
    } else {
      this.membership.linkBack();
    }
  }

  get records(): number {
    return this.table.size;
  }

  nodes(): readonly NodeView[] {
    const nowMs = this.#clock.nowMs();
    const own = this.own();
    const ownForMs = Math.round(nowMs - (this.#said?.sinceMs ?? nowMs));
    const self = shownSelf(own, ownForMs, this.table.sumsOf(this.#options.run).calls);
    const others = [...this.membership.members]
      .map((member) => shownMember(member, nowMs))
      .filter((node) => node !== undefined);
    return [self, ...others.sort((one, other) => one.name.localeCompare(other.name))];
  }

  async calls(most: number): Promise<readonly SharedCallView[]> {
    const work = new LongWork(this.#clock);
    const calls: SharedCallView[] = [];
    for (const entry of this.table.latestBegun(most)) {
      const call = this.#shown.of(entry);
      if (call !== undefined) {
        calls.push(call);
      }
      if (work.isPauseDue) {
        await work.pause();
      }
    }
    return calls;
  }

  async hold(name: string, held: boolean, by: string): Promise<HeldNode> {
    if (name === this.#options.name) {
      this.#serving?.hold(held, by);
      return this.#serving === undefined ? 'no-answer' : 'done';
    }
    const run = [...this.membership.up()].find((member) => member.name === name)?.run;
    if (run === undefined) {
      return 'not-there';
    }
    this.#wire.tellNode(run, { type: 'hold', held, by });
    const untilMs = this.#clock.nowMs() + HOLD_LIMIT_MS;
    for (;;) {
      const state = this.membership.get(run)?.said?.state;
      if ((state === 'draining') === held) {
        return 'done';
      }
      if (this.#clock.nowMs() >= untilMs) {
        return 'no-answer';
      }
      await this.#clock.sleep(HOLD_LOOK_MS, this.#closed.signal);
    }
  }

  /** Says that it ends, and says nothing more. Idempotent. */
  close(): void {
    this.#closed.abort();
    this.#gossip.close();
    this.directory.close();
  }

  get #load(): NodeLoad {
    return this.#serving?.load() ?? NO_LOAD;
  }

  #changed(change: MemberChange, { name, said }: Member): void {
    const fields = { node: name, calls: said?.calls, version: said?.version };
    switch (change) {
      case 'lost':
        this.counts.clusterNodesLost += 1;
        this.#log.warn(
          change,
          fields,
          'a node of the cluster is lost: its calls go on wherever their legs come to',
        );
        break;
      case 'joined':
        this.#log.info(change, fields, 'a node is in the cluster');
        break;
      case 'back':
        this.#log.info(change, fields, 'a node of the cluster is back');
        break;
      case 'left':
        this.#log.info(change, fields, 'a node has left the cluster');
        break;
    }
    if (name === this.#options.name && change === 'joined') {
      this.#log.error(
        'our-name',
        { node: name },
        'another node of the cluster has our name: give each its own with --node-name',
      );
    }
  }
}
