/**
 * HTTP for load balancers and for people who watch calls:
 *
 *   GET /health, GET /ready      whether it is alive, and whether to send calls here: see `health-routes.ts`
 *   GET /health/report, GET /api/recovery/stats: see `recovery-routes.ts`
 *   GET /status                  all about the service on one page
 *   GET /calls                   the running calls, without anything that is said
 *   GET /calls/:callId/events    what is said, as Server-Sent Events, until the call ends; by the id that /calls shows
 *   POST /whisper, /whisper/off: see `whisper-routes.ts`
 *
 * Privacy: what is said is shared only when the operator asked for it (`captions`); otherwise it is not kept even
 * in memory. There is no login: whoever reaches the address may read, which is why it is loopback unless the
 * operator writes another.
 */

import { type FastifyInstance, fastify } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { CallEvent } from '../../call/call-events.ts';
import type { ServiceHealth } from '../../engines/resilience/health-window.ts';
import type { InterpretingView } from '../interpreting/interpreting-view.ts';
import type { ServerView } from '../server-view.ts';
import { CallHistory } from './call-history.ts';
import { EventStream } from './event-stream.ts';
import { guarded } from './guard.ts';
import { addHealth } from './health-routes.ts';
import { type BoundAddress, listenOn } from './listen.ts';
import { addRecovery } from './recovery-routes.ts';
import type { UtteranceCounts } from './service-health.ts';
import { type StatusSources, serviceStatus } from './service-status.ts';
import { ShownIds } from './shown-ids.ts';
import { addWhisper } from './whisper-routes.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Names it is reached by besides those it knows of itself. Default none. */
  readonly names?: readonly string[];
  /** Whether what is said is shared. */
  readonly captions: boolean;
  /** The version of dragoman that /health tells. */
  readonly version: string;
  /** When the service started, in ms of the clock. */
  readonly startedAtMs: number;
}

export interface HttpServerDeps {
  readonly view: ServerView;
  readonly health: () => ServiceHealth;
  /** The latest utterances. */
  readonly utterances: UtteranceCounts;
  readonly interpreting: InterpretingView;
  readonly clock: Clock;
  readonly log: Log;
}

/** Readers of captions at the same time; each may hold some 256 KiB. */
const MOST_READERS = 64;
/** Those, and as many others. */
const MOST_CONNECTIONS = 2 * MOST_READERS;

const ROUTES =
  'GET /health, GET /ready, GET /health/report, GET /api/recovery/stats, GET /status, GET /calls, ' +
  'GET /calls/:callId/events, POST /whisper and POST /whisper/off';
const NO_CAPTIONS = 'this server does not share captions; start it with --captions';

export class HttpServer {
  readonly address: BoundAddress;
  readonly #app: FastifyInstance;
  readonly #history: CallHistory | undefined;

  /** @throws AppError `address-in-use` or `address-refused`. */
  static async open(options: HttpServerOptions, deps: HttpServerDeps): Promise<HttpServer> {
    const app = fastify({ logger: false, forceCloseConnections: true });
    const history = options.captions ? new CallHistory(deps.view, deps.clock) : undefined;
    guarded(app, { ...options, maxConnections: MOST_CONNECTIONS }, deps.clock);
    addErrorAnswers(app, deps.log);
    const { version, startedAtMs } = options;
    const sources = { ...deps, version, startedAtMs };
    addHealth(app, sources);
    addStatus(app, sources);
    addRecovery(app, deps);
    addWhisper(app, deps.view);
    const ids = new ShownIds();
    addCalls(app, deps.view, ids);
    addEvents(app, history, ids);
    try {
      return new HttpServer(app, history, await listenOn(app, options, '--http'));
    } catch (error) {
      history?.close();
      throw error;
    }
  }

  private constructor(app: FastifyInstance, history: CallHistory | undefined, address: BoundAddress) {
    this.#app = app;
    this.#history = history;
    this.address = address;
  }

  /** Drops every connection, streams of events included. Idempotent. */
  async close(): Promise<void> {
    this.#history?.close();
    await this.#app.close();
  }
}

function addStatus(app: FastifyInstance, sources: StatusSources): void {
  app.get('/status', (_request, reply) => reply.send(serviceStatus(sources)));
}

function addCalls(app: FastifyInstance, view: ServerView, ids: ShownIds): void {
  app.get('/calls', (_request, reply) =>
    reply.send(
      // Field by field, so that a new field of the view is shared only on purpose.
      view.calls().map(({ callId, startedAt, parties }) => ({
        callId: ids.of(callId),
        startedAt: startedAt.toISOString(),
        parties: parties.map(({ party, name, language, state }) => ({ party, name, language, state })),
      })),
    ),
  );
}

function addEvents(app: FastifyInstance, history: CallHistory | undefined, ids: ShownIds): void {
  let readers = 0;
  app.get<{ Params: { callId: string } }>('/calls/:callId/events', (request, reply) => {
    if (history === undefined) {
      return reply.code(403).send({ error: NO_CAPTIONS });
    }
    if (readers >= MOST_READERS) {
      return reply.code(503).send({ error: `${MOST_READERS} readers follow calls already; try again later` });
    }
    let stream: EventStream | undefined;
    const pass = (event: CallEvent): void => {
      stream?.send(event);
      if (event.type === 'ended') {
        stream?.end();
      }
    };
    const callId = ids.meant(request.params.callId, history.callIds());
    const followed = callId === undefined ? undefined : history.follow(callId, pass);
    if (followed === undefined) {
      return reply.code(404).send({ error: 'there is no such call; GET /calls lists the calls that run' });
    }
    reply.hijack();
    stream = new EventStream(reply.raw);
    readers++;
    stream.onClose(() => {
      readers--;
      followed.stop();
    });
    if (followed.droppedEvents > 0) {
      stream.comment(`${followed.droppedEvents} earlier events are no longer kept`);
    }
    followed.events.forEach(pass);
    return reply;
  });
}

function addErrorAnswers(app: FastifyInstance, log: Log): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: `there is no such route; there are ${ROUTES}` }),
  );
  app.setErrorHandler((error: unknown, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500) {
      log.error({ error }, 'an HTTP request failed');
    }
    return reply.code(status).send({
      error: status >= 500 ? 'the server failed to answer' : `the request is refused (${codeOf(error)})`,
    });
  });
}

/** The status a fastify error asks for. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;
}
