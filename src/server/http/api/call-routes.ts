/**
 * Calls that run, and the latest that have ended:
 *
 *   GET /calls                    a list; `state`, `limit`, `after`
 *   GET /calls/{call}             one
 *   GET /calls/{call}/utterances  what was said, or only when, and where the time went
 */

import { z } from 'zod';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import type { CallRecord } from './call-record.ts';
import { CALL_LIST, SHOWN_CALL, shownNow } from './call-schemas.ts';
import { UTTERANCE_LIST, utterancesIn } from './utterances.ts';

const MOST_LISTED = 500;
const MOST_UTTERANCES = 400;

export const CALL_PARAMS = z.strictObject({ call: z.string().max(64) });

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

export function addCallRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, events } = deps;
  const shown = (record: CallRecord) => shownNow(record, deps);

  app.get(
    '/calls',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listCalls',
        summary: 'Calls that run, then the latest that have ended',
        tags: ['calls'],
        querystring: z.strictObject({
          state: z.enum(['running', 'ended']).optional(),
          limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(MOST_LISTED),
          after: z.string().max(64).optional().meta({ description: '`next` of the list before' }),
        }),
        response: { 200: CALL_LIST, ...REFUSALS },
      },
    },
    ({ query: { state, limit, after } }) => {
      const records = events
        .records()
        .filter(({ end }) => state === undefined || (state === 'ended') === (end !== undefined));
      const from = after === undefined ? 0 : records.findIndex(({ id }) => id === after) + 1;
      const listed = records.slice(from, from + limit);
      const last = listed.at(-1);
      return {
        calls: listed.map(shown),
        ...(last !== undefined && from + limit < records.length ? { next: last.id } : {}),
      };
    },
  );

  app.get(
    '/calls/:call',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'getCall',
        summary: 'One call',
        tags: ['calls'],
        params: CALL_PARAMS,
        response: { 200: SHOWN_CALL, ...REFUSALS },
      },
    },
    ({ params }) => shown(recordOf(deps, params.call)),
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
