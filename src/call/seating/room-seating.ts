/**
 * Conferences without an API at hand: the UUID names the room and the party. The dialplan writes it so, in
 * hexadecimal digits:
 *
 *   20  the room: of MD5() of a secret and the room's number, so that nobody can guess it
 *    4  the language as two ASCII letters (656e is en); 0000: that of the listener
 *    8  the party, of RAND() or UUID(): new for each call
 *
 * So three extensions, one per language, lead into the same room by one listener or by three.
 */

import type { Language } from '../../base/language.ts';
import { type CallPlan, partyOf } from '../plan.ts';
import {
  type Arrival,
  type Refusal,
  refused,
  type Seat,
  type SeatingScheme,
  withoutUuid,
} from './seating.ts';

const ROOM_DIGITS = 20;
const LANGUAGE_DIGITS = 4;
const NO_LANGUAGE = '0000';

export class RoomSeating implements SeatingScheme {
  readonly #plan: CallPlan;

  /** @param plan of every room: its languages are those that may be spoken. */
  constructor(plan: CallPlan) {
    this.#plan = plan;
  }

  async seat({ facts: { uuid }, door }: Arrival): Promise<Seat | Refusal> {
    if (uuid === undefined) {
      return withoutUuid(door);
    }
    const digits = uuid.replaceAll('-', '');
    const room = digits.slice(0, ROOM_DIGITS);
    const written = digits.slice(ROOM_DIGITS, ROOM_DIGITS + LANGUAGE_DIGITS);
    const id = digits.slice(ROOM_DIGITS + LANGUAGE_DIGITS);
    const language = written === NO_LANGUAGE ? onlyOne(door.languages) : lettersOf(written);
    const { languages } = this.#plan;
    if (language === undefined) {
      return refused(
        'no-language',
        `the digits ${written} of the UUID name no language, and ${door.name} has none of its own: ` +
          'write two letters as hexadecimal digits (656e is en), or give each language a listener (--listen host:port=en)',
      );
    }
    const spoken = languages.find((known) => known === language || known.startsWith(`${language}-`));
    if (spoken === undefined) {
      return refused(
        'unknown-language',
        `nothing is set up for ${language} here: --parties has ${languages.join(', ')}`,
      );
    }
    return {
      type: 'seat',
      callId: room,
      party: partyOf(id, spoken),
      plan: { ...this.#plan, kind: 'conference' },
    };
  }

  ended(): void {
    // Nothing is remembered between legs: the UUID says it all.
  }
}

function onlyOne(languages: readonly Language[]): Language | undefined {
  return languages.length === 1 ? languages[0] : undefined;
}

/** `en` of `656e`; undefined for what are no two letters. */
function lettersOf(digits: string): Language | undefined {
  const letters = Buffer.from(digits, 'hex').toString('latin1').toLowerCase();
  return /^[a-z]{2}$/.test(letters) ? letters : undefined;
}
