/**
 * How HTTP says no: every refusal of every route has one form, `application/problem+json` (RFC 9457), with a short name
 * for programs and a sentence for people. Nothing of what was sent is quoted, since it may be what somebody dialled.
 */

import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { codeOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export const PROBLEM = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().meta({ description: 'the status in words' }),
    status: z.int(),
    code: z.string().meta({ description: 'a short name to tell it by', examples: ['no-such-call'] }),
    detail: z.string().meta({ description: 'what is wrong, and what to do about it' }),
    errors: z
      .array(z.object({ at: z.string(), detail: z.string() }))
      .exactOptional()
      .meta({ description: 'of a request that does not fit its schema: where, and what is wrong there' }),
    current: z.unknown().exactOptional().meta({
      description: 'of a change of what is another version by now (412): how it is, as GET answers',
    }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

export type Problem = z.infer<typeof PROBLEM>;

/** The statuses that we refuse with, in words. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** What fastify refuses before a route sees it, by its code. */
const FRAMEWORK: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL:
    'the address cannot be read: write other characters than A-Z a-z 0-9 - _ . ~ as %XX, in UTF-8',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the address is too long for an id: GET /api/v1/calls lists them',
  FST_ERR_CTP_BODY_TOO_LARGE:
    'the body is too large: 64 KiB are the most, of a recording to play 5.7 MB, a minute of 48 kHz mono, and of one to make ' +
    'a voice of 28 MB, five minutes',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty: send JSON, {} at least',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not JSON, or has a key that no object may have (__proto__)',
  FST_ERR_CTP_INVALID_MEDIA_TYPE:
    'the body is of a type that is not taken here: send JSON with the header "content-type: application/json"; ' +
    'GET /api/openapi.json says what else each route takes',
};

/** What Node refuses before there is a request, by its code. */
const UNREAD: Readonly<Record<string, { readonly status: number; readonly detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    detail: 'the request has not come to its end in a minute: send it again',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    detail: 'the headers are too large: 16 KiB are the most, the address included',
  },
};
const NO_HTTP = { status: 400, detail: 'this is no request of HTTP/1.1 that can be read' };

/** A request that is refused, thrown by whatever finds out. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly current: unknown;

  /**
   * @param code a short name to tell it by. @param detail what is wrong, and what to do about it.
   * @param current how it is now what was to be changed; undefined: it is not told.
   */
  constructor(status: number, code: string, detail: string, current?: unknown) {
    super(detail);
    this.status = status;
    this.code = code;
    this.current = current;
  }
}

/** Has `app` answer in this form whatever it does not answer otherwise. @param routes those that there are, for people. */
export function addProblemAnswers(app: FastifyInstance, routes: string, log: Log): void {
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, problemOf(404, 'no-such-route', `there is no such route; there are ${routes}`)),
  );
  app.setErrorHandler((error: unknown, _request, reply) => answerError(error, reply, log));
}

/** Answers what is no HTTP that can be read, and ends its connection; for `clientErrorHandler`. */
export function refuseUnread({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, detail } = UNREAD[code] ?? NO_HTTP;
  const body = JSON.stringify(problemOf(status, 'bad-request', detail));
  socket.end(
    `HTTP/1.1 ${status} ${TITLES[status]}\r\nconnection: close\r\ncontent-type: ${PROBLEM_TYPE}; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

/** Answers what went wrong; {@link Refused} and what a schema refuses are no fault of ours. */
export function answerError(error: unknown, reply: FastifyReply, log: Log): FastifyReply {
  const problem = problemIn(error);
  if (problem.status >= 500 && !(error instanceof Refused)) {
    log.error({ error }, 'an HTTP request failed');
  }
  return sendProblem(reply, problem);
}

function problemIn(error: unknown): Problem {
  if (error instanceof Refused) {
    const { status, code, message, current } = error;
    return { ...problemOf(status, code, message), ...(current === undefined ? {} : { current }) };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message = 'it does not fit' }) => ({
      at: `${error.validationContext ?? ''}${instancePath}`,
      detail: message,
    }));
    const [first] = errors;
    const where = first === undefined ? '' : `: ${first.at}: ${first.detail}`;
    return { ...problemOf(400, 'bad-request', `what is asked for cannot be read${where}`), errors };
  }
  const status = statusOf(error);
  const code = codeOf(error);
  return status >= 500
    ? problemOf(status, 'failed', 'the server failed to answer; its log says why')
    : problemOf(status, 'bad-request', FRAMEWORK[code] ?? `the request is refused (${code})`);
}

function problemOf(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail };
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) {
    reply.header('www-authenticate', 'Bearer');
  }
  // As a text, so that no route's schema is asked about it.
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** The status a fastify error asks for. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;
}
