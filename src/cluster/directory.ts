/**
 * Where calls live: what this node's switchboard asks and tells, answered from this node's memory. What others say comes in
 * by {@link Directory.take}; what they are to know goes out by the wire. A call has one node at a time; where two have begun
 * it or gone on with it, because neither knew of the other, both find the same one of them (`claims.ts`).
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import { SparseLog } from '../base/sparse-log.ts';
import type { CallDirectory, ComingLeg, Whereabouts } from '../call/call-directory.ts';
import { legKeysOf, type RestartRecord } from '../call/restart-record.ts';
import type { CallTable } from './call-table.ts';
import type { CallEntry, CallMessage, ClusterWire, OverMessage } from './cluster-messages.ts';
import { type EndedCalls, isOver } from './ended-calls.ts';
import type { Member, Membership } from './membership.ts';
import type { Placement } from './placement.ts';
import { readRecord } from './read-record.ts';
import { firstChoice } from './rendezvous.ts';

/** How long a call is ours that a leg has come for and that has not begun, in ms. */
export const CLAIM_MS = 10_000;
/** How long a call that was given away may wait for its legs to dial again, in ms. */
export const RELEASED_MS = 30_000;
/**
 * How long others may take to hear that a call was given away, in ms: whose leg they pass on to us until then dials again, and
 * finds it elsewhere. Of two dials that are passed on so, 0.1 s apart, the second is to come back all the same.
 */
const TELLING_MS = 200;

/** What this node is, as the directory needs to know. */
export interface OwnNode {
  readonly name: string;
  readonly run: string;
  /** Whether new calls are taken here now: it neither drains nor is full. */
  readonly takesCalls: () => boolean;
  /** Says now how it is. */
  readonly say: () => void;
}

interface AwaitedCall {
  readonly timer: Timer;
  /** As it was at another node; undefined: it is new. */
  readonly adopted: CallEntry | undefined;
  /** Legs that may begin it, or go on with it. */
  legs: number;
}

export interface DirectoryDeps {
  readonly own: OwnNode;
  readonly table: CallTable;
  readonly endedCalls: EndedCalls;
  readonly membership: Membership;
  readonly wire: ClusterWire;
  readonly clock: Clock;
  readonly log: Log;
}

export class Directory implements CallDirectory, Counted {
  readonly counts = {
    /** Calls of ours that another node had by right. */
    clusterCallsLost: 0,
    /** Records of calls to go on with that could not be read, so that the call began anew. */
    clusterRecordsUnreadable: 0,
  };
  readonly #deps: DirectoryDeps;
  readonly #placement: Placement;
  readonly #sparse: SparseLog<'unreadable'>;
  /** Calls of ours that have not begun, or not gone on, here yet; whichever waits longest is first. */
  readonly #awaited = new Map<string, AwaitedCall>();
  /** Calls that we gave away and nobody has gone on with yet, until they are over. */
  readonly #released = new Map<string, { readonly timer: Timer; readonly sinceMs: number }>();
  /** What was kept last of the calls that run here. */
  readonly #records = new Map<string, RestartRecord>();
  readonly #lostListeners = new Set<(callId: string) => void>();

  constructor(placement: Placement, deps: DirectoryDeps) {
    this.#placement = placement;
    this.#deps = deps;
    this.#sparse = new SparseLog(deps.log, deps.clock);
  }

  callOf(legKey: string): string | undefined {
    return this.#deps.table.callOf(legKey);
  }

