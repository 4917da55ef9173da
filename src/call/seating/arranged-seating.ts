/**
 * Places that are arranged before their legs come. A door that has a leg made promises what is known of it, by the UUID it
 * will come with; a door that knows who comes says so with the leg. Who comes with nothing but a UUID of its own is seated
 * by the operator's scheme.
 */

import type { CallPlan } from '../plan.ts';
import { ExtensionSeating, type Extensions } from './extension-seating.ts';
import type { Arrival, ArrivalFacts, Dismissal, Refusal, Seat, SeatingScheme } from './seating.ts';

/** What doors promise of legs that are still to come. */
export interface Promises {
  /**
   * Says what is known of the leg that will come with this UUID, as often as it comes.
   * @param over told when no such leg is wanted any more, perhaps more than once.
   */
  promise(uuid: string, facts: Omit<ArrivalFacts, 'uuid'>, over?: (dismissal: Dismissal) => void): void;
  /** No such leg comes any more. Idempotent. */
  withdraw(uuid: string): void;
}

interface Promised {
  readonly facts: Omit<ArrivalFacts, 'uuid'>;
  readonly over: (dismissal: Dismissal) => void;
  /** The call it was seated in. */
  callId: string | undefined;
}

export class ArrangedSeating implements SeatingScheme, Promises {
  readonly #plan: CallPlan;
  readonly #extensions: ExtensionSeating;
  readonly #scheme: SeatingScheme;
  readonly #promised = new Map<string, Promised>();

  /**
   * @param plan of calls whose places are arranged, but for their languages.
   * @param scheme of everybody else.
   */
  constructor(plan: CallPlan, scheme: SeatingScheme, extensions: Extensions = new Map()) {
    this.#plan = plan;
    this.#scheme = scheme;
    this.#extensions = new ExtensionSeating(extensions, plan);
  }

  promise(uuid: string, facts: Promised['facts'], over: Promised['over'] = () => {}): void {
    this.#promised.set(uuid, { facts, over, callId: undefined });
  }

  withdraw(uuid: string): void {
    this.#promised.delete(uuid);
  }

  async seat(arrival: Arrival): Promise<Seat | Refusal> {
    const { uuid } = arrival.facts;
    const promised = uuid === undefined ? undefined : this.#promised.get(uuid);
    const seat = await this.#seat({ ...arrival, facts: { ...arrival.facts, ...promised?.facts } });
    if (promised !== undefined && seat.type === 'seat') {
      promised.callId = seat.callId;
    }
    return seat;
  }

  dismissed(uuid: string, dismissal: Dismissal): void {
    this.#promised.get(uuid)?.over(dismissal);
  }

  ended(callId: string): void {
    this.#extensions.ended(callId);
    this.#scheme.ended(callId);
    for (const { callId: seatedIn, over } of [...this.#promised.values()]) {
      if (seatedIn === callId) {
        over({ reason: 'call-over', seated: true });
      }
    }
  }

  async #seat(arrival: Arrival): Promise<Seat | Refusal> {
    const { place, extension, voice } = arrival.facts;
    if (place !== undefined) {
      const { callId, party, kind, languages } = place;
      return { type: 'seat', callId, party, plan: { ...this.#plan, kind, languages } };
    }
    const seat = await (extension === undefined ? this.#scheme : this.#extensions).seat(arrival);
    return seat.type === 'refused' || voice === undefined
      ? seat
      : { ...seat, party: { ...seat.party, voice } };
  }
}
