/** Nodes of one broker on a clock that is moved by hand, each with its directory, as far as calls are known without sound. */

import { silentLog } from '../../src/base/log.ts';
import type { TableLimits } from '../../src/cluster/call-table.ts';
import { ClusterNode, type NodeLoad } from '../../src/cluster/cluster-node.ts';
import type { Placement } from '../../src/cluster/placement.ts';
import { SimBroker, seeded } from './sim-broker.ts';
import { SimClock } from './sim-clock.ts';

export interface SimNodeOptions {
  readonly placement?: Placement;
  readonly limits?: TableLimits;
  /** Whether its engines are being tried still. Default no. */
  readonly starting?: boolean;
}

export class SimNodes {
  readonly clock = new SimClock();
  readonly broker: SimBroker;
  readonly random: () => number;
  #started = 0;

  constructor(seed = 1) {
    this.random = seeded(seed);
    this.broker = new SimBroker(this.clock, this.random);
  }

  /** Starts a node; it takes calls at once. */
  start(name: string, { placement = 'first', limits, starting = false }: SimNodeOptions = {}): SimNode {
    this.#started += 1;
    const run = this.#started.toString(16).padStart(16, '0');
    const wire = this.broker.wire(run);
    const options = { name, run, version: '1', placement, ...(limits === undefined ? {} : { limits }) };
    const node = new ClusterNode(options, wire, this.clock, silentLog);
    this.broker.attach(run, node);
    return new SimNode(name, run, node, this, starting);
  }

  /** Several, that know each other. */
  startAll(...names: readonly string[]): readonly SimNode[] {
    const nodes = names.map((name) => this.start(name));
    this.clock.run(1_000);
    return nodes;
  }
}

export class SimNode {
  readonly name: string;
  readonly run: string;
  readonly node: ClusterNode;
  load: NodeLoad;
  /** Whether it was asked to take no calls, and by whom. */
  held: readonly [boolean, string] | undefined;
  readonly #nodes: SimNodes;

  constructor(name: string, run: string, node: ClusterNode, nodes: SimNodes, starting: boolean) {
    this.load = { legs: 0, maxLegs: 1_000, draining: false, starting };
    this.name = name;
    this.run = run;
    this.node = node;
    this.#nodes = nodes;
    void node.join();
    node.serve({
      ...{ host: '10.0.0.1', port: 5050, http: undefined },
      load: () => this.load,
      hold: (held, by) => {
        this.held = [held, by];
        this.load = { ...this.load, draining: held };
        this.directory.takesCallsChanged();
      },
    });
  }

  get directory() {
    return this.node.directory;
  }

  /** As a process that is killed: it says nothing more. */
  kill(): void {
    this.#nodes.broker.detach(this.run);
    // Its timers would run on.
    this.node.close();
  }
}
