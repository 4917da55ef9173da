/**
 * Legs that one node expects and that may come to any: those of calls that its API registered, and of parties that it added.
 * Each node has the places of all in its memory; a store that may be away for seconds brings them there. A leg is known by what
 * its UUID hashes to, so that nobody can come by what he reads there.
 */

import type { Clock } from '../base/clock.ts';
import type { Counted } from '../base/counts.ts';
import { legKeyOf } from '../call/restart-record.ts';
import type { Promising } from '../call/seating/arranged-seating.ts';
import { type Elsewhere, type Refusal, refused } from '../call/seating/seating.ts';
import type { ComingLegs } from './cluster-seating.ts';
import type { Membership } from './membership.ts';

/** How long the store keeps a place that nobody renews, in ms. */
export const PLACE_MS = 600_000;
/** Places of all nodes; of more the one that was told first is forgotten. */
const MOST_PLACES = 100_000;

/** Which node expects a leg, and in which life. */
export interface LegPlace {
  readonly node: string;
  readonly run: string;
}

/** Where places are told to all nodes. It never throws: what fails is tried again. */
export interface PlaceStore {
  /** Whether what is put reaches the others now. */
  readonly ready: boolean;
  put(legKey: string): void;
  remove(legKey: string): void;
}

export class LegPlaces implements ComingLegs, Counted {
  readonly counts = {
    /** Places that were forgotten because there were too many. */
    clusterPlacesDropped: 0,
  };
  readonly #own: LegPlace;
  readonly #membership: Membership;
  readonly #clock: Clock;
  /** By key of the leg, the one told of longest ago first. */
  readonly #places = new Map<string, LegPlace & { readonly untilMs: number }>();

  constructor(own: LegPlace, membership: Membership, clock: Clock) {
    this.#own = own;
    this.#membership = membership;
    this.#clock = clock;
  }

  get size(): number {
    return this.#places.size;
  }

  /** A node expects this leg. */
  learn(legKey: string, place: LegPlace): void {
    this.#places.delete(legKey);
    this.#places.set(legKey, { ...place, untilMs: this.#clock.nowMs() + PLACE_MS });
    const [oldest] = this.#places.keys();
    if (this.#places.size > MOST_PLACES && oldest !== undefined) {
      this.#places.delete(oldest);
      this.counts.clusterPlacesDropped += 1;
    }
  }

  /** No node expects it any more. */
  forget(legKey: string): void {
    this.#places.delete(legKey);
  }

  whereIs(legKey: string): Elsewhere | Refusal | undefined {
    const place = this.#places.get(legKey);
    if (place === undefined || place.run === this.#own.run) {
      return undefined;
    }
    if (place.untilMs <= this.#clock.nowMs()) {
      this.#places.delete(legKey);
      return undefined;
    }
    const member = this.#membership.get(place.run);
    if (member?.up === true && member.said !== undefined) {
      const { host, port } = member.said;
      return { type: 'elsewhere', node: place.node, host, port };
    }
    return refused(
      'registered-elsewhere',
      `its call was registered at ${place.node}, which is gone, and no other node has it: register it anew`,
    );
  }
}

/** What is promised of legs of this node, told to the others, too. */
export class SharedPromises implements Promising {
  readonly #promises: Promising;
  readonly #store: PlaceStore;

  constructor(promises: Promising, store: PlaceStore) {
    this.#promises = promises;
    this.#store = store;
  }

  promise(...[uuid, facts, over]: Parameters<Promising['promise']>): void {
    this.#promises.promise(uuid, facts, over);
    this.#store.put(legKeyOf(uuid));
  }

  withdraw(uuid: string): void {
    this.#promises.withdraw(uuid);
    this.#store.remove(legKeyOf(uuid));
  }
}
