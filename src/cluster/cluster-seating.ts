/**
 * Seats legs where several nodes serve together. What a leg's UUID says of its call and its place is the inner scheme's to
 * know, or the restart record's of a call that began elsewhere; where the call lives is the directory's. Who comes by another
 * way than with a bare UUID, or was fetched by a door of ours, cannot come elsewhere and stays. A bare UUID may come by a wire
 * that cannot be passed on: its call is then begun here, and where it is elsewhere the leg is refused.
 */

import { setMaxListeners } from 'node:events';
import type { Clock } from '../base/clock.ts';
import type { CallDirectory, ComingLeg, Whereabouts } from '../call/call-directory.ts';
import type { CallPlan } from '../call/plan.ts';
import { legKeyOf, type RestartRecord } from '../call/restart-record.ts';
import { resumedPlan, resumedSeat } from '../call/seating/resumed-seat.ts';
import {
  type Arrival,
  type Dismissal,
  type Elsewhere,
  type ExpectedPlace,
  type NodeSeating,
  RELAYED_ASTRAY,
  type Refusal,
  refused,
  type Seat,
  type SeatingScheme,
} from '../call/seating/seating.ts';

/**
 * A leg that dials again may be here before the news that its node has given its call away: that is waited for so long, in
 * ms, and looked for so often. What the leg says meanwhile is kept.
 */
const NEWS_MS = 60;
const LOOK_MS = 10;

/** Where a leg belongs that is known by what was said of its UUID before it came: by the API of another node. */
export interface ComingLegs {
  /** Undefined: nobody said anything of it. */
  whereIs(legKey: string): Elsewhere | Refusal | undefined;
}

/** What seats the legs whose call is here. */
export interface HomeSeating extends SeatingScheme {
  /** Whether a leg with this UUID was promised to this node. */
  isPromised(uuid: string): boolean;
}

export class ClusterSeating implements NodeSeating {
  readonly #scheme: HomeSeating;
  readonly #directory: CallDirectory;
  readonly #plan: CallPlan;
  readonly #coming: ComingLegs;
  readonly #clock: Clock;
  readonly #never = new AbortController().signal;

  /** @param plan of this node's own calls: what a record says nothing of is as there. */
  constructor(
    scheme: HomeSeating,
    directory: CallDirectory,
    plan: CallPlan,
    coming: ComingLegs,
    clock: Clock,
  ) {
    this.#scheme = scheme;
    this.#directory = directory;
    this.#plan = plan;
    this.#coming = coming;
    this.#clock = clock;
    // Each leg that waits for news listens to it for that long, and Node would warn of more than ten.
    setMaxListeners(0, this.#never);
  }

  async seat(arrival: Arrival): Promise<Seat | Refusal | Elsewhere> {
    const { facts, door, stays } = arrival;
    const { uuid, extension, place, relayed } = facts;
    if (uuid === undefined || extension !== undefined || place !== undefined) {
      return this.#scheme.seat(arrival);
    }
    const answer = await this.#seatBare(arrival, uuid);
    if (answer.type === 'elsewhere' && relayed === true) {
      return refused(
        RELAYED_ASTRAY,
        `another node has passed this leg on to us, and its call is at ${answer.node}: nodes have not heard of each other yet, ` +
          'and whoever dials again finds it',
      );
    }
    if (answer.type === 'elsewhere' && stays === true) {
      return refused(
        'call-elsewhere',
        `its call is at ${answer.node}, and only AudioSocket legs are passed on: connect to that node, ` +
          `or have all legs of a call that come by ${door.name} come to one`,
      );
    }
    return answer;
  }

  ended(callId: string): void {
    this.#scheme.ended(callId);
    this.#directory.ended(callId);
  }

  notTaken(callId: string): void {
    this.#directory.notTaken(callId);
  }

  expected(callId: string): readonly ExpectedPlace[] {
    return this.#scheme.expected?.(callId) ?? [];
  }

  unseated(seat: Seat, uuid: string): void {
    this.#scheme.unseated?.(seat, uuid);
  }

  dismissed(uuid: string, dismissal: Dismissal): void {
    this.#scheme.dismissed?.(uuid, dismissal);
  }

  async #seatBare(arrival: Arrival, uuid: string): Promise<Seat | Refusal | Elsewhere> {
    const key = legKeyOf(uuid);
    const { stays = false } = arrival;
    const { relayed = false } = arrival.facts;
    const promised = this.#scheme.isPromised(uuid);
    const recorded = promised ? undefined : this.#directory.callOf(key);
    if (recorded !== undefined) {
      const where = await this.#whereOfKnown(recorded, { stays, relayed });
      const seat =
        'record' in where && where.record !== undefined
          ? this.#fromRecord(where.record, uuid, where)
          : undefined;
      return seat ?? this.#atHome(arrival, where);
    }
    if (!promised) {
      const coming = this.#coming.whereIs(key);
      if (coming !== undefined) {
        return coming;
      }
    }
    const seat = await this.#scheme.seat(arrival);
    if (seat.type === 'refused' || seat.fetched === true) {
      return seat;
    }
    // A room is used again; a call of two is not.
    const newcomer = seat.plan.kind === 'conference' ? key : undefined;
    const coming = { stays, promised, legKey: newcomer, relayed };
    return this.#asItIs(seat, uuid, this.#directory.whereabouts(seat.callId, coming));
  }

  /** Where the call of a leg is that had a place in it: elsewhere only if no other news comes in time. */
  async #whereOfKnown(callId: string, leg: ComingLeg): Promise<Whereabouts> {
    const untilMs = this.#clock.nowMs() + NEWS_MS;
    let where = this.#directory.whereabouts(callId, leg);
    while (where.type === 'elsewhere' && this.#clock.nowMs() < untilMs) {
      await this.#clock.sleep(LOOK_MS, this.#never);
      where = this.#directory.whereabouts(callId, leg);
    }
    return where;
  }

  /** The seat of a leg that the record knows, in a call that has gone on here, or now does. */
  #fromRecord(record: RestartRecord, uuid: string, { type }: Whereabouts): Seat | undefined {
    const seat = resumedSeat(record, uuid, this.#plan, this.#clock.wallTime());
    return seat === undefined || type === 'here' ? seat : { ...seat, resume: record };
  }

  /** The seat that this node's scheme gives to a leg of a call that is here, or whatever else is of the call. */
  async #atHome(arrival: Arrival, where: Whereabouts): Promise<Seat | Refusal | Elsewhere> {
    if (where.type === 'elsewhere' || where.type === 'ended') {
      return where.type === 'elsewhere' ? where : over();
    }
    return this.#scheme.seat(arrival);
  }

  #asItIs(seat: Seat, uuid: string, where: Whereabouts): Seat | Refusal | Elsewhere {
    switch (where.type) {
      case 'here':
        return seat;
      case 'elsewhere':
        return where;
      case 'ended':
        return over();
      case 'adopt': {
        // Somebody who is new to a call that goes on.
        const plan = resumedPlan(where.record, this.#plan);
        return this.#fromRecord(where.record, uuid, where) ?? { ...seat, plan, resume: where.record };
      }
    }
  }
}

function over(): Refusal {
  return refused('ended', 'its call has just ended, and whoever dials again is hung up');
}
