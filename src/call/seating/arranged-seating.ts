/**
 * Places that are arranged before their legs come. A door that has a leg made promises what is known of it, by the UUID it
 * will come with; a door that knows who comes says so with the leg. Who comes with nothing but a UUID of its own is seated
 * by the operator's scheme.
 */

import type { CallPlan } from '../plan.ts';
import { ExtensionSeating, type Extensions } from './extension-seating.ts';
import type { Arrival, ArrivalFacts, Refusal, Seat, SeatingScheme } from './seating.ts';

/** What doors promise of legs that are still to come. */
export interface Promises {
  /** Says what is known of the leg that will come with this UUID, as often as it comes. */
  promise(uuid: string, facts: Omit<ArrivalFacts, 'uuid'>): void;
  /** No such leg comes any more. Idempotent. */
  withdraw(uuid: string): void;
}

export class ArrangedSeating implements SeatingScheme, Promises {
  readonly #plan: CallPlan;
  readonly #extensions: ExtensionSeating;
  readonly #scheme: SeatingScheme;
  readonly #promised = new Map<string, Omit<ArrivalFacts, 'uuid'>>();

  /**
   * @param plan of calls whose places are arranged, but for their languages.
   * @param scheme of everybody else.
   */
  constructor(plan: CallPlan, scheme: SeatingScheme, extensions: Extensions = new Map()) {
    this.#plan = plan;
    this.#scheme = scheme;
    this.#extensions = new ExtensionSeating(extensions, plan);
  }

  promise(uuid: string, facts: Omit<ArrivalFacts, 'uuid'>): void {
    this.#promised.set(uuid, facts);
  }

  withdraw(uuid: string): void {
    this.#promised.delete(uuid);
  }

  async seat(arrival: Arrival): Promise<Seat | Refusal> {
    const { uuid } = arrival.facts;
    const promised = uuid === undefined ? undefined : this.#promised.get(uuid);
    const facts = { ...arrival.facts, ...promised };
    const seat = await this.#seatOf({ ...arrival, facts });
    const { voice } = facts;
    return seat.type === 'refused' || voice === undefined
      ? seat
      : { ...seat, party: { ...seat.party, voice } };
  }

  ended(callId: string): void {
    this.#extensions.ended(callId);
    this.#scheme.ended(callId);
  }

  async #seatOf(arrival: Arrival): Promise<Seat | Refusal> {
    const { place, extension } = arrival.facts;
    if (place !== undefined) {
      const { callId, party, kind, languages } = place;
      return { type: 'seat', callId, party, plan: { ...this.#plan, kind, languages } };
    }
    return (extension === undefined ? this.#scheme : this.#extensions).seat(arrival);
  }
}
