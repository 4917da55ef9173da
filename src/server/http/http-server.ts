/**
 * HTTP for load balancers and for people who watch calls:
 *
 *   GET /                        the console, see `console/console-page.ts`
 *   GET /health, GET /ready      whether it is alive, and whether to send calls here: see `health-routes.ts`
 *   GET /health/report, GET /api/recovery/stats: see `recovery-routes.ts`
 *   GET /status                  all about the service on one page
 *   /api/v1, GET /api/openapi.json: see `api/api.ts`
 *
 * Privacy: what is said is shared only when the operator asked for it (`captions`); otherwise it is not kept even
 * in memory. Outside of the API there is no login: whoever reaches the address may read how the service is.
 */

import { type FastifyInstance, fastify } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { NodesView } from '../../cluster/nodes-view.ts';
import type { ServiceHealth } from '../../engines/resilience/health-window.ts';
import { addConsole } from '../console/console-page.ts';
import type { EndpointBook } from '../endpoints/endpoint-book.ts';
import type { EngineControl } from '../interpreting/engine-control.ts';
import type { InterpretingView } from '../interpreting/interpreting-view.ts';
import type { LoopHealthView } from '../loop-health.ts';
import type { CallRecords } from '../records/call-records.ts';
import type { ServerControl } from '../server-control.ts';
import type { ServerView } from '../server-view.ts';
import type { Traces } from '../traces/traces.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { Access, type ListenIn } from './api/access.ts';
import { addApi } from './api/api.ts';
import { type ApiVoices, NO_VOICES } from './api/api-voices.ts';
import { EventLog } from './api/event-log.ts';
import { TokenFile } from './api/token-file.ts';
import { guarded } from './guard.ts';
import { addHealth } from './health-routes.ts';
import { type BoundAddress, listenOn } from './listen.ts';
import { addProblemAnswers, answerError, refuseUnread } from './problem.ts';
import { addRecovery } from './recovery-routes.ts';
import type { UtteranceCounts } from './service-health.ts';
import { type StatusSources, serviceStatus } from './service-status.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Names it is reached by besides those it knows of itself. Default none. */
  readonly names?: readonly string[];
  /** Whether what is said is shared. */
  readonly captions: boolean;
  /** Whether calls may be listened to. Default `off`. */
  readonly listenIn?: ListenIn;
  /** The tokens of the API; undefined: it is for this machine alone. */
  readonly tokenFile?: string | undefined;
  /** Told of all that happens; whoever made them closes them. */
  readonly webhooks?: Webhooks | undefined;
  /** The same. */
  readonly traces?: Traces | undefined;
  /** The version of dragoman that /health tells. */
  readonly version: string;
  /** When the service started, in ms of the clock. */
  readonly startedAtMs: number;
}

export interface HttpServerDeps {
  readonly view: ServerView & ServerControl;
  readonly health: () => ServiceHealth;
  /** The latest utterances. */
  readonly utterances: UtteranceCounts;
  /** How the main thread does. Default: it is not told. */
  readonly loop?: () => LoopHealthView;
  readonly interpreting: InterpretingView & EngineControl;
  /** Default {@link NO_VOICES}. */
  readonly voices?: ApiVoices;
  /** What is kept of calls; default: nothing is. */
  readonly records?: CallRecords | undefined;
  /** The nodes that serve together with this one; default: it serves alone. */
  readonly nodes?: NodesView | undefined;
  /** The phones of the exchange; default: they are none of ours. */
  readonly endpoints?: EndpointBook | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Readers of events, and some others. */
const MOST_CONNECTIONS = 640;

/** A hundred calls that are registered in a second, and who watches meanwhile. */
const MOST_A_SECOND = 300;

/** Whoever shares calls out asks for them, on the machine of a program that may ask for too much, too. */
const WATCHED = ['/health', '/ready'];

/** Longer than any request that means it. */
const MOST_BODY_BYTES = 65_536;
/** Until a request has come, in ms: 6 MB of a recording at 1 Mbit/s. Who sends a byte a minute keeps no connection. */
const MOST_REQUEST_MS = 60_000;

const ROUTES =
  'GET /, GET /health, GET /ready, GET /health/report, GET /api/recovery/stats, GET /status and what ' +
  'GET /api/openapi.json lists';

export class HttpServer {
  readonly address: BoundAddress;
  readonly #app: FastifyInstance;
  readonly #events: EventLog;

  /** @throws AppError `address-in-use` or `address-refused`; `bad-option` when the tokens cannot be read. */
  static async open(options: HttpServerOptions, deps: HttpServerDeps): Promise<HttpServer> {
    const app = fastify({
      logger: false,
      forceCloseConnections: true,
      bodyLimit: MOST_BODY_BYTES,
      requestTimeout: MOST_REQUEST_MS,
      // What is no URL has no route, and would be quoted.
      frameworkErrors: (error, _request, reply) => answerError(error, reply, deps.log),
      clientErrorHandler: refuseUnread,
    });
    const { captions, listenIn = 'off', tokenFile, version, startedAtMs } = options;
    const sources = { ...deps, version, startedAtMs };
    const { clock, log } = deps;
    const tokens = tokenFile === undefined ? undefined : new TokenFile(tokenFile, clock, log);
    const events = new EventLog(deps, captions);
    options.webhooks?.follow(events);
    deps.records?.onKept((detail) => events.recordKept(detail));
    options.traces?.follow(events);
    try {
      guarded(
        app,
        { ...options, maxConnections: MOST_CONNECTIONS, mostASecond: MOST_A_SECOND, apart: WATCHED },
        clock,
      );
      addProblemAnswers(app, ROUTES, log);
      addConsole(app);
      addHealth(app, sources);
      addStatus(app, sources);
      addRecovery(app, deps);
      await addApi(
        app,
        {
          ...deps,
          ...{
            control: deps.view,
            records: deps.records,
            nodes: deps.nodes,
            endpoints: deps.endpoints,
            events,
            access: new Access(tokens, { captions, listenIn }),
          },
          voices: deps.voices ?? NO_VOICES,
        },
        version,
      );
      return new HttpServer(app, events, await listenOn(app, options, '--http'));
    } catch (error) {
      events.close();
      throw error;
    }
  }

  private constructor(app: FastifyInstance, events: EventLog, address: BoundAddress) {
    this.#app = app;
    this.#events = events;
    this.address = address;
  }

  /** Drops every connection, streams of events included. Idempotent. */
  async close(): Promise<void> {
    this.#events.close();
    await this.#app.close();
  }
}

function addStatus(app: FastifyInstance, sources: StatusSources): void {
  app.get('/status', (_request, reply) => reply.send(serviceStatus(sources)));
}
