/** Calls as the API shows them. Each schema is document and client's type. */

import { z } from 'zod';
import { PARTY_STATE_NAMES } from '../../../call/leg-states.ts';
import { CALL_KINDS, CALL_MODES, ORIGINAL_MODES, PARTY_HEARINGS } from '../../../call/plan.ts';
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

export const SHOWN_CALL = z
  .object({
    call: z.string().meta({ description: 'lets nobody join it' }),
    state: z.enum(['running', 'ended']),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().exactOptional(),
    durationMs: z.number(),
    kind: z.enum(CALL_KINDS).exactOptional(),
    mode: z.enum(CALL_MODES).exactOptional(),
    translating: z.boolean().exactOptional().meta({ description: 'false: left as it is for a while' }),
    policy: z.enum(POLICY_NAMES).exactOptional(),
    original: z.enum(ORIGINAL_MODES).exactOptional(),
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
  const { id: call, startedAt, end } = record;
  const plan = running?.plan ?? record.plan;
  const now = clock.wallTime();
  return {
    call,
    state: end === undefined ? 'running' : 'ended',
    startedAt: startedAt.toISOString(),
    ...(end === undefined ? {} : { endedAt: end.at.toISOString() }),
    durationMs: end?.durationMs ?? Math.max(0, now.getTime() - startedAt.getTime()),
    // Field by field, so that a new field of the view is shared only on purpose.
    ...(plan === undefined
      ? {}
      : {
          kind: plan.kind,
          mode: plan.mode,
          translating: plan.translating,
          policy: plan.policy,
          original: plan.original,
        }),
    parties: (running?.parties ?? record.parties).map(shownParty),
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
