/**
 * A fleet under its dialplans, simulated: calls of two legs that dial, are passed on, go on elsewhere and end, on nodes that
 * are started, killed, stand still and drain, over a broker that is slow, loses messages, splits or is away. The nodes are the
 * real ones, but for sound and sockets; what each leg finds is told at the end.
 */

import type { RestartRecord } from '../../src/call/restart-record.ts';
import type { Placement } from '../../src/cluster/placement.ts';
import { aRecord } from './a-record.ts';
import { type BrokerFaults, WELL } from './sim-broker.ts';
import { type SimNode, SimNodes } from './sim-nodes.ts';

export interface FleetOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly calls: number;
  /** In which all calls begin, and all faults, in ms. */
  readonly spanMs: number;
  /** How long a call lasts, in ms: from, and up to. */
  readonly callMs: readonly [number, number];
  /**
   * Where legs dial. `inherited`: both legs of a call to the same node, the next one when it is lost, as in the dialplan.
   * `anywhere`: any node, each time.
   */
  readonly dialling: 'inherited' | 'anywhere';
  readonly placement: Placement;
  /** Of each kind, spread over the span. */
  readonly faults: {
    readonly kills: number;
    readonly freezes: number;
    readonly drains: number;
    readonly joins: number;
    readonly splits: number;
    readonly slow: number;
    readonly away: number;
    /** Times that the broker passes nothing on for a while, and all of it then. */
    readonly stands: number;
    /** Times that what comes to some nodes, or what they say, is late. */
    readonly late: number;
    /** Times that a quarter of the nodes dies at once, and is started anew in one moment. */
    readonly waves: number;
  };
}

export const NO_FAULTS: FleetOptions['faults'] = {
  ...{ kills: 0, freezes: 0, drains: 0, joins: 0, splits: 0, slow: 0, away: 0, late: 0, waves: 0, stands: 0 },
};

/** How long after the last fault the fleet has to find to itself, in ms: longer than anything takes that mends. */
const QUIET_MS = 20_000;
/** What the last words may take to be heard, in ms. */
const LAST_MS = 1_000;
/** What a dialplan takes to dial again, in ms. */
const DIAL_MS: readonly [number, number] = [40, 190];
/** From a leg's arrival to its place in the call, in ms. */
const SEAT_MS: readonly [number, number] = [0, 20];
/** What a call that nobody is in is kept for, in ms: `--rejoin`. */
const REJOIN_MS = 3_000;
/** A process that stands still is killed after that, in ms. */
const WATCHDOG_MS = 2_000;
/** From one change of a call to the next, in ms. */
const CHANGE_MS: readonly [number, number] = [2_000, 6_000];
const SLOW: BrokerFaults = { delayMs: [20, 700], loss: 0.15 };
/** How long a fault of the broker lasts, in ms. */
const FAULT_MS: readonly [number, number] = [2_000, 8_000];
/** How long the broker is away, in ms: longer, too, than ended calls are remembered. */
const AWAY_MS: readonly [number, number] = [2_000, 20_000];
/** How late what comes to some nodes is, or what they say, in ms, and how often that changes. */
const LATE_MS: readonly [number, number] = [100, 3_000];
const LATE_CHANGE_MS: readonly [number, number] = [300, 2_000];
/** Share of the nodes that is late at a time, and of those that die in one wave. */
const SOME = 0.25;
/** What a quarter of the nodes takes to be there again, in ms. */
const RESTART_MS: readonly [number, number] = [500, 5_000];
/** How long before the end nobody asks anybody any more, in ms. */
const SILENT_END_MS = 5_000;
const MOST_NODES_TRIED = 3;

interface Leg {
  readonly call: Call;
  /** The node that has it, and the one that passes it on to that, if one does. */
  at: Host | undefined;
  via: Host | undefined;
  tries: number;
  /** When it was without a place first, in ms; undefined while it has one. */
  outSinceMs: number | undefined;
}