  whereabouts(callId: string, leg: ComingLeg = {}): Whereabouts {
    const { stays = false, promised = false, relayed = false, legKey } = leg;
    const { endedCalls, table } = this.#deps;
    if (endedCalls.has(callId) && (legKey === undefined || endedCalls.had(callId, legKey))) {
      return { type: 'ended' };
    }
    const entry = table.get(callId);
    if (entry === undefined) {
      return this.#whereNew(callId, stays || promised);
    }
    if (this.#isOurs(entry)) {
      const awaited = this.#awaited.get(callId);
      if (awaited !== undefined) {
        awaited.legs += 1;
      }
      const adopted = awaited?.adopted;
      const record = adopted === undefined ? undefined : this.#read(adopted);
      return record === undefined
        ? { type: 'here', record: this.#records.get(callId) }
        : { type: 'adopt', record };
    }
    return this.#whereOfOthers(entry, stays, relayed);
  }

  refused(node: string): void {
    this.#deps.membership.refused(node);
  }

  unreachable(node: string): void {
    this.#deps.membership.unreachable(node);
  }

  takesCallsChanged(): void {
    this.#deps.own.say();
  }

  keep(record: RestartRecord): void {
    const { callId } = record;
    const entry = this.#deps.table.get(callId);
    if (entry === undefined) {
      // Nobody asked for it: its legs cannot come elsewhere.
      return;
    }
    if (!this.#isOurs(entry)) {
      if (entry.run !== this.#deps.own.run) {
        // It was lost to another node before it had begun here.
        this.#tellLost(callId);
      }
      return;
    }
    this.#noLongerAwaited(callId);
    this.#records.set(callId, record);
    this.#tell({
      ...entry,
      change: entry.change + 1,
      legKeys: legKeysOf(record),
      record: JSON.stringify(record),
    });
  }

  ended(callId: string): void {
    const entry = this.#deps.table.get(callId);
    // Of a call that has not begun another leg may be on its way: it stays ours until nobody has begun it in time.
    if (entry !== undefined && this.#isOurs(entry) && !this.#awaited.has(callId)) {
      this.#records.delete(callId);
      this.#over({ ...claimOf(entry), type: 'over', ended: true });
    }
  }

  notTaken(callId: string): void {
    const awaited = this.#awaited.get(callId);
    if (awaited === undefined) {
      return;
    }
    awaited.legs -= 1;
    // Where calls are taken another leg of it may be, which is on its way.
    if (awaited.legs <= 0 && !this.#deps.own.takesCalls()) {
      this.#giveUp(callId);
    }
  }

  taker(callId: string): string | undefined {
    const { table, wire } = this.#deps;
    const entry = table.get(callId);
    // Where others cannot be told, its legs would come to nodes that pass them on to us.
    return wire.passing && entry !== undefined && this.#isOurs(entry)
      ? firstChoice(callId, this.#others())?.name
      : undefined;
  }

  handOver(record: RestartRecord): string | undefined {
    const { callId } = record;
    const entry = this.#deps.table.get(callId);
    const taker = this.taker(callId);
    if (taker === undefined || entry === undefined) {
      return undefined;
    }
    this.#noLongerAwaited(callId);
    this.#records.delete(callId);
    this.#release({ ...entry, legKeys: legKeysOf(record), record: JSON.stringify(record) });
    return taker;
  }

  watchLost(listener: (callId: string) => void, signal: AbortSignal): void {
    this.#lostListeners.add(listener);
    signal.addEventListener('abort', () => this.#lostListeners.delete(listener), { once: true });
  }

  /** Takes what another node says of a call. @returns what stands instead, where what was said does not. */
  take({ entry }: CallMessage): CallEntry | undefined {
    const { table, endedCalls, membership, own } = this.#deps;
    // Of our own claims others know what we have told, and perhaps not that a call is over by now.
    if (entry.run === own.run || endedCalls.outlived(entry)) {
      return undefined;
    }
    const before = table.get(entry.callId);
    const merged = table.merge(entry);
    if (merged === 'beaten') {
      return before;
    }
    membership.mentioned(entry.run, entry.node);
    if (merged === 'kept') {
      endedCalls.delete(entry.callId);
      if (before !== undefined && this.#isOurs(before)) {
        this.counts.clusterCallsLost += 1;
        this.#noLongerAwaited(entry.callId);
        this.#records.delete(entry.callId);
        this.#tellLost(entry.callId);
      }
    }
    return undefined;
  }

  /** Takes that a call is over. */
  takeOver(message: OverMessage): void {
    const { table, endedCalls } = this.#deps;
    const entry = table.get(message.callId);
    if (entry !== undefined && (this.#isOurs(entry) || !isOver(entry, message))) {
      // What has ended is a call of before that went on elsewhere, or the other of two that did.
      return;
    }
    endedCalls.add(message, entry?.legKeys);
    table.delete(message.callId);
  }

  /** Ends what waits. Idempotent. */
  close(): void {
    for (const { timer } of [...this.#awaited.values(), ...this.#released.values()]) {
      timer.cancel();
    }
    this.#awaited.clear();
    this.#released.clear();
    this.#lostListeners.clear();
  }

  #whereNew(callId: string, stays: boolean): Whereabouts {
    const { own, endedCalls } = this.#deps;
    const takesCalls = own.takesCalls();
    if (!stays && (this.#placement === 'hash' || !takesCalls)) {
      const candidates = [...this.#others(), ...(takesCalls ? [{ name: own.name, said: undefined }] : [])];
      const choice = firstChoice(callId, candidates);
      if (choice?.said !== undefined) {
        return elsewhere(choice);
      }
    }
    // After one of the same name that has just ended, or others would take it for that.
    this.#tell(this.#claim(callId, endedCalls.nextGeneration(callId)));
    this.#await(callId, undefined);
    return { type: 'here', record: undefined };
  }

  #whereOfOthers(entry: CallEntry, stays: boolean, relayed: boolean): Whereabouts {
    const { membership, own } = this.#deps;
    const { callId, generation, released } = entry;
    const owner = membership.get(entry.run);
    if (!released && owner?.up === true && owner.said !== undefined) {
      return elsewhere(owner);
    }
    // Given away by us to others that have not heard of it yet; where they do not hear of it nobody else would take it.
    const comesBack = relayed && entry.run === own.run;
    const goesElsewhere = comesBack ? this.#isBeingTold(callId) : !own.takesCalls();
    if (!stays && goesElsewhere) {
      const choice = firstChoice(callId, this.#others());
      if (choice !== undefined) {
        return elsewhere(choice);
      }
    }
    const record = this.#read(entry);
    const { legKeys } = entry;
    this.#tell({ ...this.#claim(callId, generation + 1), legKeys, record: entry.record });
    this.#await(callId, record === undefined ? undefined : entry);
    if (record === undefined) {
      return { type: 'here', record: undefined };
    }
    this.#deps.log.info(
      { call: record.shownId, from: entry.node },
      entry.run === own.run ? 'a call that was given away comes back' : 'a call of another node goes on here',
    );
    return { type: 'adopt', record };
  }

  /** Others that take new calls. */
  *#others(): Iterable<Member & Required<Pick<Member, 'said'>>> {
    for (const member of this.#deps.membership.up()) {
      const { said } = member;
      if (said?.state === 'up' && said.legs < said.maxLegs) {
        yield member;
      }
    }
  }

  #isOurs({ run, released }: CallEntry): boolean {
    return run === this.#deps.own.run && !released;
  }

  #claim(callId: string, generation: number): CallEntry {
    const { own, clock } = this.#deps;
    return {
      callId,
      ...{ node: own.name, run: own.run, generation, claimedAtMs: clock.wallTime().getTime(), change: 0 },
      ...{ released: false, legKeys: [], record: undefined },
    };
  }

  #tellLost(callId: string): void {
    for (const listener of [...this.#lostListeners]) {
      listener(callId);
    }
  }

  /** Lets whoever it comes to go on with a call; nobody does for long, and it is over. */
  #release(entry: CallEntry): void {
    const { clock, table } = this.#deps;
    const { callId } = entry;
    this.#tell({ ...entry, change: entry.change + 1, released: true });
    this.#released.get(callId)?.timer.cancel();
    const sinceMs = clock.nowMs();
    const timer = clock.at(sinceMs + RELEASED_MS, () => {
      this.#released.delete(callId);
      const last = table.get(callId);
      if (last?.run === entry.run && last.released) {
        this.#over({ ...claimOf(last), type: 'over', ended: true });
      }
    });
    this.#released.set(callId, { timer, sinceMs });
  }

  /** Whether we gave a call away a moment ago, and others are about to hear of it. */
  #isBeingTold(callId: string): boolean {
    const { wire, clock } = this.#deps;
    const sinceMs = this.#released.get(callId)?.sinceMs ?? Number.NEGATIVE_INFINITY;
    return wire.passing && clock.nowMs() - sinceMs < TELLING_MS;
  }

  /** Keeps what is so of a call, and tells all others. */
  #tell(entry: CallEntry): void {
    const { table, endedCalls, wire } = this.#deps;
    endedCalls.delete(entry.callId);
    table.merge(entry);
    wire.tell({ type: 'call', entry });
  }

  #over(message: OverMessage): void {
    const { table, endedCalls, wire } = this.#deps;
    const legKeys = table.get(message.callId)?.legKeys;
    table.delete(message.callId);
    endedCalls.add(message, legKeys);
    wire.tell(message);
  }

  /** A leg has come for a call: it is ours for as long as one may take to begin it. */
  #await(callId: string, adopted: CallEntry | undefined): void {
    const { clock } = this.#deps;
    const timer = clock.at(clock.nowMs() + CLAIM_MS, () => this.#giveUp(callId));
    this.#awaited.set(callId, { timer, adopted, legs: 1 });
  }

  #noLongerAwaited(callId: string): void {
    this.#awaited.get(callId)?.timer.cancel();
    this.#awaited.delete(callId);
  }

  /** No leg has stayed to begin it: one that had begun elsewhere may still go on, here or elsewhere. */
  #giveUp(callId: string): void {
    const adopted = this.#awaited.get(callId)?.adopted;
    this.#noLongerAwaited(callId);
    const entry = this.#deps.table.get(callId);
    if (entry === undefined || !this.#isOurs(entry)) {
      return;
    }
    if (adopted === undefined) {
      this.#over({ ...claimOf(entry), type: 'over', ended: false });
    } else {
      this.#release(entry);
    }
  }

  #read({ callId, record }: CallEntry): RestartRecord | undefined {
    if (record === undefined) {
      return undefined;
    }
    const read = readRecord(record);
    if (read?.callId === callId) {
      return read;
    }
    this.counts.clusterRecordsUnreadable += 1;
    this.#sparse.warn(
      'unreadable',
      { call: callId },
      'what another node has told of a call cannot be read: it begins anew; run the same version of dragoman on all nodes',
    );
    return undefined;
  }
}

function elsewhere({ name, said }: Member): Whereabouts {
  return { type: 'elsewhere', node: name, host: said?.host ?? '', port: said?.port ?? 0 };
}

function claimOf({ callId, run, generation, claimedAtMs }: CallEntry) {
  return { callId, run, generation, claimedAtMs };
}
