/**
 * What a call is to be and as whom its parties are known, both of which may change while it runs. What was said by then is
 * rendered to its end as it began. A change that says what is so already is none.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Tally } from '../base/tally.ts';
import type { CallEvent } from './call-events.ts';
import type { CallInterpreting } from './call-interpreting.ts';
import type { CallTaps } from './call-taps.ts';
import type { CallLedger } from './detail/call-ledger.ts';
import type { Party } from './party.ts';
import {
  type CallPlan,
  changeableOf,
  type PartyChange,
  type PartyPlan,
  type PlanChange,
  samePartyPlan,
} from './plan.ts';

/** The call that it is of. */
export interface ChangingCall {
  readonly parties: ReadonlyMap<string, Party>;
  readonly interpreting: CallInterpreting;
  readonly taps: CallTaps;
  readonly ledger: CallLedger;
  readonly clock: Clock;
  readonly log: Log;
  /** Ms since the call began. */
  nowMs(): number;
  emit(event: CallEvent): void;
  /** Who is rendered in which languages, and what everyone hears, may be otherwise. */
  reconsider(): void;
  /** What waits to be said to a party is in a language that it speaks no more. */
  dropSayings(party: Party): void;
  /** Who is there may have to be told what the call tells everyone. */
  announce(): void;
}

export class CallChanges {
  readonly counts = {
    /** Times that a party became somebody else, or what was known of one changed. */
    partiesChanged: new Tally<'person' | 'known'>(),
  };
  readonly #call: ChangingCall;
  #plan: CallPlan;
  #version: number;

  /** @param version how many changes there have been, at another node. */
  constructor(call: ChangingCall, plan: CallPlan, version: number) {
    this.#call = call;
    this.#plan = plan;
    this.#version = version;
  }

  /** The call as it is to be now. */
  get plan(): CallPlan {
    return this.#plan;
  }

  /** Grows with each change of what the call is to be, of who takes part and as whom, and of its recording. */
  get version(): number {
    return this.#version;
  }

  /** Something of that has changed, elsewhere. */
  count(): void {
    this.#version += 1;
  }

  /** The call is to be another from now on; where nothing is rendered any more, what is being said ends. */
  plans(change: PlanChange): void {
    const before = this.#plan;
    const plan = { ...before, ...change };
    if (isDeepStrictEqual(changeableOf(plan), changeableOf(before))) {
      return;
    }
    this.#plan = plan;
    this.count();
    const { parties, log } = this.#call;
    if (plan.policy !== before.policy) {
      // What hears and renders was opened for the other policy.
      for (const party of parties.values()) {
        this.#interpretAnew(party, party.plan);
      }
    }
    log.info(changeableOf(plan), 'a call is to be another from now on');
    this.#call.emit({ type: 'call-changed', atMs: this.#call.nowMs(), ...changeableOf(plan) });
    this.#call.reconsider();
    this.#call.announce();
  }

  /**
   * What is known of a party is otherwise from now on: it is heard, spoken to and told that a machine interprets in its
   * language as it is now. In another language nothing is said to it any more that was meant for the one before.
   */
  known(party: Party, change: PartyChange): void {
    const plan = { ...party.plan, ...change };
    if (plan.language !== party.language || plan.voice !== party.plan.voice) {
      this.#become(party, plan, plan.language !== party.language);
    } else if (!samePartyPlan(plan, party.plan)) {
      this.#adjust(party, plan);
    } else {
      return;
    }
    this.counts.partiesChanged.add('known');
  }

  /**
   * What was not known of a party when it came. What was chosen for it meanwhile stays, and a language that its call does
   * not have is none of its own, as when it comes.
   */
  knownLate(party: Party, { language, voice }: PartyChange): void {
    const { seated, plan } = party;
    const speaks = language !== undefined && this.#plan.languages.includes(language);
    this.known(party, {
      ...(speaks && plan.language === seated.language ? { language } : {}),
      ...(voice !== undefined && plan.voice === seated.voice ? { voice } : {}),
    });
  }

  /** Somebody else is at a party's place: a call was handed on. All that was learnt of who was there is forgotten. */
  person(party: Party, change: PartyChange): void {
    this.#become(party, { ...party.plan, ...change }, true);
    this.counts.partiesChanged.add('person');
  }

  /** Who seats a party's legs says this of it: something else than before is another person. */
  seatedAs(party: Party, plan: PartyPlan): void {
    const { seated } = party;
    party.seated = plan;
    if (!samePartyPlan(seated, plan) && !samePartyPlan(party.plan, plan)) {
      const { name, language, voice, original } = plan;
      this.person(party, { name, language, voice, original });
    }
  }

  /** Everybody is told as whom a party is known. */
  tell({ id, name, language, refusesRecording }: PartyPlan): void {
    this.count();
    this.#call.emit({
      ...{ type: 'party-changed', atMs: this.#call.nowMs(), party: id, name, language },
      ...(refusesRecording === true ? { refusesRecording } : {}),
    });
  }

  /** @param anew whether who is there is to be told what the call tells everyone, and has said nothing yet. */
  #become(party: Party, plan: PartyPlan, anew: boolean): void {
    const { interpreting, ledger, clock } = this.#call;
    if (anew) {
      interpreting.forgetWords(party.id);
      party.facts.forgetAll();
      party.ear.forgetLast();
    }
    if (plan.language !== party.language) {
      this.#call.dropSayings(party);
    }
    this.#interpretAnew(party, plan);
    ledger.is(plan, clock.nowMs());
    this.tell(plan);
    this.#call.reconsider();
    this.#call.announce();
  }

  #adjust(party: Party, plan: PartyPlan): void {
    const { taps, ledger, clock, log } = this.#call;
    const refused = party.plan.refusesRecording === true;
    party.adjust(plan);
    ledger.is(plan, clock.nowMs());
    if (plan.refusesRecording === true && !refused) {
      log.info({ party: party.id }, 'a party does not want to be recorded');
      taps.refuse(party.id);
    }
    this.tell(plan);
    this.#call.reconsider();
  }

  /** What the party says from now on is heard and rendered by others; what it has said by now comes to its end. */
  #interpretAnew(party: Party, plan: PartyPlan): void {
    const { taps, interpreting } = this.#call;
    taps.endTaking(party.id, 'changed');
    interpreting.openAnew(party, plan);
  }
}
