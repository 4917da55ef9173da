/**
 * What this node knows of all calls of all nodes: whose each is, and what is needed to go on with it. It takes what it is told
 * in any order, twice or late, and keeps what stands. It is bounded in calls and in bytes; of what is too much the call of
 * another node goes that was told of longest ago.
 */

import type { Clock } from '../base/clock.ts';
import { byStanding } from './claims.ts';
import type { CallEntry, KnownOwner } from './cluster-messages.ts';
import { mixedHash } from './rendezvous.ts';

export interface TableLimits {
  /** Calls of all nodes. */
  readonly calls: number;
  /** What their records are together, in characters of JSON, of which nearly all are a byte. */
  readonly bytes: number;
}

/** Twenty thousand calls with records of 2 KB, and as much again. */
const TABLE_LIMITS: TableLimits = { calls: 40_000, bytes: 80_000_000 };

/** What was done with what was told: `beaten`: another claim stands, which is what is kept. */
export type Merged = 'kept' | 'known' | 'beaten';

interface Kept {
  readonly entry: CallEntry;
  /** When it was told last, on the clock. */
  readonly heardMs: number;
}

interface OwnerSums {
  calls: number;
  digest: number;
}

/** Lives of which an asker says what it knows, at most: 12 KB of a message. */
const MOST_KNOWN = 200;

export class CallTable {
  readonly counts = {
    /** Calls of others that were forgotten because there were too many. */
    clusterRecordsDropped: 0,
  };
  readonly #own: string;
  readonly #clock: Clock;
  readonly #limits: TableLimits;
  /** By id of the call, the one told of longest ago first. */
  readonly #calls = new Map<string, Kept>();
  readonly #byLeg = new Map<string, string>();
  /** By life of the node. */
  readonly #owners = new Map<string, OwnerSums>();
  #bytes = 0;
  #droppedAtMs = Number.NEGATIVE_INFINITY;

  /** @param own our own life: its calls are not dropped for others'. */
  constructor(own: string, clock: Clock, limits: TableLimits = TABLE_LIMITS) {
    this.#own = own;
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** What the records are together, in characters. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When a call was dropped last, on the clock: what others have and we do not is no loss on the way then. */
  get droppedAtMs(): number {
    return this.#droppedAtMs;
  }

  get(callId: string): CallEntry | undefined {
    return this.#calls.get(callId)?.entry;
  }

  /** The call whose legs are recognised by this key. */
  callOf(legKey: string): string | undefined {
    return this.#byLeg.get(legKey);
  }

  /** Of all calls, the one told of longest ago first. */
  ids(): Iterable<string> {
    return this.#calls.keys();
  }

  *all(): Iterable<CallEntry> {
    for (const { entry } of this.#calls.values()) {
      yield entry;
    }
  }

  /** The last of those that have begun, so many at most, in the same order. */
  latestBegun(most: number): readonly CallEntry[] {
    // Of tens of thousands a few hundred are wanted: they go round.
    const latest: CallEntry[] = [];
    let begun = 0;
    for (const { entry } of this.#calls.values()) {
      if (entry.record !== undefined) {
        latest[begun % most] = entry;
        begun += 1;
      }
    }
    const oldest = begun > most ? begun % most : 0;
    return [...latest.slice(oldest), ...latest.slice(0, oldest)];
  }

  *ownedBy(run: string): Iterable<CallEntry> {
    for (const { entry } of this.#calls.values()) {
      if (entry.run === run) {
        yield entry;
      }
    }
  }

  /** How many calls a node has, and a number that is the same for who knows the same of them. */
  sumsOf(run: string): Readonly<OwnerSums> {
    return this.#owners.get(run) ?? { calls: 0, digest: 0 };
  }

  /** {@link sumsOf} those that have calls, of 200 at the most. */
  known(): readonly KnownOwner[] {
    return [...this.#owners].slice(0, MOST_KNOWN).map(([run, sums]) => ({ run, ...sums }));
  }

  /** Takes what was told. */
  merge(entry: CallEntry): Merged {
    const kept = this.#calls.get(entry.callId);
    if (kept !== undefined) {
      const standing = byStanding(kept.entry, entry);
      if (standing <= 0) {
        if (standing === 0) {
          this.#calls.set(entry.callId, { ...kept, heardMs: this.#clock.nowMs() });
        }
        return standing === 0 || kept.entry.run === entry.run ? 'known' : 'beaten';
      }
      this.delete(entry.callId);
    }
    this.#calls.set(entry.callId, { entry, heardMs: this.#clock.nowMs() });
    this.#bytes += entry.record?.length ?? 0;
    for (const key of entry.legKeys) {
      this.#byLeg.set(key, entry.callId);
    }
    this.#addToOwner(entry, 1);
    this.#makeRoom();
    return 'kept';
  }

  delete(callId: string): void {
    const entry = this.get(callId);
    if (entry === undefined) {
      return;
    }
    this.#calls.delete(callId);
    this.#bytes -= entry.record?.length ?? 0;
    for (const key of entry.legKeys) {
      if (this.#byLeg.get(key) === callId) {
        this.#byLeg.delete(key);
      }
    }
    this.#addToOwner(entry, -1);
  }

  /** Forgets all calls of a node. */
  deleteOwnedBy(run: string): void {
    for (const { callId } of [...this.ownedBy(run)]) {
      this.delete(callId);
    }
  }

  /**
   * A node has told all `count` calls that it has since `sinceMs`: what we have of it beside them is over. Nothing is done
   * where some of what it told did not come.
   */
  sweep(run: string, sinceMs: number, count: number): void {
    const owned = [...this.#calls.values()].filter(({ entry }) => entry.run === run);
    const old = owned.filter(({ heardMs }) => heardMs < sinceMs);
    if (owned.length - old.length >= count) {
      for (const { entry } of old) {
        this.delete(entry.callId);
      }
    }
  }

  #addToOwner(entry: CallEntry, calls: 1 | -1): void {
    const sums = this.#owners.get(entry.run) ?? { calls: 0, digest: 0 };
    sums.calls += calls;
    // Taken in and out by the same operation, in any order.
    sums.digest = (sums.digest ^ digestOf(entry)) >>> 0;
    if (sums.calls === 0) {
      this.#owners.delete(entry.run);
    } else {
      this.#owners.set(entry.run, sums);
    }
  }

  #makeRoom(): void {
    if (this.#calls.size <= this.#limits.calls && this.#bytes <= this.#limits.bytes) {
      return;
    }
    for (const [callId, { entry }] of this.#calls) {
      if (entry.run !== this.#own) {
        this.delete(callId);
        this.counts.clusterRecordsDropped += 1;
        this.#droppedAtMs = this.#clock.nowMs();
        if (this.#calls.size <= this.#limits.calls && this.#bytes <= this.#limits.bytes) {
          return;
        }
      }
    }
  }
}

/** Of one call, as its node told it last. */
function digestOf({ callId, generation, change }: CallEntry): number {
  return mixedHash(`${callId} ${generation} ${change}`);
}
