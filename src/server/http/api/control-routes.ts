/**
 * Steering a call that runs:
 *
 *   PATCH, DELETE /calls/{call}                  what it is to be from now on; hang up
 *   PATCH, DELETE /calls/{call}/parties/{party}  the same of one party
 *   POST /calls/{call}/recording                 keep it, pause that, or end it
 *   POST /calls/{call}/handover                  have another node go on with it
 *
 * A version in `If-Match` is the one that is meant: where the call is another by now it stays as it is, and the refusal
 * says how that is.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CALL_MODES, ORIGINAL_MODES, PARTY_HEARINGS } from '../../../call/plan.ts';
import { RECORDING_STATES } from '../../../call/recording/recorder.ts';
import { POLICY_NAMES } from '../../../interpret/policy/cut-policy.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { CALL_PARAMS, PARTY_PARAMS, recordOf, runningCall, waitedFor } from './call-routes.ts';
import { SHOWN_CALL, type ShownCall, shownNow, shownRegistered } from './call-schemas.ts';
import { etagOf, MEANT, refuseOtherVersion } from './if-match.ts';
import { refuseUnspoken, WRITTEN_LANGUAGE } from './written-language.ts';

/** What legs are counted by that were hung up so. */
const REASON = 'asked-by-api';

const CALL_CHANGE = z
  .strictObject({
    mode: z.enum(CALL_MODES).exactOptional(),
    translating: z
      .boolean()
      .exactOptional()
      .meta({ description: 'false: nothing is translated for a while' }),
    policy: z.enum(POLICY_NAMES).exactOptional(),
    original: z.enum(ORIGINAL_MODES).exactOptional(),
    matchDelay: z.boolean().exactOptional(),
  })
  .meta({ id: 'CallChange', description: 'what is left out stays as it is' });

const PARTY_CHANGE = z
  .strictObject({
    name: z.string().min(1).max(80).exactOptional(),
    language: WRITTEN_LANGUAGE.exactOptional(),
    voice: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .exactOptional()
      .meta({ description: 'null: that of the language; @ and the id of a speaker: that of their profile' }),
    original: z
      .enum(ORIGINAL_MODES)
      .nullable()
      .exactOptional()
      .meta({ description: 'null: as the call says' }),
    hears: z.enum(PARTY_HEARINGS).exactOptional(),
    muted: z.boolean().exactOptional(),
    ownVoiceOff: z.boolean().exactOptional().meta({
      description:
        'true: the voice of the language speaks for it in place of its own, from the next segment on',
    }),
    refusesRecording: z.literal(true).exactOptional().meta({
      description: 'nothing of it is kept, nor what the others heard of it; it cannot be taken back',
    }),
  })
  .meta({ id: 'PartyChange', description: 'what is left out stays as it is' });

const NOT_HANDED_OVER = {
  'no-nodes': {
    code: 'no-other-node',
    detail:
      'no other node takes calls now: --cluster has others serve with this one, GET /api/v1/nodes shows them',
  },
  stays: {
    code: 'not-movable',
    detail: 'one of its legs would not come again: only those that a dialplan sends by AudioSocket do',
  },
} as const;

