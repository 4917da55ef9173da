/**
 * What was kept of calls that are over:
 *
 *   GET /records                     a list, the latest first; `from`, `until`, `limit`, `after`
 *   GET, DELETE /records/{call}      one; DELETE takes off all that is kept of it, its recording too
 *   DELETE /records?before=          the same of all that ended before a day
 *   GET /records/{call}/transcript   what was said: `format`, `language`
 *   GET /records/{call}/summary      what it was about
 *   GET /calls/{call}/transcript     what was said so far in a call that runs
 *   POST /calls/{call}/summary       what it was about so far
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, messageOf } from '../../../base/errors.ts';
import { CALL_DETAIL, type CallDetail, withoutNames } from '../../../call/detail/call-detail.ts';
import { subRip, webVtt } from '../../../call/transcript/caption-files.ts';
import { sideBySide } from '../../../call/transcript/side-by-side.ts';
import { languagesIn, TRANSCRIPT, type Transcript } from '../../../call/transcript/transcript.ts';
import type { CallRecords } from '../../records/call-records.ts';
import { DatabaseError } from '../../records/database/database-link.ts';
import { type PlacedRecord, RECORD_PLACE } from '../../records/record-archive.ts';
import { CALL_SUMMARY } from '../../records/summary/summaries.ts';
import { Refused } from '../problem.ts';
import type { Access } from './access.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { CALL_PARAMS, runningCall } from './call-routes.ts';

const MOST_LISTED = 500;
const USUAL_LISTED = 100;

const DAY = z.iso.date().meta({ description: 'in UTC' });

export const SHOWN_RECORD = CALL_DETAIL.meta({
  id: 'Record',
  description:
    'what begins with "pii" is left out for who has no scope "captions"; callId, most of the UUIDs that let parties in, for ' +
    'who has no scope "control"',
});

export const RECORD_LIST = z
  .object({
    records: z.array(SHOWN_RECORD).meta({ description: 'the latest first' }),
    next: z.string().exactOptional().meta({ description: 'there are more: ask again with this as `after`' }),
  })
  .meta({ id: 'RecordList' });

export const REMOVAL = z
  .object({
    records: z.int().meta({ description: 'records; of days, files of records' }),
    files: z.int().meta({ description: 'calls of which transcripts or recordings were there' }),
    rows: z.int().exactOptional().meta({ description: 'of the database, where there is one' }),
  })
  .meta({ id: 'Removal' });

const FORMATS = ['json', 'txt', 'vtt', 'srt'] as const;

const TRANSCRIPT_QUERY = z.strictObject({
  format: z.enum(FORMATS).default('json'),
  language: z.string().max(40).optional().meta({ description: 'of vtt and srt, which have one' }),
});

const TRANSCRIPT_ANSWER = {
  description: 'as `format` says',
  content: {
    'application/json': { schema: TRANSCRIPT },
    'text/plain': { schema: z.string() },
    'text/vtt': { schema: z.string() },
    'application/x-subrip': { schema: z.string() },
  },
};

export function addRecordRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, events, log } = deps;
  const kept = (): CallRecords => keptBy(deps);
  const recordOf = async (
    call: string,
    find = (records: CallRecords) => records.find(call),
  ): Promise<CallDetail> => {
    const detail = await reading(() => find(kept()));
    if (detail === undefined) {
      throw new Refused(
        404,
        'no-such-record',
        'nothing is kept of such a call; GET /api/v1/records lists what is',
      );
    }
    return detail;
  };
  const mayRead = (request: FastifyRequest): void => {
    if (!access.reads(request)) {
      throw access.unread();
    }
  };

  app.get(
    '/records',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listRecords',
        summary: 'Records of calls that are over',
        tags: ['records'],
        querystring: z.strictObject({
          from: DAY.optional(),
          until: DAY.optional(),
          limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(USUAL_LISTED),
          after: z.string().regex(RECORD_PLACE).optional().meta({ description: '`next` of the list before' }),
        }),
        response: { 200: RECORD_LIST, ...REFUSALS },
      },
    },
    async (request) => {
      const { limit, after, ...filter } = request.query;
      const page = await reading(() => pageOf(kept().latest(filter, after), limit));
      return { ...page, records: page.records.map((detail) => shown(detail, request, access)) };
    },
  );

  app.delete(
    '/records',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'purgeRecords',
        summary: 'Remove all that is kept of calls which ended before a day',
        tags: ['records'],
        querystring: z.strictObject({ before: DAY }),
        response: { 200: REMOVAL, ...REFUSALS },
      },
    },
    async (request) => {
      const { before } = request.query;
      const removed = await removing(() => kept().removeBefore(before));
      log.info(
        { by: access.callerOf(request).name, before, ...removed },
        'the API was asked to remove records',
      );
      return removed;
    },
  );

  app.get(
    '/records/:call',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'getRecord',
        summary: 'The record of one call',
        tags: ['records'],
        params: CALL_PARAMS,
        response: { 200: SHOWN_RECORD, ...REFUSALS },
      },
    },
    async (request) => shown(await recordOf(request.params.call), request, access),
  );

  app.delete(
    '/records/:call',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'removeRecord',
        summary: 'Remove all that is kept of a call: record, transcript, summary and recording',
        tags: ['records'],
        params: CALL_PARAMS,
        response: { 200: REMOVAL, ...REFUSALS },
      },
    },
    async (request) => {
      const { call } = request.params;
      const detail = await recordOf(call, (records) => records.findToRemove(call));
      const removed = await removing(() => kept().remove(detail));
      events.forget(call);
      log.info({ by: access.callerOf(request).name, call, ...removed }, 'the API was asked to remove a call');
      return removed;
    },
  );

  app.get(
    '/records/:call/transcript',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'getTranscript',
        summary: 'What was said in a call, in its languages',
        tags: ['records'],
        params: CALL_PARAMS,
        querystring: TRANSCRIPT_QUERY,
        response: { 200: TRANSCRIPT_ANSWER, ...REFUSALS },
      },
    },
    async (request, reply) => {
      mayRead(request);
      const detail = await recordOf(request.params.call);
      const transcript = await reading(() => kept().transcript(detail));
      if (transcript === undefined) {
        throw new Refused(
          404,
          'no-transcript',
          'what was said in this call was not kept, or is not any more',
        );
      }
      return written(transcript, request.query, reply);
    },
  );

  app.get(
    '/records/:call/summary',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'getSummary',
        summary: 'What a call was about, in each of its languages',
        tags: ['records'],
        params: CALL_PARAMS,
        response: { 200: CALL_SUMMARY, ...REFUSALS },
      },
    },
    async (request) => {
      mayRead(request);
      const detail = await recordOf(request.params.call);
      const summary = await reading(() => kept().summary(detail));
      if (summary === undefined) {
        throw kept().sumsUp
          ? new Refused(
              404,
              'no-summary',
              'this call has no summary, or not yet; the log says why, if it never will',
            )
          : noSummaries();
      }
      return summary;
    },
  );

  app.get(
    '/calls/:call/transcript',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'getRunningTranscript',
        summary: 'What was said so far in a call that runs, where it is kept',
        tags: ['records'],
        params: CALL_PARAMS,
        querystring: TRANSCRIPT_QUERY,
        response: { 200: TRANSCRIPT_ANSWER, ...REFUSALS },
      },
    },
    (request, reply) => {
      mayRead(request);
      return written(runningTranscript(deps, request.params.call), request.query, reply);
    },
  );

  app.post(
    '/calls/:call/summary',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'sumUp',
        summary: 'What a call that runs was about so far; it takes some seconds',
        tags: ['records'],
        params: CALL_PARAMS,
        response: { 200: CALL_SUMMARY, ...REFUSALS },
      },
    },
    async (request, reply) => {
      mayRead(request);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const summary = await sumUp(kept(), runningTranscript(deps, request.params.call), gone.signal);
      if (summary === undefined) {
        throw noSummaries();
      }
      return summary;
    },
  );
}

function keptBy({ records }: Pick<ApiDeps, 'records'>): CallRecords {
  if (records === undefined) {
    throw new Refused(
      404,
      'no-records',
      'no records are kept here: start the server with --records DIRECTORY',
    );
  }
  return records;
}

function runningTranscript(deps: ApiDeps, call: string): Transcript {
  const transcript = keptBy(deps).running(runningCall(deps, call));
  if (transcript === undefined) {
    throw new Refused(
      404,
      'no-transcript',
      'what is said is not kept here: start the server with --transcripts',
    );
  }
  return transcript;
}

async function sumUp(records: CallRecords, transcript: Transcript, signal: AbortSignal) {
  try {
    return await records.sumUp(transcript, signal);
  } catch (error) {
    if (error instanceof AppError) {
      throw new Refused(502, 'summary-failed', messageOf(error));
    }
    throw error;
  }
}

function noSummaries(): Refused {
  return new Refused(
    501,
    'no-summaries',
    'nobody sums calls up here: set SUMMARY_URL, and start with --transcripts',
  );
}

/** So many records, and the place of the last of them where there are more. */
async function pageOf(latest: AsyncIterable<PlacedRecord>, limit: number) {
  const records: CallDetail[] = [];
  let next = '';
  for await (const { detail, place } of latest) {
    if (records.length === limit) {
      return { records, next };
    }
    records.push(detail);
    next = place;
  }
  return { records };
}

