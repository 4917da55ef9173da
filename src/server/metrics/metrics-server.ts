/**
 * `GET /metrics` for Prometheus. It tells numbers only, nothing that is said; still it is loopback unless the
 * operator writes another address. Reading them takes some 3 ms of the main thread, 1 ms at a time, so it is done once a
 * second at most.
 */

import { type FastifyInstance, fastify } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { guarded } from '../http/guard.ts';
import { type BoundAddress, listenOn } from '../http/listen.ts';
import { addProblemAnswers, answerError, refuseUnread } from '../http/problem.ts';
import { Metrics, type MetricsDeps, type MetricsOptions } from './metrics.ts';

/** How old an answer may be, in ms. */
const KEEP_MS = 1_000;
const MOST_CONNECTIONS = 16;
const MOST_A_SECOND = 100;

export interface MetricsServerOptions extends MetricsOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Names it is reached by besides those it knows of itself. Default none. */
  readonly names?: readonly string[];
}

export interface MetricsServerDeps extends MetricsDeps {
  readonly log: Log;
}

export class MetricsServer {
  readonly address: BoundAddress;
  readonly #app: FastifyInstance;
  readonly #metrics: Metrics;

  /** @throws AppError `address-in-use` or `address-refused`. */
  static async open(options: MetricsServerOptions, deps: MetricsServerDeps): Promise<MetricsServer> {
    const app = fastify({
      ...{ logger: false, forceCloseConnections: true },
      frameworkErrors: (error, _request, reply) => answerError(error, reply, deps.log),
      clientErrorHandler: refuseUnread,
    });
    const metrics = new Metrics(options, deps);
    const exposed = kept(() => metrics.expose(), deps.clock);
    guarded(app, { ...options, maxConnections: MOST_CONNECTIONS, mostASecond: MOST_A_SECOND }, deps.clock);
    app.get('/metrics', async (_request, reply) =>
      reply.header('content-type', metrics.contentType).send(await exposed()),
    );
    addProblemAnswers(app, 'GET /metrics', deps.log);
    try {
      return new MetricsServer(app, metrics, await listenOn(app, options, '--metrics'));
    } catch (error) {
      metrics.close();
      throw error;
    }
  }

  private constructor(app: FastifyInstance, metrics: Metrics, address: BoundAddress) {
    this.#app = app;
    this.#metrics = metrics;
    this.address = address;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#metrics.close();
    await this.#app.close();
  }
}

/** What `read` has answered within the last second, or answers now; a failure is not kept. */
function kept(read: () => Promise<string>, clock: Clock): () => Promise<string> {
  let answer: Promise<string> | undefined;
  let untilMs = 0;
  return async () => {
    if (answer === undefined || clock.nowMs() >= untilMs) {
      untilMs = clock.nowMs() + KEEP_MS;
      answer = read();
    }
    try {
      return await answer;
    } catch (error) {
      answer = undefined;
      throw error;
    }
  };
}
