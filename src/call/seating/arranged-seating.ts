/**
 * Places that are arranged before their legs come. A door that has a leg made promises what is known of it, by the
 * UUID it will come with; a door that knows who comes says so with the leg. Who comes with nothing but a UUID of its
 * own is seated by the operator's scheme.
 */

import { NO_NUMBERS, type VoicesByNumber, voiceByNumber } from '../../voices/voices-by-number.ts';
import { type CallPlan, isVoiceName, type PartyPlan } from '../plan.ts';
import { legKeyOf } from '../restart-record.ts';
import { type AnsweringAgents, agentByDialled, NO_AGENTS, seatWithAgent } from './agent-seating.ts';
import { ExtensionSeating, type Extensions } from './extension-seating.ts';
import type {
  Arrival,
  ArrivalFacts,
  Dismissal,
  ExpectedPlace,
  Refusal,
  Seat,
  SeatingScheme,
} from './seating.ts';

/** Says which legs are to come. */
export interface Promising {
  /**
   * Says what is known of the leg that will come with this UUID, as often as it comes.
   * @param over told when no such leg is wanted any more, perhaps more than once.
   */
  promise(uuid: string, facts: Omit<ArrivalFacts, 'uuid'>, over?: (dismissal: Dismissal) => void): void;
  /** No such leg comes any more. Idempotent. */
  withdraw(uuid: string): void;
}

/** What doors promise of legs that are still to come. */
export interface Promises extends Promising {
  /** Who comes with nothing but a UUID that nobody promised is looked up so from now on. */
  identifyBy(whoIs: WhoIs): void;
  /**
   * Hears of each UUID with which a leg gets a seat, however it came to it.
   * @param seated is told, too, whether it was known who comes; else only the UUID was.
   */
  followBy(seated: (uuid: string, isKnown: boolean) => void): void;
}

/** What is known elsewhere of a leg that said nothing but its UUID. */
export interface Identity {
  /** Who calls. It is personal. */
  readonly caller: string;
  /** What was dialled; it counts if it is one of `--extensions`, and for a voice. It is personal. */
  readonly dialled: string;
  /** What its party speaks; it counts if it is spoken on the call. Empty: nobody said. */
  readonly language: string;
  /** The voice that is to speak for it; it counts if it is the name of one. Empty: nobody said. */
  readonly voice: string;
  /** What Asterisk calls all channels of its call together. Empty: nobody said. */
  readonly linkedid: string;
}

/** Finds out who comes with this UUID, if it can be found out at once. Never rejects. */
export type WhoIs = (uuid: string) => Promise<Identity | undefined>;

const UNKNOWN: Identity = { caller: '', dialled: '', language: '', voice: '', linkedid: '' };

interface Promised {
  readonly facts: Omit<ArrivalFacts, 'uuid'>;
  readonly over: (dismissal: Dismissal) => void;
  /** The call it was seated in. */
  callId: string | undefined;
}

export class ArrangedSeating implements SeatingScheme, Promises {
  readonly #plan: CallPlan;
  readonly #extensions: ExtensionSeating;
  readonly #dialled: Extensions;
  readonly #scheme: SeatingScheme;
  readonly #numbers: VoicesByNumber;
  readonly #agents: AnsweringAgents;
  readonly #promised = new Map<string, Promised>();
  /** By id of the call, then by UUID: places whose legs may come to any node. */
  readonly #places = new Map<string, Map<string, ExpectedPlace>>();
  #whoIs: WhoIs = async () => undefined;
  #followed = (_uuid: string, _isKnown: boolean): void => {};

  /**
   * @param plan of calls whose places are arranged, but for their languages.
   * @param scheme of everybody else.
   * @param numbers whose voice speaks for who has none of its own.
   * @param agents who answers those who have dialled a number, or anybody.
   */
  constructor(
    plan: CallPlan,
    scheme: SeatingScheme,
    extensions: Extensions = new Map(),
    numbers: VoicesByNumber = NO_NUMBERS,
    agents: AnsweringAgents = NO_AGENTS,
  ) {
    this.#plan = plan;
    this.#scheme = scheme;
    this.#numbers = numbers;
    this.#agents = agents;
    this.#dialled = extensions;
    this.#extensions = new ExtensionSeating(extensions, plan);
  }

