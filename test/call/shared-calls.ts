/**
 * What nodes share of their calls, in the memory of one process: who has which, and what another one would need to go on.
 * It believes everybody at once, as no network does; what becomes of views that differ is tested where directories are.
 */

import type { Clock } from '../../src/base/clock.ts';
import type { CallDirectory, Whereabouts } from '../../src/call/call-directory.ts';
import type { CallPlan } from '../../src/call/plan.ts';
import { legKeyOf, legKeysOf, RESTART_RECORD, type RestartRecord } from '../../src/call/restart-record.ts';
import { resumedSeat } from '../../src/call/seating/resumed-seat.ts';
import {
  type Arrival,
  type Elsewhere,
  type ExpectedPlace,
  type NodeSeating,
  RELAYED_ASTRAY,
  type Refusal,
  refused,
  type Seat,
  type SeatingScheme,
} from '../../src/call/seating/seating.ts';

interface Known {
  owner: string;
  record: RestartRecord | undefined;
  /** Given away, and nobody has it yet. */
  released: boolean;
  /** A leg has come to go on with it, and it has not begun yet. */
  awaited?: boolean;
}

/** All that the nodes know together. */
export class SharedCalls {
  readonly calls = new Map<string, Known>();
  readonly ended = new Set<string>();
  /** Where each node that is there is reached. */
  readonly nodes = new Map<string, { readonly host: string; readonly port: number }>();
  readonly lost = new Map<string, (callId: string) => void>();

  /** A node is there from now on, and is reached here. */
  node(name: string, address = { host: '127.0.0.1', port: 9 }): SharedDirectory {
    this.nodes.set(name, address);
    return new SharedDirectory(name, this);
  }
}

export class SharedDirectory implements CallDirectory {
  readonly kept: RestartRecord[] = [];
  /** Nodes that did not answer. */
  readonly unreached: string[] = [];
  /** Times that others heard that new calls are taken or no more. */
  takesCallsToldOf = 0;
  readonly #name: string;
  readonly #shared: SharedCalls;

  constructor(name: string, shared: SharedCalls) {
    this.#name = name;
    this.#shared = shared;
  }

  callOf(legKey: string): string | undefined {
    return [...this.#shared.calls].find(
      ([, { record }]) => record !== undefined && legKeysOf(record).includes(legKey),
    )?.[0];
  }

  whereabouts(callId: string): Whereabouts {
    const known = this.#shared.calls.get(callId);
    if (this.#shared.ended.has(callId)) {
      return { type: 'ended' };
    }
    if (known === undefined) {
      this.#shared.calls.set(callId, { owner: this.#name, record: undefined, released: false });
      return { type: 'here', record: undefined };
    }
    const { owner, record, released } = known;
    if (owner === this.#name && !released) {
      return known.awaited === true && record !== undefined
        ? { type: 'adopt', record }
        : { type: 'here', record };
    }
    const address = this.#shared.nodes.get(owner);
    if (!released && address !== undefined) {
      return { type: 'elsewhere', node: owner, ...address };
    }
    this.#shared.calls.set(callId, { owner: this.#name, record, released: false, awaited: true });
    return record === undefined ? { type: 'here', record } : { type: 'adopt', record };
  }

  refused(node: string): void {
    this.#shared.nodes.delete(node);
  }

  unreachable(node: string): void {
    this.unreached.push(node);
  }

  takesCallsChanged(): void {
    this.takesCallsToldOf += 1;
  }

  keep(record: RestartRecord): void {
    // As over a wire.
    const read = RESTART_RECORD.parse(JSON.parse(JSON.stringify(record)));
    this.kept.push(read);
    const known = this.#shared.calls.get(record.callId);
    if (known?.owner === this.#name) {
      known.record = read;
      known.awaited = false;
    }
  }

  ended(callId: string): void {
    const known = this.#shared.calls.get(callId);
    const isOurs = known?.owner === this.#name && !known.released;
    if (isOurs && known.awaited !== true && known.record !== undefined) {
      this.#shared.calls.delete(callId);
      this.#shared.ended.add(callId);
    }
  }

  notTaken(callId: string): void {
    const known = this.#shared.calls.get(callId);
    if (known?.owner === this.#name && known.record === undefined) {
      this.#shared.calls.delete(callId);
    }
  }

  taker(): string | undefined {
    return [...this.#shared.nodes.keys()].find((name) => name !== this.#name);
  }

  handOver(record: RestartRecord): string | undefined {
    const other = this.taker();
    if (other !== undefined) {
      this.keep(record);
      this.#shared.calls.set(record.callId, { owner: this.#name, record, released: true });
    }
    return other;
  }

  watchLost(listener: (callId: string) => void, signal: AbortSignal): void {
    this.#shared.lost.set(this.#name, listener);
    signal.addEventListener('abort', () => this.#shared.lost.delete(this.#name), { once: true });
  }
}

/** Seats legs as a node of several does. */
export class SharedSeating implements NodeSeating {
  readonly #inner: SeatingScheme;
  readonly #directory: CallDirectory;
  readonly #plan: CallPlan;
  readonly #clock: Clock;

  constructor(inner: SeatingScheme, directory: CallDirectory, plan: CallPlan, clock: Clock) {
    this.#inner = inner;
    this.#directory = directory;
    this.#plan = plan;
    this.#clock = clock;
  }

  async seat(arrival: Arrival): Promise<Seat | Refusal | Elsewhere> {
    const { uuid = '', relayed } = arrival.facts;
    const own = await this.#inner.seat(arrival);
    const callId = this.#directory.callOf(legKeyOf(uuid)) ?? (own.type === 'seat' ? own.callId : undefined);
    if (callId === undefined) {
      return own;
    }
    const where = this.#directory.whereabouts(callId);
    switch (where.type) {
      case 'here':
        return (where.record === undefined ? undefined : this.#resumed(where.record, uuid)) ?? own;
      case 'elsewhere':
        return relayed === true ? refused(RELAYED_ASTRAY, 'it is passed on already') : where;
      case 'ended':
        return refused('ended', 'its call has just ended');
      case 'adopt': {
        const seat = this.#resumed(where.record, uuid) ?? own;
        return seat.type === 'seat' ? { ...seat, resume: where.record } : seat;
      }
    }
  }

  ended(callId: string): void {
    this.#inner.ended(callId);
    this.#directory.ended(callId);
  }

  notTaken(callId: string): void {
    this.#directory.notTaken(callId);
  }

  expected(callId: string): readonly ExpectedPlace[] {
    return this.#inner.expected?.(callId) ?? [];
  }

  #resumed(record: RestartRecord, uuid: string): Seat | undefined {
    return resumedSeat(record, uuid, this.#plan, this.#clock.wallTime());
  }
}
