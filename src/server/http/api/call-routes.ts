/**
 * Calls that run, that are waited for, and the latest that have ended:
 *
 *   GET /calls                    a list; `state`, `limit`, `after`
 *   GET /calls/{call}             one
 *   GET /calls/{call}/utterances  what was said, or only when, and where the time went
 */

import { z } from 'zod';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import type { CallRecord } from './call-record.ts';
import { CALL_LIST, CALL_STATES, SHOWN_CALL, shownNow, shownRegistered } from './call-schemas.ts';
import { etagOf } from './if-match.ts';
import { UTTERANCE_LIST, utterancesIn } from './utterances.ts';

const MOST_LISTED = 500;
const MOST_UTTERANCES = 400;

export const CALL_PARAMS = z.strictObject({ call: z.string().max(64) });
export const PARTY_PARAMS = CALL_PARAMS.extend({ party: z.string().max(64) });

/** @throws Refused when there is no such call. */
export function recordOf({ events }: Pick<ApiDeps, 'events'>, id: string): CallRecord {
  const record = events.find(id);
  if (record === undefined) {
    throw new Refused(
      404,
      'no-such-call',
      'there is no such call; GET /api/v1/calls lists those that there are',
    );
  }
  return record;
}

/** A registered call that nobody has come to yet. Thousands may be waited for: one that runs is not looked for there. */
export function waitedFor({ events, view }: Pick<ApiDeps, 'events' | 'view'>, id: string) {
  const known = events.find(id);
  return known !== undefined && known.end === undefined
    ? undefined
    : view.registered().find((waited) => waited.id === id);
}

/** The own id of a call that runs. @throws Refused when there is none, or it does not run. */
export function runningCall(deps: Pick<ApiDeps, 'events' | 'view'>, id: string): string {
  if (waitedFor(deps, id) !== undefined) {
    throw new Refused(409, 'call-waited-for', 'nobody has come to this call yet: steer it once it runs');
  }
  const record = recordOf(deps, id);
  if (record.end !== undefined) {
    throw new Refused(409, 'call-ended', 'this call has ended: it can only be read');
  }
  return record.callId;
}

export function addCallRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, events, view } = deps;

  app.get(
    '/calls',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listCalls',
        summary: 'Calls that run, those that are waited for, and the latest that have ended',
        tags: ['calls'],
        querystring: z.strictObject({
          state: z.enum(CALL_STATES).optional(),
          limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(MOST_LISTED),
          after: z.string().max(64).optional().meta({ description: '`next` of the list before' }),
        }),
        response: { 200: CALL_LIST, ...REFUSALS },
      },
    },
    ({ query: { state, limit, after } }) => {
      // Thousands may be waited for: what is not listed is not written out.
      const known = events.records().map((record) => ({
        ...{ call: record.id, is: record.end === undefined ? 'running' : 'ended' },
        shown: () => shownNow(record, deps),
      }));
      const waited = view
        .registered()
        .map((each) => ({ call: each.id, is: 'registered', shown: () => shownRegistered(each) }));
      const all = [
        ...known.filter(({ is }) => is === 'running'),
        ...waited,
        ...known.filter(({ is }) => is === 'ended'),
      ].filter(({ is }) => state === undefined || is === state);
      const from = after === undefined ? 0 : all.findIndex(({ call }) => call === after) + 1;
      const calls = all.slice(from, from + limit).map(({ shown }) => shown());
      const last = calls.at(-1);
      return { calls, ...(last !== undefined && from + limit < all.length ? { next: last.call } : {}) };
    },
  );

  app.get(
    '/calls/:call',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'getCall',
        summary: 'One call; its version is its ETag',
        tags: ['calls'],
        params: CALL_PARAMS,
        response: { 200: SHOWN_CALL, ...REFUSALS },
      },
    },
    ({ params }, reply) => {
      const waited = waitedFor(deps, params.call);
      const call =
        waited === undefined ? shownNow(recordOf(deps, params.call), deps) : shownRegistered(waited);
      reply.header('etag', etagOf(call.version));
      return call;
    },
  );

  app.get(
    '/calls/:call/utterances',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listUtterances',
        summary: 'What was said, and where its time went',
        tags: ['calls'],
        params: CALL_PARAMS,
        querystring: z.strictObject({
          limit: z.coerce.number().int().min(1).max(MOST_UTTERANCES).default(MOST_UTTERANCES).meta({
            description: 'the latest so many',
          }),
        }),
        response: { 200: UTTERANCE_LIST, ...REFUSALS },
      },
    },
    (request) => {
      const record = recordOf(deps, request.params.call);
      const utterances = utterancesIn(record.events, access.hears(request));
      return {
        utterances: utterances.slice(-request.query.limit),
        missed: record.droppedUntil > 0 || utterances.length > request.query.limit,
      };
    },
  );
}
