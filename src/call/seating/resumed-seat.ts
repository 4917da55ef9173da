/** The seat of a leg whose call began at another node, from what that node had told of it. */

import { Glossary } from '../../interpret/exactness/glossary.ts';
import type { CallPlan, GlossaryBook, PartyPlan } from '../plan.ts';
import { legKeyOf, type RecordedParty, type RecordedPlan, type RestartRecord } from '../restart-record.ts';
import { type ExpectedPlace, isOpen, type Seat } from './seating.ts';

/**
 * @param uuid what the leg came with.
 * @param plan of this node's own calls: what the record says nothing of is as there.
 * @param now by the wall clock: some places are kept only so long.
 * @returns undefined where the record knows no such leg: somebody who is new to the call.
 */
export function resumedSeat(
  record: RestartRecord,
  uuid: string,
  plan: CallPlan,
  now: Date,
): Seat | undefined {
  const key = legKeyOf(uuid);
  const known = record.parties.find((each) => each.key === key);
  const party =
    known === undefined
      ? expectedIn(record).find((place) => place.key === key && isOpen(place, now))?.party
      : partyPlanOf(known);
  return party === undefined
    ? undefined
    : { type: 'seat', callId: record.callId, party, plan: resumedPlan(record, plan) };
}

/** The places of a recorded call whose legs were still to come. */
export function expectedIn({ expected = [] }: RestartRecord): readonly ExpectedPlace[] {
  return expected.map(({ key, expiresAt, ...party }) => ({
    ...{ key, party: partyPlanOf(party) },
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
  }));
}

/** What a recorded call is to be from now on. */
export function resumedPlan({ plan: recorded }: RestartRecord, plan: CallPlan): CallPlan {
  const { terms, voices, limitMs, ...rest } = recorded;
  return {
    ...plan,
    ...rest,
    limitMs,
    voices: new Map(Object.entries(voices)),
    glossary: terms === undefined ? plan.glossary : glossaryOf(terms),
  };
}

/** What a recorded party is. */
export function partyPlanOf(recorded: Omit<RecordedParty, 'announced' | 'utterances'>): PartyPlan {
  const { id, name, language, voice, original, hears, muted, refusesRecording, ownVoiceOff } = recorded;
  return {
    ...{ id, name, language, voice, original, hears, muted },
    ...(refusesRecording === undefined ? {} : { refusesRecording }),
    ...(ownVoiceOff === undefined ? {} : { ownVoiceOff }),
  };
}

function glossaryOf(terms: NonNullable<RecordedPlan['terms']>): GlossaryBook {
  const glossaries = new Map(
    Object.entries(terms).map(([direction, each]) => [
      direction,
      new Glossary(new Map(Object.entries(each))),
    ]),
  );
  const none = new Glossary(new Map());
  return (from, to) => glossaries.get(`${from} ${to}`) ?? none;
}