/** What cannot be read now is to be asked for again. */
async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError) {
      throw new Refused(
        503,
        'records-out-of-reach',
        `records cannot be read now, ask again later; calls go on: ${messageOf(error)}`,
      );
    }
    throw error;
  }
}

/** What cannot be removed now is to be tried again. */
async function removing<T>(remove: () => Promise<T>): Promise<T> {
  try {
    return await remove();
  } catch (error) {
    if (error instanceof DatabaseError || error instanceof AppError) {
      throw new Refused(
        503,
        'not-removed',
        `something of it may be left, ask again later: ${messageOf(error)}`,
      );
    }
    throw error;
  }
}

function shown({ callId, ...detail }: CallDetail, request: FastifyRequest, access: Access): CallDetail {
  const own = callId === undefined || !access.callerOf(request).scopes.has('control') ? {} : { callId };
  const parties = access.reads(request) ? detail.parties : withoutNames(detail);
  return { ...detail, ...own, parties };
}

function written(
  transcript: Transcript,
  { format, language = languagesIn(transcript)[0] ?? '' }: z.infer<typeof TRANSCRIPT_QUERY>,
  reply: FastifyReply,
): Transcript | string {
  switch (format) {
    case 'json':
      return transcript;
    case 'txt':
      reply.type('text/plain; charset=utf-8');
      return sideBySide(transcript);
    case 'vtt':
      refuseUnspoken(transcript, language);
      reply.type('text/vtt; charset=utf-8');
      return webVtt(transcript, language);
    case 'srt':
      refuseUnspoken(transcript, language);
      reply.type('application/x-subrip; charset=utf-8');
      return subRip(transcript, language);
  }
}

function refuseUnspoken(transcript: Transcript, language: string): void {
  if (!languagesIn(transcript).includes(language)) {
    throw new Refused(
      404,
      'no-such-language',
      `nothing was said in that language: ask for one of ${languagesIn(transcript).join(', ') || 'none'}`,
    );
  }
}
