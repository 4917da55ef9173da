/**
 * Which call a leg belongs to and which of its parties it is. A scheme sees only what a leg brings with it and the
 * door it came in by. It may take its time: a registered plan may have to be looked up first.
 */

import type { Language } from '../../base/language.ts';
import type { CallKind, CallPlan, PartyPlan } from '../plan.ts';
import type { RestartRecord } from '../restart-record.ts';

/** What an arriving leg says of itself; which of it depends on its door. */
export interface ArrivalFacts {
  /**
   * Whoever says the same again is the same party: 36 characters, lower case. AudioSocket legs have it from the
   * dialplan.
   */
  readonly uuid?: string;
  /** What it was dialled by, one of `--extensions`. */
  readonly extension?: string;
  /** The voice that speaks for it, if it has one of its own. */
  readonly voice?: string;
  /** The number that it calls from, and the one that was dialled, where a door knows them. They are personal. */
  readonly caller?: string;
  readonly dialled?: string;
  /** What Asterisk calls all channels of its call together; empty: nobody said. It counts for who begins a call. */
  readonly linkedid?: string;
  /** The place it is to have, by a door that knows: one that fetches its legs itself, or was told. */
  readonly place?: ArrangedPlace;
  /** Whether a door of ours has it made: it does not come again by itself when it is lost. */
  readonly fetched?: boolean;
  /** Whether another node passes it on to us: it is passed on no further. */
  readonly relayed?: boolean;
}

/** A place in a call that somebody arranged before its leg came. */
export interface ArrangedPlace {
  readonly callId: string;
  readonly party: PartyPlan;
  readonly kind: CallKind;
  /** What is spoken on the call, the first first. */
  readonly languages: readonly Language[];
  /** What else of the call is not as of all others. */
  readonly plan?: Partial<CallPlan>;
  /** When it is waited for no longer; default with its call. */
  readonly expiresAt?: Date;
}

/** A place of a call whose leg is still to come, wherever the call is by then. */
export interface ExpectedPlace extends Pick<ArrangedPlace, 'party' | 'expiresAt'> {
  /** By what its leg is recognised: `legKeyOf` its UUID. */
  readonly key: string;
}

/** Whether whoever comes by a place is still waited for. @param now by the wall clock. */
export function isOpen({ expiresAt }: ExpectedPlace, now: Date): boolean {
  return expiresAt === undefined || expiresAt > now;
}

/** What is known of everyone who comes in by a door. */
export interface DoorFacts {
  /** For logs: `audiosocket 127.0.0.1:5050`. */
  readonly name: string;
  /** What is spoken on calls that come in here, by place; one language: all who come in here speak it. */
  readonly languages: readonly Language[];
  /** How long the place of a party that lost its leg is kept, in ms; 0: it has left. */
  readonly rejoinMs: number;
}

export interface Arrival {
  readonly facts: ArrivalFacts;
  readonly door: DoorFacts;
  /** Where the leg comes from, if its transport knows. */
  readonly address?: string | undefined;
  /** Whether it cannot be passed on to another node: its wire has no way of that. Default no. */
  readonly stays?: boolean;
}

/** Where a leg belongs. */
export interface Seat {
  readonly type: 'seat';
  readonly callId: string;
  readonly party: PartyPlan;
  /** What the call is to be, if it does not run yet. */
  readonly plan: CallPlan;
  /** Whether its leg does not come again by itself: {@link ArrivalFacts.fetched}. */
  readonly fetched?: boolean;
  /** Set where the call began at another node, which is gone: if it does not run yet it goes on from this. */
  readonly resume?: RestartRecord;
}

/** Why a leg that another node has passed on to us is not ours either: it is let go, and comes again. */
export const RELAYED_ASTRAY = 'relayed-astray';

/** A leg's call lives at another node, whose AudioSocket listener is here. */
export interface Elsewhere {
  readonly type: 'elsewhere';
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

/** Why a leg belongs nowhere: a short name to count by, and a sentence for the log. */
export interface Refusal {
  readonly type: 'refused';
  readonly reason: string;
  readonly explanation: string;
}

/** Where legs belong when several nodes serve together: what a switchboard asks. A {@link SeatingScheme} is one. */
export interface NodeSeating extends Omit<SeatingScheme, 'seat'> {
  seat(arrival: Arrival): Promise<Seat | Refusal | Elsewhere>;
  /** A leg does not begin a call that does not run here, or go on with it: the call is refused, or it has left. */
  notTaken?(callId: string): void;
}

export interface SeatingScheme {
  seat(arrival: Arrival): Promise<Seat | Refusal>;
  /** The call is over; nobody joins it any more. */
  ended(callId: string): void;
  /** The places of a call that were arranged, whether or not somebody is there, but for legs that cannot come elsewhere. */
  expected?(callId: string): readonly ExpectedPlace[];
  /** Who came with this UUID left before it had this seat, in a call that runs: the other one waits still. */
  unseated?(seat: Seat, uuid: string): void;
  /** We hang up the leg that came with this UUID, or refuse it: nobody is to come by it again. */
  dismissed?(uuid: string, dismissal: Dismissal): void;
}

/** Why nobody is to come by a UUID again. */
export interface Dismissal {
  /** A short name to count by. */
  readonly reason: string;
  /** Whether it had a place in a call; else it was refused. */
  readonly seated: boolean;
  /** Where it is to go instead, as the dialplan is told. It is personal. */
  readonly transferTo?: string;
}

export function refused(reason: string, explanation: string): Refusal {
  return { type: 'refused', reason, explanation };
}

/** The ids of parties that are known by their place: the first is `a`. */
export function idOfPlace(place: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + place);
}

/** A leg without a UUID came in by a door whose legs have one. */
export function withoutUuid({ name }: DoorFacts): Refusal {
  return refused('no-uuid', `legs that come in by ${name} say who they are by a UUID, and this one has none`);
}