export function addControlRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, control, interpreting, voices, log } = deps;
  const running = (id: string): string => runningCall(deps, id);
  const found = (there: boolean): void => {
    if (!there) {
      throw new Refused(404, 'no-such-party', 'there is no such party now; GET the call to see who is there');
    }
  };
  const note = (request: FastifyRequest, call: string, what: string): void => {
    log.info({ by: access.callerOf(request).name, call, what }, 'the API was asked to steer a call');
  };

  const meant = ({ headers }: { readonly headers: z.infer<typeof MEANT> }, id: string): void =>
    refuseOtherVersion(headers, () => shownNow(recordOf(deps, id), deps));
  const answered = (reply: FastifyReply, id: string): ShownCall => {
    const call = shownNow(recordOf(deps, id), deps);
    reply.header('etag', etagOf(call.version));
    return call;
  };

  app.patch(
    '/calls/:call',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'changeCall',
        summary: 'What a call is to be from now on',
        description: 'What was said by now is rendered to its end as it began.',
        tags: ['control'],
        params: CALL_PARAMS,
        headers: MEANT,
        body: CALL_CHANGE,
        response: { 200: SHOWN_CALL, ...REFUSALS },
      },
    },
    (request, reply) => {
      const { call } = request.params;
      const callId = running(call);
      meant(request, call);
      note(request, callId, 'change');
      found(control.changeCall(callId, request.body));
      return answered(reply, call);
    },
  );

  app.delete(
    '/calls/:call',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'hangUp',
        summary: 'Hang up all parties of a call, or wait no longer for one that was registered',
        tags: ['control'],
        params: CALL_PARAMS,
        headers: MEANT,
        response: { 204: z.null(), ...REFUSALS },
      },
    },
    (request, reply) => {
      const { call } = request.params;
      const waited = waitedFor(deps, call);
      if (waited !== undefined) {
        refuseOtherVersion(request.headers, () => shownRegistered(waited));
        note(request, waited.callId, 'withdraw');
        control.withdraw(call);
      } else {
        const callId = running(call);
        meant(request, call);
        note(request, callId, 'hang up');
        control.hangUp(callId, REASON);
      }
      reply.code(204);
      return null;
    },
  );

  app.post(
    '/calls/:call/recording',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'record',
        summary: 'Record a call from now on, pause that, or end it',
        description:
          'A call that --record is off for, or whose recording has ended, cannot be recorded (409).',
        tags: ['control'],
        params: CALL_PARAMS,
        headers: MEANT,
        body: z.strictObject({ state: z.enum(RECORDING_STATES) }).meta({ id: 'RecordingWish' }),
        response: { 200: SHOWN_CALL, ...REFUSALS },
      },
    },
    (request, reply) => {
      const { call } = request.params;
      const callId = running(call);
      meant(request, call);
      note(request, callId, 'record');
      if (control.setRecording(callId, request.body.state) === 'not-recorded') {
        throw new Refused(
          409,
          'not-recorded',
          'this call cannot be recorded: --record is off for it, or its recording has been ended',
        );
      }
      return answered(reply, call);
    },
  );

  app.post(
    '/calls/:call/handover',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'handOver',
        summary: 'Have another node go on with a call, at its next pause',
        description:
          'Its legs are let go, and their dialplan dials again. Where no other node takes calls (409), or none does at that ' +
          'pause, it stays. A call with a leg that would not come again (409) cannot be handed over.',
        tags: ['control'],
        params: CALL_PARAMS,
        response: { 202: SHOWN_CALL, ...REFUSALS },
      },
    },
    (request, reply) => {
      const { call } = request.params;
      const callId = running(call);
      note(request, callId, 'hand over');
      const shown = shownNow(recordOf(deps, call), deps);
      const outcome = control.handOver(callId);
      if (outcome === 'no-nodes' || outcome === 'stays') {
        throw new Refused(409, NOT_HANDED_OVER[outcome].code, NOT_HANDED_OVER[outcome].detail);
      }
      reply.code(202);
      return shown;
    },
  );

  app.patch(
    '/calls/:call/parties/:party',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'changeParty',
        summary: 'What a party speaks, hears and is heard as from now on',
        tags: ['control'],
        params: PARTY_PARAMS,
        headers: MEANT,
        body: PARTY_CHANGE,
        response: { 200: SHOWN_CALL, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { call, party } = request.params;
      const { voice, original, ...rest } = request.body;
      refuseUnspoken(rest.language, interpreting);
      const callId = running(call);
      note(request, callId, 'change a party');
      const change = {
        ...rest,
        ...(voice === undefined ? {} : { voice: voice ?? undefined }),
        ...(original === undefined ? {} : { original: original ?? undefined }),
      };
      await voices.speakers.prepare(voice ?? undefined);
      meant(request, call);
      found(control.changeParty(callId, party, change));
      return answered(reply, call);
    },
  );

  app.delete(
    '/calls/:call/parties/:party',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'hangUpParty',
        summary: 'Hang up one party, which cannot come again for 10 s; a call of two is over then',
        tags: ['control'],
        params: PARTY_PARAMS,
        headers: MEANT,
        response: { 204: z.null(), ...REFUSALS },
      },
    },
    (request, reply) => {
      const { call, party } = request.params;
      const callId = running(call);
      meant(request, call);
      note(request, callId, 'hang up a party');
      found(control.hangUpParty(callId, party, REASON));
      reply.code(204);
      return null;
    },
  );
}