interface Call {
  readonly id: string;
  readonly legs: Leg[];
  readonly firstNode: number;
  over: boolean;
}

interface Host {
  readonly sim: SimNode;
  readonly calls: Map<string, Running>;
  alive: boolean;
  frozen: boolean;
}

interface Running {
  readonly legs: Set<Leg>;
  change: number;
  emptySinceMs: number | undefined;
}

export class SimFleet {
  readonly nodes: SimNodes;
  readonly told = {
    placed: 0,
    passedOn: 0,
    adopted: 0,
    /** Calls of ours that another node had by right. */
    yielded: 0,
    handedOver: 0,
    dialledAgain: 0,
    /** Calls that ended because a leg was told that its call was over, which it was not. */
    cutOff: 0,
  };
  /** How long each leg was without a place that had lost one, in ms. */
  readonly outagesMs: number[] = [];
  readonly calls: Call[] = [];
  readonly #hosts: Host[] = [];
  readonly #options: FleetOptions;
  #named = 0;
  #closing = false;
  #faultsOver = false;
  /** Times that nodes asked each other when all should be known. */
  #askedLast = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.nodes = new SimNodes(options.seed);
    for (let node = 0; node < options.nodes; node += 1) {
      this.#start();
    }
  }

  /** Runs it all, and then the quiet in which it has to come right. */
  run(): void {
    const { spanMs, calls } = this.#options;
    this.#clock.run(2_000);
    for (let number = 0; number < calls; number += 1) {
      this.#after(this.#between([0, spanMs]), () => this.#begin(number));
    }
    this.#planFaults();
    this.#clock.run(spanMs);
    this.nodes.broker.faults = WELL;
    this.nodes.broker.heal();
    this.nodes.broker.away = false;
    this.nodes.broker.standing = false;
    this.#faultsOver = true;
    this.#clock.run(QUIET_MS - SILENT_END_MS);
    const askedBefore = this.asked;
    this.#clock.run(SILENT_END_MS);
    this.#askedLast = this.asked - askedBefore;
    // Nobody hangs up any more: what was said last is still on its way.
    this.#closing = true;
    this.#clock.run(LAST_MS);
  }

  /** What is not as it has to be; empty when all is. */
  problems(): readonly string[] {
    const problems: string[] = [];
    const alive = this.#hosts.filter((host) => host.alive);
    const owners = new Map<string, Host[]>();
    for (const host of alive) {
      for (const callId of host.calls.keys()) {
        owners.set(callId, [...(owners.get(callId) ?? []), host]);
      }
    }
    for (const call of this.calls) {
      const hosts = owners.get(call.id) ?? [];
      if (call.over) {
        if (hosts.length > 0) {
          problems.push(`${call.id} is over, and runs at ${named(hosts)}`);
        }
        continue;
      }
      const at = new Set(call.legs.map((leg) => leg.at));
      if (call.legs.some((leg) => leg.at === undefined)) {
        problems.push(
          `a leg of ${call.id} waits still, after ${call.legs.map(({ tries }) => tries).join(' and ')} dials`,
        );
      } else if (at.size !== 1 || hosts.length !== 1) {
        problems.push(`${call.id} runs at ${named(hosts)}, and its legs are at ${named([...at])}`);
      }
      const [owner] = hosts;
      for (const { sim } of alive) {
        const entry = sim.node.table.get(call.id);
        if (entry?.run !== owner?.sim.run) {
          problems.push(
            `${sim.name} thinks that ${call.id} is at ${entry?.node}, and it is at ${owner?.sim.name}`,
          );
        }
      }
    }
    if (this.#askedLast > 0) {
      problems.push(`nodes asked each other ${this.#askedLast} times when all was quiet`);
    }
    const living = new Set(this.calls.filter(({ over }) => !over).map(({ id }) => id));
    const runs = new Set(alive.map(({ sim }) => sim.run));
    for (const { sim } of alive) {
      for (const { callId, run, node, released } of sim.node.table.all()) {
        if (!living.has(callId) && runs.has(run) && !released) {
          problems.push(`${sim.name} keeps ${callId} of ${node}, which is over`);
        }
      }
    }
    return problems;
  }

  /** Records that the node has that knows of most. */
  get mostRecords(): number {
    return Math.max(...this.#hosts.filter(({ alive }) => alive).map(({ sim }) => sim.node.table.size));
  }

  /** Times that nodes asked each other for what they had not heard. */
  get asked(): number {
    const counted = this.#hosts.flatMap(({ sim }) =>
      sim.node.parts.map(({ counts }) => counts.clusterRecordsAsked),
    );
    return counted.reduce((sum: number, count) => sum + Number(count ?? 0), 0);
  }

  get #clock() {
    return this.nodes.clock;
  }

  #between([least, most]: readonly [number, number]): number {
    return least + this.nodes.random() * (most - least);
  }

  #after(delayMs: number, then: () => void): void {
    this.#clock.at(this.#clock.nowMs() + delayMs, then);
  }

  #any<T>(of: readonly T[]): T | undefined {
    return of[Math.floor(this.nodes.random() * of.length)];
  }

  #start(): Host {
    this.#named += 1;
    const sim = this.nodes.start(`n${this.#named}`, { placement: this.#options.placement });
    const host: Host = { sim, calls: new Map(), alive: true, frozen: false };
    sim.directory.watchLost((callId) => {
      const running = host.calls.get(callId);
      if (running !== undefined) {
        this.told.yielded += 1;
        this.#leave(host, callId, running);
      }
    }, new AbortController().signal);
    this.#hosts.push(host);
    return host;
  }

  #begin(number: number): void {
    const id = `${this.#options.seed}-${number}`.padStart(35, '0');
    const call: Call = {
      id,
      legs: [],
      firstNode: Math.floor(this.nodes.random() * this.#hosts.length),
      over: false,
    };
    this.calls.push(call);
    for (let leg = 0; leg < 2; leg += 1) {
      const made: Leg = { call, at: undefined, via: undefined, tries: 0, outSinceMs: this.#clock.nowMs() };
      call.legs.push(made);
      this.#after(leg * this.#between([0, 60]), () => this.#dial(made));
    }
    this.#after(this.#between(this.#options.callMs), () => {
      if (!this.#closing) {
        this.#hangUp(call);
      }
    });
  }

  /** A party hangs up: both legs end, wherever they are. */
  #hangUp(call: Call): void {
    call.over = true;
    for (const leg of call.legs) {
      const host = leg.at;
      leg.at = undefined;
      leg.via = undefined;
      const running = host?.calls.get(call.id);
      if (host !== undefined && running?.legs.delete(leg) && running.legs.size === 0) {
        host.calls.delete(call.id);
        host.sim.directory.ended(call.id);
      }
    }
  }

  #dialSoon(leg: Leg): void {
    leg.at = undefined;
    leg.via = undefined;
    leg.outSinceMs ??= this.#clock.nowMs();
    this.told.dialledAgain += 1;
    this.#after(this.#between(DIAL_MS), () => this.#dial(leg));
  }

  #dial(leg: Leg): void {
    if (leg.call.over) {
      return;
    }
    const host =
      this.#options.dialling === 'inherited'
        ? this.#hosts[(leg.call.firstNode + leg.tries) % this.#hosts.length]
        : this.#any(this.#hosts);
    // The next dial goes to the next node, whatever becomes of this one.
    leg.tries += 1;
    if (host?.alive === true) {
      this.#connect(leg, host);
    } else {
      this.#dialSoon(leg);
    }
  }

  /** A leg has come to a node, which may pass it on. */
  #connect(leg: Leg, host: Host, tried = 1): void {
    if (leg.call.over) {
      return;
    }
    if (!host.alive) {
      this.#dialSoon(leg);
      return;
    }
    if (host.frozen) {
      this.#after(100, () => this.#connect(leg, host, tried));
      return;
    }
    const where = host.sim.directory.whereabouts(leg.call.id);
    if (where.type !== 'elsewhere') {
      this.#arrive(leg, host, undefined, where);
      return;
    }
    const other = this.#hosts.findLast(({ sim }) => sim.name === where.node);
    this.#after(1, () => {
      if (other === undefined || !other.alive || other.frozen) {
        if (other?.frozen === true) {
          host.sim.directory.unreachable(where.node);
        } else {
          host.sim.directory.refused(where.node);
        }
        if (tried === MOST_NODES_TRIED) {
          this.#dialSoon(leg);
        } else {
          this.#connect(leg, host, tried + 1);
        }
        return;
      }
      const there = other.sim.directory.whereabouts(leg.call.id, { relayed: true });
      if (there.type === 'elsewhere') {
        // It is passed on once only.
        this.#dialSoon(leg);
      } else {
        this.told.passedOn += 1;
        this.#arrive(leg, other, host, there);
      }
    });
  }

  #arrive(
    leg: Leg,
    host: Host,
    via: Host | undefined,
    where: { type: string; record?: RestartRecord | undefined },
  ): void {
    if (where.type === 'ended') {
      if (!leg.call.over) {
        this.told.cutOff += 1;
        this.#hangUp(leg.call);
      }
      return;
    }
    this.#after(this.#between(SEAT_MS), () => {
      if (leg.call.over) {
        return;
      }
      if (!host.alive || via?.alive === false) {
        this.#dialSoon(leg);
        return;
      }
      let running = host.calls.get(leg.call.id);
      if (running === undefined) {
        running = { legs: new Set(), change: 0, emptySinceMs: undefined };
        host.calls.set(leg.call.id, running);
        this.told.adopted += where.type === 'adopt' ? 1 : 0;
        const begun = running;
        // The first record is told when the leg is there.
        this.#after(0, () => this.#keep(leg.call.id, host, begun));
      }
      running.legs.add(leg);
      leg.at = host;
      leg.via = via;
      this.told.placed += 1;
      if (leg.tries > 1 && leg.outSinceMs !== undefined) {
        this.outagesMs.push(this.#clock.nowMs() - leg.outSinceMs);
      }
      leg.outSinceMs = undefined;
    });
  }

  /** A call changes now and then, and is over when nobody is in it for long. */
  #keep(callId: string, host: Host, running: Running): void {
    if (!host.alive || host.calls.get(callId) !== running) {
      return;
    }
    if (!host.frozen) {
      running.change += 1;
      host.sim.directory.keep(aRecord(callId, [], running.change));
      this.#endWhenEmpty(callId, host, running);
    }
    this.#after(this.#between(CHANGE_MS), () => this.#keep(callId, host, running));
  }

  #endWhenEmpty(callId: string, host: Host, running: Running): void {
    const nowMs = this.#clock.nowMs();
    if (running.legs.size > 0) {
      running.emptySinceMs = undefined;
    } else if (running.emptySinceMs === undefined) {
      running.emptySinceMs = nowMs;
    } else if (nowMs - running.emptySinceMs >= REJOIN_MS) {
      host.calls.delete(callId);
      host.sim.directory.ended(callId);
    }
  }

  /** Its legs go to dial again. */
  #leave(host: Host, callId: string, running: Running): void {
    host.calls.delete(callId);
    host.sim.directory.ended(callId);
    for (const leg of running.legs) {
      this.#dialSoon(leg);
    }
  }

  #kill(host: Host): void {
    if (!host.alive) {
      return;
    }
    host.alive = false;
    host.sim.kill();
    const legs = this.calls.flatMap((call) => (call.over ? [] : call.legs));
    for (const leg of legs) {
      if (leg.at === host || leg.via === host) {
        leg.at?.calls.get(leg.call.id)?.legs.delete(leg);
        this.#dialSoon(leg);
      }
    }
    host.calls.clear();
  }

  #freeze(host: Host): void {
    host.frozen = true;
    this.nodes.broker.detach(host.sim.run);
    this.#after(WATCHDOG_MS, () => this.#kill(host));
  }

  /** Gives its calls away, a few at a time, and ends. */
  #drain(host: Host): void {
    host.sim.load = { ...host.sim.load, draining: true };
    const step = (): void => {
      if (!host.alive) {
        return;
      }
      for (const [callId, running] of [...host.calls].slice(0, 20)) {
        if (host.sim.directory.handOver(aRecord(callId, [], running.change + 1)) !== undefined) {
          this.told.handedOver += 1;
          this.#leave(host, callId, running);
        }
      }
      if (host.calls.size > 0) {
        this.#after(100, step);
        return;
      }
      host.sim.node.close();
      this.#after(50, () => this.#kill(host));
    };
    step();
  }

  /** What comes to it or what it says is late for a while, now more and now less. */
  #beLate(host: Host, way: 'coming' | 'going', untilMs: number): void {
    const isOver = this.#faultsOver || this.#clock.nowMs() >= untilMs;
    this.nodes.broker.late(host.sim.run, way, isOver ? 0 : this.#between(LATE_MS));
    if (!isOver) {
      this.#after(this.#between(LATE_CHANGE_MS), () => this.#beLate(host, way, untilMs));
    }
  }

  #planFaults(): void {
    const { faults, spanMs, nodes } = this.#options;
    const { broker } = this.nodes;
    const plan = (times: number, fault: () => void): void => {
      for (let time = 0; time < times; time += 1) {
        this.#after(this.#between([1_000, spanMs - 1_000]), fault);
      }
    };
    // Half of the fleet stays at least, and for each node that ends another is started.
    const withOne = (act: (host: Host) => void) => () => {
      const alive = this.#hosts.filter((host) => host.alive && !host.frozen && !host.sim.load.draining);
      const host = this.#any(alive);
      if (host !== undefined && alive.length > nodes / 2) {
        act(host);
        this.#after(this.#between([500, 5_000]), () => this.#start());
      }
    };
    plan(
      faults.kills,
      withOne((host) => this.#kill(host)),
    );
    plan(
      faults.freezes,
      withOne((host) => this.#freeze(host)),
    );
    plan(
      faults.drains,
      withOne((host) => this.#drain(host)),
    );
    plan(faults.joins, () => this.#start());
    plan(faults.splits, () => {
      broker.split(() => (this.nodes.random() < 0.5 ? 1 : 2));
      this.#after(this.#between(FAULT_MS), () => broker.heal());
    });
    plan(faults.slow, () => {
      broker.faults = SLOW;
      this.#after(this.#between(FAULT_MS), () => {
        broker.faults = WELL;
      });
    });
    plan(faults.late, () => {
      for (const host of this.#hosts.filter(({ alive }) => alive && this.nodes.random() < SOME)) {
        const untilMs = this.#clock.nowMs() + this.#between(FAULT_MS);
        this.#beLate(host, this.nodes.random() < 0.5 ? 'coming' : 'going', untilMs);
      }
    });
    plan(faults.waves, () => {
      const alive = this.#hosts.filter((host) => host.alive && !host.frozen && !host.sim.load.draining);
      const most = Math.max(0, alive.length - Math.ceil(nodes / 2));
      const gone = alive.filter(() => this.nodes.random() < SOME).slice(0, most);
      for (const host of gone) {
        this.#kill(host);
      }
      this.#after(this.#between(RESTART_MS), () => {
        for (const _ of gone) {
          this.#start();
        }
      });
    });
    plan(faults.stands, () => {
      broker.standing = true;
      this.#after(this.#between(FAULT_MS), () => {
        broker.standing = false;
      });
    });
    plan(faults.away, () => {
      broker.away = true;
      this.#after(this.#between(AWAY_MS), () => {
        broker.away = false;
      });
    });
  }
}

function named(hosts: readonly (Host | undefined)[]): string {
  return hosts.map((host) => host?.sim.name ?? 'none').join(' and ') || 'none';
}
