/**
 * Extensions that lead to each other: who speaks on one is heard, translated, on the others. Two without a room are for
 * calls of two: who dials one meets, in order of arrival, who dials the other. All who dial an extension with a room
 * meet in that room.
 */

import { createHmac, randomBytes } from 'node:crypto';
import type { Language } from '../../base/language.ts';
import { type CallPlan, partyOf } from '../plan.ts';
import {
  type ArrangedPlace,
  type Arrival,
  idOfPlace,
  type Refusal,
  refused,
  type Seat,
  type SeatingScheme,
  withoutUuid,
} from './seating.ts';

/** What dialling an extension leads to. */
export interface Extension {
  /** What is spoken by who dials it. */
  readonly language: Language;
  /** Undefined: calls of two, with who dials the other one that has no room. */
  readonly room: string | undefined;
}

const ROOM_NAME = /^[A-Za-z0-9_-]{1,40}$/;

/** Whether a room may be called that: what is logged and shown stays short, and can be written anywhere. */
export function isRoomName(text: string): boolean {
  return ROOM_NAME.test(text);
}

/** By what is dialled: `7777`. */
export type Extensions = ReadonlyMap<string, Extension>;

/** Digits that name a party in its room. */
const PARTY_DIGITS = 8;
/** Of this process alone: see {@link placeInRoom}. */
const PARTY_KEY = randomBytes(32);

/** A call with one leg. */
interface WaitingCall {
  readonly callId: string;
  readonly extension: string;
  /** The place of who comes next. */
  readonly place: 0 | 1;
}

/** Who dialled an extension of a call of two, and the place it has. */
interface SeatInPair {
  readonly seat: Seat;
  readonly extension: string;
}

export class ExtensionSeating implements SeatingScheme {
  readonly #extensions: Extensions;
  readonly #plan: CallPlan;
  /** In order of arrival. */
  readonly #waiting: WaitingCall[] = [];
  /** Who has a place in a call of two, by UUID: whoever comes again has it still. */
  readonly #seats = new Map<string, SeatInPair>();

  /** @param plan of every call, but for its languages. */
  constructor(extensions: Extensions, plan: CallPlan) {
    this.#extensions = extensions;
    this.#plan = plan;
  }

  async seat({ facts: { uuid, extension = '' }, door }: Arrival): Promise<Seat | Refusal> {
    const dialled = this.#extensions.get(extension);
    if (dialled === undefined) {
      const known = [...this.#extensions.keys()];
      return refused(
        'unknown-extension',
        known.length === 0
          ? 'it names an extension, and there are none: write --extensions 7777=en,8888=fr'
          : `it names an extension that is none of --extensions (${known.join(', ')}): add it there, or dial one of those`,
      );
    }
    if (uuid === undefined) {
      return withoutUuid(door);
    }
    const { language, room } = dialled;
    return room === undefined
      ? this.#seatInPair(uuid, extension, language)
      : this.#seatInRoom(uuid, room, language);
  }

  ended(callId: string): void {
    const index = this.#waiting.findIndex((call) => call.callId === callId);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
    }
    for (const [uuid, { seat }] of this.#seats) {
      if (seat.callId === callId) {
        this.#seats.delete(uuid);
      }
    }
  }

  unseated({ callId, party }: Seat, uuid: string): void {
    if (this.#seats.delete(uuid)) {
      const other = [...this.#seats.values()].find(({ seat }) => seat.callId === callId);
      if (other !== undefined) {
        const place = party.id === idOfPlace(0) ? 0 : 1;
        this.#waiting.unshift({ callId, extension: other.extension, place });
      }
    }
  }

  #seatInPair(uuid: string, extension: string, language: Language): Seat {
    const taken = this.#seats.get(uuid);
    if (taken !== undefined) {
      return taken.seat;
    }
    const index = this.#waiting.findIndex((call) => call.extension !== extension);
    const [call] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (call === undefined) {
      this.#waiting.push({ callId: uuid, extension, place: 1 });
    }
    const place = call?.place ?? 0;
    const seat: Seat = {
      type: 'seat',
      callId: call?.callId ?? uuid,
      party: partyOf(idOfPlace(place), language, place === 0 ? 'caller' : 'callee'),
      plan: { ...this.#plan, kind: 'pair', languages: this.#spokenIn(undefined) },
    };
    this.#seats.set(uuid, { seat, extension });
    return seat;
  }

  #seatInRoom(uuid: string, room: string, language: Language): Seat {
    const { callId, party, kind, languages } = placeInRoom(room, uuid, language, this.#spokenIn(room));
    return { type: 'seat', callId, party, plan: { ...this.#plan, kind, languages } };
  }

  #spokenIn(room: string | undefined): readonly Language[] {
    return languagesOfRoom(this.#extensions, room);
  }
}

/**
 * The place of who comes with `uuid`, in a room that doors of all kinds lead into. The party's id is shown to the
 * others of its room and lets nobody take its place: there is no way back from it to the UUID. @param name for
 * people.
 */
export function placeInRoom(
  room: string,
  uuid: string,
  language: Language,
  languages: readonly Language[],
  name?: string,
): ArrangedPlace {
  const id = createHmac('sha256', PARTY_KEY).update(uuid).digest('hex').slice(0, PARTY_DIGITS);
  return { callId: `room-${room}`, party: partyOf(id, language, name), kind: 'conference', languages };
}

/**
 * What is spoken by those who meet in a room, or in calls of two: each language once, in the order of the extensions.
 */
export function languagesOfRoom(extensions: Extensions, room: string | undefined): readonly Language[] {
  const met = [...extensions.values()].filter((each) => each.room === room);
  return [...new Set(met.map(({ language }) => language))];
}
