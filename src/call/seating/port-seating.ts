/**
 * One listener per extension: who comes in by a door speaks its first language and meets, in order of arrival, who
 * comes in by a door with the same two languages the other way round. For dialplans that cannot share a UUID.
 */

import type { Language } from '../../base/language.ts';
import { type CallPlan, partyOf } from '../plan.ts';
import {
  type Arrival,
  idOfPlace,
  type Refusal,
  refused,
  type Seat,
  type SeatingScheme,
  withoutUuid,
} from './seating.ts';

interface WaitingCall {
  readonly callId: string;
  readonly speaks: Language;
  readonly wants: Language;
  /** The place of who comes next. */
  readonly place: 0 | 1;
}

export class PortSeating implements SeatingScheme {
  readonly #plan: CallPlan;
  /** Calls with one leg, in order of arrival. */
  readonly #waiting: WaitingCall[] = [];

  /** @param plan of every call, but for its languages, which are the door's. */
  constructor(plan: CallPlan) {
    this.#plan = plan;
  }

  async seat({ facts: { uuid }, door }: Arrival): Promise<Seat | Refusal> {
    if (uuid === undefined) {
      return withoutUuid(door);
    }
    const [speaks, wants] = door.languages;
    if (speaks === undefined || wants === undefined) {
      return refused(
        'no-partner-language',
        `${door.name} needs two languages: who comes in speaks the first`,
      );
    }
    const index = this.#waiting.findIndex((call) => call.speaks === wants && call.wants === speaks);
    const call = this.#waiting[index];
    if (call !== undefined) {
      this.#waiting.splice(index, 1);
      return this.#seat(call.callId, call.place, speaks, wants);
    }
    this.#waiting.push({ callId: uuid, speaks, wants, place: 1 });
    return this.#seat(uuid, 0, speaks, wants);
  }

  unseated({ callId, party, plan: { languages } }: Seat): void {
    const place = party.id === idOfPlace(0) ? 0 : 1;
    const [speaks, wants] = place === 1 ? languages : languages.toReversed();
    if (speaks !== undefined && wants !== undefined) {
      this.#waiting.unshift({ callId, speaks, wants, place });
    }
  }

  ended(callId: string): void {
    const index = this.#waiting.findIndex((call) => call.callId === callId);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
    }
  }

  #seat(callId: string, place: 0 | 1, language: Language, other: Language): Seat {
    const languages = place === 0 ? [language, other] : [other, language];
    const party = partyOf(idOfPlace(place), language, place === 0 ? 'caller' : 'callee');
    return { type: 'seat', callId, party, plan: { ...this.#plan, languages, kind: 'pair' } };
  }
}
