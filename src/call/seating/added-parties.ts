/**
 * Parties that are added to a call while it runs: each gets a UUID, and whoever comes with it in time has a place in the
 * call. With the call the UUID is forgotten, whether or not somebody came; earlier, once its time is over and nobody is
 * there by it.
 */

import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../base/clock.ts';
import type { CallPlan, PartyPlan } from '../plan.ts';
import type { Promising } from './arranged-seating.ts';
import type { RegisteredParty } from './registered-calls.ts';
import type { ExpectedPlace } from './seating.ts';

/** A call that a party is added to. */
export interface OpenCall {
  readonly id: string;
  readonly plan: CallPlan;
  /** Those that are there, by their ids. */
  readonly parties: ReadonlyMap<string, unknown>;
  /** Those that are still to come. */
  readonly expected: readonly Pick<ExpectedPlace, 'party'>[];
  /** There is another place in it. */
  expectsOthers(): void;
  /** A place of it is gone, because nobody came to it in time. */
  nobodyCame(party: PartyPlan): void;
}

export interface AddedParty extends RegisteredParty {
  /** When it is waited for no longer. */
  readonly expiresAt: Date;
}

/** The end of our patience with a party. */
interface Waited {
  readonly uuid: string;
  /** On the clock. */
  readonly untilMs: number;
  readonly timer: Timer;
  /** Whether somebody was there by it. */
  came: boolean;
}

export class AddedParties {
  readonly #promises: Promising;
  readonly #clock: Clock;
  readonly #added = new Map<string, Map<string, Waited>>();
  #count = 0;

  constructor(promises: Promising, clock: Clock) {
    this.#promises = promises;
    this.#clock = clock;
  }

  /** Makes a place in `call`, for `ttlMs`; `full` when it has as many parties as it may, those waited for included. */
  add(call: OpenCall, wish: Omit<PartyPlan, 'id'>, ttlMs: number): AddedParty | 'full' {
    const nowMs = this.#clock.nowMs();
    const added = this.#added.get(call.id) ?? new Map<string, Waited>();
    const absent = [...added].filter(([id]) => !call.parties.has(id));
    const left = absent.filter(([, { untilMs }]) => untilMs <= nowMs);
    for (const [id, { uuid }] of left) {
      this.#promises.withdraw(uuid);
      added.delete(id);
    }
    if (call.parties.size + absent.length - left.length >= call.plan.maxParties) {
      return 'full';
    }
    const id = this.#newId(call);
    const party = { ...wish, id };
    const uuid = randomUUID();
    const { kind, languages } = call.plan;
    const expiresAt = new Date(this.#clock.wallTime().getTime() + ttlMs);
    this.#promises.promise(uuid, {
      place: { callId: call.id, party, kind, languages, plan: {}, expiresAt },
    });
    call.expectsOthers();
    const untilMs = nowMs + ttlMs;
    const timer = this.#clock.at(untilMs, () => {
      if (!call.parties.has(id)) {
        this.#promises.withdraw(uuid);
        added.delete(id);
        if (!waited.came) {
          call.nobodyCame(party);
        }
      }
    });
    const waited: Waited = { uuid, untilMs, timer, came: false };
    added.set(id, waited);
    this.#added.set(call.id, added);
    return { plan: party, uuid, expiresAt };
  }

  /** No scheme of seating calls a party so, and another node that had the call before has not. */
  #newId({ parties, expected }: OpenCall): string {
    let id: string;
    do {
      this.#count += 1;
      id = `added-${this.#count}`;
    } while (parties.has(id) || expected.some(({ party }) => party.id === id));
    return id;
  }

  /** Somebody is there by a party's place. */
  came(callId: string, party: string): void {
    const waited = this.#added.get(callId)?.get(party);
    if (waited !== undefined) {
      waited.came = true;
    }
  }

  /** The call is over: nobody comes to it any more. */
  ended(callId: string): void {
    for (const { uuid, timer } of this.#added.get(callId)?.values() ?? []) {
      timer.cancel();
      this.#promises.withdraw(uuid);
    }
    this.#added.delete(callId);
  }

  /** Forgets all. Idempotent. */
  close(): void {
    for (const callId of [...this.#added.keys()]) {
      this.ended(callId);
    }
  }
}
