/** Calls as the API shows them. Each schema is document and client's type. */

import { z } from 'zod';
import { PARTY_STATE_NAMES } from '../../../call/leg-states.ts';
import { CALL_KINDS, CALL_MODES, ORIGINAL_MODES, PARTY_HEARINGS } from '../../../call/plan.ts';
import { RECORDING_STATES } from '../../../call/recording/recorder.ts';
import type { RegisteredCall } from '../../../call/seating/registered-calls.ts';
import { POLICY_NAMES } from '../../../interpret/policy/cut-policy.ts';
import type { PartyView } from '../../server-view.ts';
import type { ApiDeps } from './api-app.ts';
import type { CallRecord } from './call-record.ts';

const SHOWN_PARTY = z
  .object({
    party: z.string().meta({ description: 'within the call' }),
    name: z.string().meta({ description: 'for people' }),
    language: z.string(),
    voice: z.string().exactOptional(),
    original: z.enum(ORIGINAL_MODES).exactOptional().meta({
      description: 'how it hears the voices of who is interpreted, where that is not as for the whole call',
    }),
    hears: z.enum(PARTY_HEARINGS).meta({
      description:
        'all; `voices`: the others as they are and no translation; `renderings`: translations alone',
    }),
    muted: z.boolean().meta({ description: 'nobody hears it' }),
    state: z.enum(PARTY_STATE_NAMES),
    speaking: z.boolean(),
    backlogMs: z.number().meta({ description: 'what is still to be said to it' }),
  })
  .meta({ id: 'Party' });

export const CALL_STATES = ['registered', 'running', 'ended'] as const;

const UTTERANCES_FARED = z
  .object({
    count: z.int(),
    failed: z.int().meta({ description: 'neither interpreted nor played' }),
    lagMs: z.number().exactOptional().meta({
      description:
        'of the latest: from the end of what was said to the first sound of what closes it; 0: it was heard before that',
    }),
    lagP95Ms: z.number().exactOptional().meta({ description: 'what 95 of a hundred of them do not exceed' }),
  })
  .meta({ description: 'how the latest of a call fared, 20 at most, each language by itself' });

export const SHOWN_CALL = z
  .object({
    call: z.string().meta({ description: 'lets nobody join it' }),
    state: z.enum(CALL_STATES).meta({ description: '`registered`: nobody has come to it yet' }),
    version: z.int().meta({
      description:
        'the ETag of GET, for If-Match: grows with each change of what the call is to be, of who takes part and as whom, ' +
        'and of its recording, but not with what is said, or by which leg a party is there',
    }),
    startedAt: z.iso.datetime().exactOptional(),
    expiresAt: z.iso
      .datetime()
      .exactOptional()
      .meta({ description: 'when it is forgotten, if nobody comes' }),
    endedAt: z.iso.datetime().exactOptional(),
    durationMs: z.number().exactOptional(),
    kind: z.enum(CALL_KINDS).exactOptional(),
    mode: z.enum(CALL_MODES).exactOptional(),
    translating: z.boolean().exactOptional().meta({ description: 'false: left as it is for a while' }),
    policy: z.enum(POLICY_NAMES).exactOptional(),
    original: z.enum(ORIGINAL_MODES).exactOptional(),
    matchDelay: z.boolean().exactOptional(),
    recording: z.enum(RECORDING_STATES).exactOptional().meta({
      description: '`paused`: not for now, or not before somebody asks for it; `off`: not at all, or no more',
    }),
    utterances: UTTERANCES_FARED.exactOptional(),
    metadata: z.record(z.string(), z.string()).exactOptional(),
    parties: z.array(SHOWN_PARTY).meta({ description: 'of a call that has ended: everybody who took part' }),
  })
  .meta({ id: 'Call' });

export type ShownCall = z.infer<typeof SHOWN_CALL>;

export const CALL_LIST = z
  .object({
    calls: z.array(SHOWN_CALL),
    next: z.string().exactOptional().meta({ description: 'there are more: ask again with this as `after`' }),
  })
  .meta({ id: 'CallList' });

/** The call as it is at the moment. */
export function shownNow(record: CallRecord, { view, clock }: Pick<ApiDeps, 'view' | 'clock'>): ShownCall {
  const running = record.end === undefined ? view.call(record.callId) : undefined;
  const { id: call, startedAt, end, fared } = record;
  const plan = running?.plan ?? record.plan;
  const now = clock.wallTime();
  return {
    call,
    state: end === undefined ? 'running' : 'ended',
    version: running?.version ?? record.version,
    startedAt: startedAt.toISOString(),
    ...(end === undefined ? {} : { endedAt: end.at.toISOString() }),
    durationMs: end?.durationMs ?? Math.max(0, now.getTime() - startedAt.getTime()),
    ...(running === undefined ? {} : { recording: running.recording }),
    // Field by field, so that a new field of the view is shared only on purpose.
    ...(plan === undefined
      ? {}
      : {
          kind: plan.kind,
          mode: plan.mode,
          translating: plan.translating,
          policy: plan.policy,
          original: plan.original,
          matchDelay: plan.matchDelay,
          ...(plan.metadata === undefined ? {} : { metadata: { ...plan.metadata } }),
        }),
    ...(fared === undefined ? {} : { utterances: fared }),
    parties: (running?.parties ?? record.parties).map(shownParty),
  };
}

/** A call that nobody has come to yet; its UUIDs are told to nobody again. */
export function shownRegistered({ id: call, wish, parties, expiresAt }: RegisteredCall): ShownCall {
  const { mode, translating, policy, original, matchDelay, metadata } = wish.plan;
  return {
    ...{ call, state: 'registered', version: 0, expiresAt: expiresAt.toISOString(), kind: wish.kind },
    ...(mode === undefined ? {} : { mode }),
    ...(translating === undefined ? {} : { translating }),
    ...(policy === undefined ? {} : { policy }),
    ...(original === undefined ? {} : { original }),
    ...(matchDelay === undefined ? {} : { matchDelay }),
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
    parties: parties.map(({ plan: { id: party, ...plan } }) =>
      shownParty({ ...plan, party, state: 'IDLE', speaking: false, backlogMs: 0 }),
    ),
  };
}

function shownParty(view: PartyView) {
  const { party, name, language, voice, original, hears, muted, state, speaking, backlogMs } = view;
  return {
    ...{ party, name, language, hears, muted, state, speaking, backlogMs },
    ...(voice === undefined ? {} : { voice }),
    ...(original === undefined ? {} : { original }),
  };
}
