/** This node among the others over a broker: opened before its doors, closed after them. */

import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import type { CallPlan } from '../call/plan.ts';
import type { Promising } from '../call/seating/arranged-seating.ts';
import { ClusterNode, type ClusterNodeOptions, type ServingNode } from './cluster-node.ts';
import { ClusterSeating, type HomeSeating } from './cluster-seating.ts';
import type { Directory } from './directory.ts';
import { LegPlaces, SharedPromises } from './leg-places.ts';
import type { NatsAddress, NatsCredentials } from './nats/nats-address.ts';
import { NatsLink } from './nats/nats-link.ts';
import { NatsPlaces } from './nats/nats-places.ts';
import type { HeldNode, LinkView, NodesView, NodeView, SharedCallView } from './nodes-view.ts';

export interface ClusterOptions extends Omit<ClusterNodeOptions, 'run'>, NatsAddress {
  readonly credentials?: NatsCredentials | undefined;
  /** A file with the certificates that sign the broker's; undefined: those of this machine. */
  readonly caFile?: string | undefined;
}

const RUN_BYTES = 8;

export class Cluster implements Counted, NodesView {
  readonly counts = {};
  readonly #clock: Clock;
  readonly #node: ClusterNode;
  readonly #link: NatsLink;
  readonly #places: LegPlaces;
  readonly #store: NatsPlaces;

  /** Connects and hears what others know, for 4 s at the most; where there is no broker it goes on without, and tries again. */
  static async open(options: ClusterOptions, clock: Clock, log: Log): Promise<Cluster> {
    const cluster = new Cluster(options, clock, log);
    await cluster.#link.open();
    await Promise.all([cluster.#node.join(), cluster.#store.open()]);
    return cluster;
  }

  private constructor(options: ClusterOptions, clock: Clock, log: Log) {
    this.#clock = clock;
    const run = randomBytes(RUN_BYTES).toString('hex');
    this.#link = new NatsLink(
      { ...options, run },
      {
        message: (message) => this.#node.take(message),
        back: () => this.#node.linkBack(),
        lost: () => {
          this.#node.linkLost();
          this.#store.lost();
        },
        stalled: (is) => this.#node.linkStalled(is),
      },
      clock,
      log,
    );
    this.#node = new ClusterNode({ ...options, run }, this.#link, clock, log);
    const own = { node: options.name, run };
    this.#places = new LegPlaces(own, this.#node.membership, clock);
    this.#store = new NatsPlaces(this.#link, own, this.#places, options.servers.length, clock, log);
  }

  get parts(): readonly Counted[] {
    return [this.#node, this.#link, this.#places, this.#store];
  }

  get link(): LinkView {
    const { connected, trouble } = this.#link;
    return { connected, trouble };
  }

  get records(): number {
    return this.#node.records;
  }

  nodes(): readonly NodeView[] {
    return this.#node.nodes();
  }

  calls(most: number): Promise<readonly SharedCallView[]> {
    return this.#node.calls(most);
  }

  hold(name: string, held: boolean, by: string): Promise<HeldNode> {
    return this.#node.hold(name, held, by);
  }

  get directory(): Directory {
    return this.#node.directory;
  }

  /** Whether a call that is registered here now is found by the other nodes. */
  get sharesLegs(): boolean {
    return this.#store.ready;
  }

  /** What is promised here is known to all nodes. */
  promising(home: Promising): Promising {
    return new SharedPromises(home, this.#store);
  }

  /** Seats legs wherever their calls are. @param home seats those whose call is here. @param plan of calls of this node. */
  seating(home: HomeSeating, plan: CallPlan): ClusterSeating {
    return new ClusterSeating(home, this.directory, plan, this.#places, this.#clock);
  }

  /** From now on legs may come here. */
  serve(serving: ServingNode): void {
    this.#node.serve(serving);
  }

  /** Others are told that it ends. Idempotent. */
  async close(): Promise<void> {
    this.#node.close();
    await this.#store.close();
    await this.#link.close();
  }
}