  promise(uuid: string, facts: Promised['facts'], over: Promised['over'] = () => {}): void {
    this.withdraw(uuid);
    this.#promised.set(uuid, { facts, over, callId: undefined });
    const { place, fetched } = facts;
    if (place !== undefined && fetched !== true) {
      const { callId, party, expiresAt } = place;
      const places = this.#places.get(callId) ?? new Map<string, ExpectedPlace>();
      this.#places.set(callId, places);
      const expires = expiresAt === undefined ? {} : { expiresAt };
      places.set(uuid, { key: legKeyOf(uuid), party: this.#spokenFor(party, facts), ...expires });
    }
  }

  withdraw(uuid: string): void {
    const { callId } = this.#promised.get(uuid)?.facts.place ?? {};
    this.#promised.delete(uuid);
    const places = this.#places.get(callId ?? '');
    places?.delete(uuid);
    if (places?.size === 0) {
      this.#places.delete(callId ?? '');
    }
  }

  expected(callId: string): readonly ExpectedPlace[] {
    return [...(this.#places.get(callId)?.values() ?? [])];
  }

  /** Whether a leg with this UUID is expected here. */
  isPromised(uuid: string): boolean {
    return this.#promised.has(uuid);
  }

  identifyBy(whoIs: WhoIs): void {
    this.#whoIs = whoIs;
  }

  followBy(seated: (uuid: string, isKnown: boolean) => void): void {
    this.#followed = seated;
  }

  async seat(arrival: Arrival): Promise<Seat | Refusal> {
    const { uuid, extension, place } = arrival.facts;
    if (uuid === undefined) {
      return this.#seat(arrival);
    }
    const promised = this.#promised.get(uuid);
    if (promised !== undefined) {
      return this.#tellSeated(await this.#seatPromised(arrival, promised), uuid, true);
    }
    if (extension !== undefined || place !== undefined) {
      return this.#tellSeated(await this.#seat(arrival), uuid, true);
    }
    const identity = await this.#whoIs(uuid);
    return this.#tellSeated(await this.#seatBare(arrival, identity), uuid, identity !== undefined);
  }

  #tellSeated(seat: Seat | Refusal, uuid: string, isKnown: boolean): Seat | Refusal {
    if (seat.type === 'seat') {
      this.#followed(uuid, isKnown);
    }
    return seat;
  }

  async #seatPromised(arrival: Arrival, promised: Promised): Promise<Seat | Refusal> {
    const seat = await this.#seat({ ...arrival, facts: { ...arrival.facts, ...promised.facts } });
    if (seat.type === 'seat') {
      promised.callId = seat.callId;
      return promised.facts.fetched === true ? { ...seat, fetched: true } : seat;
    }
    return seat;
  }

  unseated(seat: Seat, uuid: string): void {
    this.#extensions.unseated(seat, uuid);
    this.#scheme.unseated?.(seat, uuid);
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

  /** Seats who said nothing but a UUID, by what else is known of it. */
  async #seatBare(arrival: Arrival, identity: Identity = UNKNOWN): Promise<Seat | Refusal> {
    const { caller, dialled, language, voice, linkedid } = identity;
    const extension = this.#dialled.has(dialled) ? { extension: dialled } : {};
    const own = isVoiceName(voice) ? { voice } : {};
    const numbers = { ...(caller === '' ? {} : { caller }), ...(dialled === '' ? {} : { dialled }) };
    const seat = await this.#seat({
      ...arrival,
      facts: { ...arrival.facts, ...numbers, ...extension, ...own, linkedid },
    });
    return seat.type === 'seat' && seat.plan.languages.includes(language)
      ? { ...seat, party: { ...seat.party, language } }
      : seat;
  }

  async #seat(arrival: Arrival): Promise<Seat | Refusal> {
    const { linkedid = '' } = arrival.facts;
    const seat = await this.#place(arrival);
    if (seat.type === 'refused') {
      return seat;
    }
    const plan = linkedid === '' ? seat.plan : { linkedid, ...seat.plan };
    return { ...seat, plan, party: this.#spokenFor(seat.party, arrival.facts) };
  }

  /** A party with the voice that speaks for it. */
  #spokenFor(party: PartyPlan, facts: ArrivalFacts): PartyPlan {
    const { caller, extension, dialled = extension, voice: own } = facts;
    const voice = own ?? party.voice ?? voiceByNumber(this.#numbers, { caller, dialled });
    return voice === party.voice ? party : { ...party, voice };
  }

  async #place(arrival: Arrival): Promise<Seat | Refusal> {
    const { place, extension, dialled = extension } = arrival.facts;
    if (place === undefined) {
      const known = this.#dialled.get(extension ?? '');
      const others = known === undefined ? this.#agents.others : undefined;
      const agent = agentByDialled(this.#agents, dialled) ?? others;
      if (agent !== undefined) {
        const { language } = known ?? {};
        return seatWithAgent(arrival, language, agent, this.#plan);
      }
      return (extension === undefined ? this.#scheme : this.#extensions).seat(arrival);
    }
    const { callId, party, kind, languages, plan } = place;
    return { type: 'seat', callId, party, plan: { ...this.#plan, kind, languages, ...plan } };
  }
}
