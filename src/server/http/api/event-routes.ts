/**
 * What happens, as Server-Sent Events: of everything, or of one call until it ends. Who comes back says with
 * `Last-Event-ID` what it had last. Each event is written once for all readers; one that does not read is dropped.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Timer } from '../../../base/clock.ts';
import { EventStream } from '../event-stream.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { API_EVENT, EVENT_TYPES } from './api-events.ts';
import { CALL_PARAMS, recordOf } from './call-routes.ts';
import type { EventListener, Followed } from './event-log.ts';
import type { LoggedEvent } from './logged-event.ts';

/** Readers at the same time; each may hold some 256 KiB. */
const MOST_READERS = 512;
/** Proxies end what is silent for long; and whose token was taken away reads for this long. */
const COMMENT_EVERY_MS = 15_000;

/** Who asks for these by name wants what was said. */
const SAID: readonly string[] = ['heard', 'spoken', 'key'];

const TYPES = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(EVENT_TYPES)))
  .optional();
const QUERY = z.strictObject({
  types: TYPES.meta({ description: `which events, with commas, of ${EVENT_TYPES.join(', ')}; else all` }),
});
const HEADERS = z.looseObject({
  'last-event-id': z.string().max(64).optional().meta({ description: 'what was read last' }),
});
const STREAM = {
  200: {
    description: 'each event is an `Event`, as JSON, with an id for Last-Event-ID',
    content: { 'text/event-stream': { schema: API_EVENT } },
  },
  ...REFUSALS,
};

interface Reader {
  readonly stream: EventStream;
  /** Whether it follows one call, and is done when that is. */
  readonly oneCall: boolean;
  readonly types: ReadonlySet<string> | undefined;
  readonly captions: boolean;
  /** To ask again who reads. */
  readonly request: FastifyRequest;
}

export function addEventRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, events } = deps;
  const readers = new Readers(deps);
  app.addHook('preClose', async () => readers.close());

  app.get(
    '/events',
    {
      // A stream that is all head would never end.
      exposeHeadRoute: false,
      onRequest: access.needs('read'),
      schema: {
        operationId: 'followAll',
        summary: 'What happens to all calls and engines, from now on',
        tags: ['events'],
        querystring: QUERY,
        headers: HEADERS,
        response: STREAM,
      },
    },
    (request, reply) => {
      readers.open(request, reply, { types: request.query.types, oneCall: false }, (listener) =>
        events.follow(request.headers['last-event-id'], listener),
      );
    },
  );

  app.get(
    '/calls/:call/events',
    {
      // A stream that is all head would never end.
      exposeHeadRoute: false,
      onRequest: access.needs('read'),
      schema: {
        operationId: 'followCall',
        summary: 'What happens in one call, from its beginning until it ends',
        tags: ['events'],
        params: CALL_PARAMS,
        querystring: QUERY,
        headers: HEADERS,
        response: STREAM,
      },
    },
    (request, reply) => {
      const record = recordOf(deps, request.params.call);
      readers.open(request, reply, { types: request.query.types, oneCall: true }, (listener) =>
        events.followCall(record, request.headers['last-event-id'], listener),
      );
    },
  );
}

class Readers {
  readonly #deps: ApiDeps;
  readonly #open = new Set<Reader>();
  /** Set while somebody reads. */
  #comment: Timer | undefined;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
  }

  /** @throws Refused when there are too many, or what was said is asked for and not to be had. */
  open(
    request: FastifyRequest,
    reply: FastifyReply,
    { types, oneCall }: { readonly types: readonly string[] | undefined; readonly oneCall: boolean },
    follow: (listener: EventListener) => Followed,
  ): void {
    if (this.#open.size >= MOST_READERS) {
      throw new Refused(
        503,
        'too-many-readers',
        `${MOST_READERS} readers follow events already: follow all calls by one stream, /api/v1/events`,
      );
    }
    const captions = this.#deps.access.hears(request);
    if (!captions && types?.some((type) => SAID.includes(type)) === true) {
      throw this.#deps.access.unheard();
    }
    reply.hijack();
    const reader: Reader = {
      stream: new EventStream(reply.raw),
      oneCall,
      types: types === undefined ? undefined : new Set(types),
      captions,
      request,
    };
    const followed = follow((event) => pass(reader, event));
    this.#open.add(reader);
    this.#commentLater();
    reader.stream.onClose(() => {
      this.#open.delete(reader);
      followed.stop();
      this.#commentLater();
    });
    if (followed.missed) {
      reader.stream.send(missedEvent(this.#deps.clock.wallTime()));
    }
    for (const event of followed.events) {
      pass(reader, event);
    }
  }

  close(): void {
    this.#comment?.cancel();
  }

  #commentLater(): void {
    const { clock } = this.#deps;
    if (this.#open.size === 0) {
      this.#comment?.cancel();
      this.#comment = undefined;
    }
    if (this.#open.size > 0 && this.#comment === undefined) {
      this.#comment = clock.at(clock.nowMs() + COMMENT_EVERY_MS, () => {
        for (const { stream, request, captions } of this.#open) {
          if (this.#deps.access.stillReads(request, captions)) {
            stream.comment('still here');
          } else {
            stream.end();
          }
        }
        this.#comment = undefined;
        this.#commentLater();
      });
    }
  }
}

function pass({ stream, types, captions, oneCall }: Reader, logged: LoggedEvent): void {
  const { type } = logged.event;
  const wire = types === undefined || types.has(type) ? logged.wire(captions) : undefined;
  if (wire !== undefined) {
    stream.send(wire);
  }
  if (oneCall && type === 'ended') {
    stream.end();
  }
}

function missedEvent(now: Date): Buffer {
  return Buffer.from(`data: ${JSON.stringify({ type: 'missed', at: now.toISOString() })}\n\n`);
}
