/**
 * `POST /calls/{call}/parties`: another party is to come to a call that runs, and gets a UUID to come by. A call of two
 * that is given a third goes on when one of the three leaves, and is over, as ever, when one is left alone.
 */

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { CALL_PARAMS, recordOf, runningCall } from './call-routes.ts';
import { IdempotentAnswers } from './idempotent-answers.ts';
import {
  agentOf,
  FETCHED_PARTY,
  partyWish,
  SERVER,
  serverFor,
  TTL_SECONDS,
  UUID_TO_COME_BY,
} from './register-routes.ts';
import { refuseUnspoken } from './written-language.ts';

/** 32 bits: a call has few. */
const AGENT_ID_BYTES = 4;

const ADDED_WISH = FETCHED_PARTY.extend({
  ttlSeconds: TTL_SECONDS.meta({ description: 'how long the party is waited for' }),
}).meta({ id: 'AddedPartyWish' });

const ADDED = z
  .object({
    party: z.string(),
    language: z.string(),
    uuid: UUID_TO_COME_BY.exactOptional(),
    server: SERVER,
    expiresAt: z.iso.datetime().exactOptional().meta({ description: 'when it is waited for no longer' }),
  })
  .meta({ id: 'AddedParty' });

export function addAddedPartyRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, control, view, interpreting, clock, log } = deps;
  const answers = new IdempotentAnswers<z.infer<typeof ADDED>>(clock);
  app.post(
    '/calls/:call/parties',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'addParty',
        summary: 'Have another party come to a call that runs',
        description: 'A call of two goes on when one of three leaves, and is over when one is left alone.',
        tags: ['control'],
        params: CALL_PARAMS,
        headers: z.looseObject({
          'idempotency-key': z.string().min(1).max(200).optional().meta({
            description: 'the same key has the same answer for a day',
          }),
        }),
        body: ADDED_WISH,
        response: { 201: ADDED, ...REFUSALS },
      },
    },
    (request, reply) => {
      const { params, body, headers } = request;
      const { name: by } = access.callerOf(request);
      const answer = answers.once(by, headers['idempotency-key'], { ...params, ...body }, () => {
        refuseUnspoken(body.language, interpreting);
        const callId = runningCall(deps, params.call);
        const { agent } = agentOf(body.agent, body.language, view);
        if (agent !== undefined) {
          const party = { ...partyWish(body), id: `agent-${randomBytes(AGENT_ID_BYTES).toString('hex')}` };
          view.agents?.invite(callId, { ...agent, party });
          log.info({ by, call: callId, party: party.id }, 'an agent is to be added to a call');
          return { party: party.id, language: party.language };
        }
        const added = control.addParty(callId, partyWish(body), body.ttlSeconds * 1_000);
        if (added === 'not-there') {
          throw new Refused(409, 'call-ended', 'this call has ended: it can only be read');
        }
        if (added === 'draining') {
          throw new Refused(503, 'draining', 'this server is ending: nobody comes to its calls any more');
        }
        if (added === 'full') {
          throw new Refused(
            409,
            'too-many-parties',
            'the call has as many parties as --max-parties lets in, those waited for included',
          );
        }
        const { plan, uuid, expiresAt } = added;
        log.info({ by, call: callId, party: plan.id }, 'a party is to be added to a call');
        const server = serverFor(request.socket.localAddress, deps.view);
        return {
          ...{ party: plan.id, language: plan.language, uuid },
          ...(server === undefined ? {} : { server }),
          expiresAt: expiresAt.toISOString(),
        };
      });
      reply
        .code(201)
        .header('location', `/api/v1/calls/${recordOf(deps, params.call).id}/parties/${answer.party}`);
      return answer;
    },
  );
}
