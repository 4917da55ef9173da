/**
 * Calls that somebody has described before their legs come: each party gets a UUID of its own, and whoever comes with it
 * has its place. A call that nobody has come to in time is forgotten; one that has begun, when it is over.
 */

import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Language } from '../../base/language.ts';
import type { AgentSeat, CallKind, PartyPlan } from '../plan.ts';
import type { Promising } from './arranged-seating.ts';
import { type ArrangedPlace, type ArrivalFacts, idOfPlace } from './seating.ts';

interface WishedParty extends Omit<PartyPlan, 'id'>, Pick<ArrivalFacts, 'caller' | 'dialled'> {
  /** It is no person: nobody comes for it, and it is fetched. */
  readonly agent?: Omit<AgentSeat, 'party'>;
}

/** What a call is to be, as far as it is not as all others. */
export interface CallWish {
  readonly kind: CallKind;
  /** In the order of their places; at most as many as there are letters. */
  readonly parties: readonly WishedParty[];
  readonly plan: NonNullable<ArrangedPlace['plan']>;
  /** How many terms the glossary of the plan has. Default 0. */
  readonly terms?: number;
  /** What it is to be called where it is shown, of none that {@link RegisteredCalls.has}; default a new name. */
  readonly id?: string;
  /** How long nobody may come to it, in ms. */
  readonly ttlMs: number;
}

export interface RegisteredParty {
  readonly plan: PartyPlan;
  /** Whoever comes with it has the place: a secret of those who make the call. */
  readonly uuid: string;
}

export interface RegisteredCall {
  /** What the call is called, where it is shown, too: nobody comes in by it. */
  readonly id: string;
  readonly callId: string;
  readonly wish: CallWish;
  /** Those that are people. */
  readonly parties: readonly RegisteredParty[];
  /** When it is forgotten, if nobody comes. */
  readonly expiresAt: Date;
}

/** Registered and not over, at most: each holds some 2 KB, and its glossary. */
export const MOST_REGISTERED = 10_000;
/** Terms of all their glossaries: some 0.2 KB each. */
export const MOST_REGISTERED_TERMS = 200_000;
/** No other scheme makes calls of such names, so nobody else comes into them. */
const PREFIX = 'registered-';

/** What a registered call is called where it is shown; undefined of another call. */
export function registeredIdOf(callId: string): string | undefined {
  return callId.startsWith(PREFIX) ? callId.slice(PREFIX.length) : undefined;
}

/**
 * What a call is called where it is shown: of a registered one the id it was given then, of another one a new id. A call's
 * own id is most of the UUIDs that let its parties in; this one is good for nothing but asking about the call.
 */
export function shownIdOf(callId: string): string {
  return registeredIdOf(callId) ?? newId();
}

/** 64 bits, so that no two calls share one; of a UUID, since Node asks the system for those by the hundred. */
function newId(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 8) + uuid.slice(-8);
}

interface Kept {
  readonly call: RegisteredCall;
  timer: Timer;
}

export class RegisteredCalls {
  readonly #promises: Promising;
  readonly #clock: Clock;
  readonly #runs: (callId: string) => boolean;
  readonly #nobodyCame: (call: RegisteredCall) => void;
  readonly #kept = new Map<string, Kept>();
  /** Of all that are kept. */
  #terms = 0;

  /** @param runs whether somebody has come to a call. @param nobodyCame hears of calls that are forgotten for that. */
  constructor(
    promises: Promising,
    clock: Clock,
    runs: (callId: string) => boolean,
    nobodyCame: (call: RegisteredCall) => void = () => {},
  ) {
    this.#promises = promises;
    this.#clock = clock;
    this.#runs = runs;
    this.#nobodyCame = nobodyCame;
  }

  /** Makes places for a call; `full` when there are too many that are not over, or they have too many terms. */
  register(wish: CallWish): RegisteredCall | 'full' {
    const terms = this.#terms + (wish.terms ?? 0);
    if (this.#kept.size >= MOST_REGISTERED || terms > MOST_REGISTERED_TERMS) {
      return 'full';
    }
    this.#terms = terms;
    const id = wish.id ?? newId();
    const callId = PREFIX + id;
    const languages: readonly Language[] = [...new Set(wish.parties.map(({ language }) => language))];
    const places = wish.parties.map(({ caller, dialled, agent, ...party }, place) => ({
      uuid: randomUUID(),
      agent,
      plan: { ...party, id: idOfPlace(place) },
      numbers: { ...(caller === undefined ? {} : { caller }), ...(dialled === undefined ? {} : { dialled }) },
    }));
    const over = (): void => this.#forget(id);
    let came = false;
    const parties = places.filter(({ agent }) => agent === undefined);
    const agents = places.flatMap(({ agent, plan: party }) =>
      agent === undefined ? [] : [{ ...agent, party }],
    );
    const { kind } = wish;
    const plan = agents.length === 0 ? wish.plan : { ...wish.plan, agents };
    for (const { uuid, plan: party, numbers } of parties) {
      this.#promises.promise(
        uuid,
        { ...numbers, place: { callId, party, kind, languages, plan } },
        ({ reason, seated }) => {
          came ||= seated;
          if (reason === 'call-over') {
            over();
          }
        },
      );
    }
    const expiresAt = new Date(this.#clock.wallTime().getTime() + wish.ttlMs);
    const call = { id, callId, wish, parties, expiresAt };
    const timer = this.#clock.at(this.#clock.nowMs() + wish.ttlMs, () => {
      if (!this.#runs(callId)) {
        over();
        if (!came) {
          this.#nobodyCame(call);
        }
      }
    });
    this.#kept.set(id, { call, timer });
    return call;
  }

  /** Whether a call of this id is waited for, or runs. */
  has(id: string): boolean {
    return this.#kept.has(id);
  }

  /** Those that nobody has come to yet, the oldest first. */
  waiting(): readonly RegisteredCall[] {
    return [...this.#kept.values()].map(({ call }) => call).filter(({ callId }) => !this.#runs(callId));
  }

  /** Nobody is to come to it any more. @returns whether there was such a call that nobody had come to. */
  withdraw(id: string): boolean {
    const kept = this.#kept.get(id);
    if (kept === undefined || this.#runs(kept.call.callId)) {
      return false;
    }
    this.#forget(id);
    return true;
  }

  /** Forgets all. Idempotent. */
  close(): void {
    for (const id of [...this.#kept.keys()]) {
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      kept.timer.cancel();
      this.#kept.delete(id);
      this.#terms -= kept.call.wish.terms ?? 0;
      for (const { uuid } of kept.call.parties) {
        this.#promises.withdraw(uuid);
      }
    }
  }
}
