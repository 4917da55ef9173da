/**
 * The default scheme: the last hexadecimal digit of the UUID is the party's place, the rest is the call. The dialplan
 * makes one UUID per call and replaces its last digit by 0 for the caller, 1 for the callee, 2 for a third …
 */

import type { CallPlan } from '../plan.ts';
import { partyOf } from '../plan.ts';
import {
  type Arrival,
  idOfPlace,
  type Refusal,
  refused,
  type Seat,
  type SeatingScheme,
  withoutUuid,
} from './seating.ts';

/** What the first two are called in logs and captions. */
const NAMES: readonly string[] = ['caller', 'callee'];

export class SuffixSeating implements SeatingScheme {
  readonly #plan: CallPlan;

  /** @param plan of every call, but for its languages, which are the door's. */
  constructor(plan: CallPlan) {
    this.#plan = plan;
  }

  async seat({ facts: { uuid }, door }: Arrival): Promise<Seat | Refusal> {
    if (uuid === undefined) {
      return withoutUuid(door);
    }
    const digit = uuid.slice(-1);
    const place = Number.parseInt(digit, 16);
    const language = door.languages[place];
    if (language === undefined) {
      return refused('unknown-place', explain(digit, door.languages.length));
    }
    const { languages } = door;
    return {
      type: 'seat',
      callId: uuid.slice(0, -1),
      party: partyOf(idOfPlace(place), language, NAMES[place]),
      plan: { ...this.#plan, languages, kind: languages.length > 2 ? 'conference' : 'pair' },
    };
  }

  ended(): void {
    // Nothing is remembered between legs: the UUID says it all.
  }
}

function explain(digit: string, places: number): string {
  const written = Array.from({ length: places }, (_, place) => `\${CALL:0:35}${place.toString(16)}`);
  return (
    `the last digit of a UUID is the party's place, 0 to ${(places - 1).toString(16)} here; this one ends with ${digit}. ` +
    `In the dialplan write ${written.join(' or ')}`
  );
}
