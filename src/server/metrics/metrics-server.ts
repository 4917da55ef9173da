/**
 * `GET /metrics` for Prometheus. It tells numbers only, nothing that is said; still it is loopback unless the
 * operator writes another address.
 */

import { type FastifyInstance, fastify } from 'fastify';
import type { Log } from '../../base/log.ts';
import { type BoundAddress, listenOn } from '../http/listen.ts';
import { Metrics, type MetricsDeps, type MetricsOptions } from './metrics.ts';

export interface MetricsServerOptions extends MetricsOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
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
    const app = fastify({ logger: false, forceCloseConnections: true });
    const metrics = new Metrics(options, deps);
    app.get('/metrics', async (_request, reply) =>
      reply.header('content-type', metrics.contentType).send(await metrics.expose()),
    );
    app.setNotFoundHandler((_request, reply) =>
      reply.code(404).send({ error: 'there is no such route; there is GET /metrics' }),
    );
    app.setErrorHandler((error: unknown, _request, reply) => {
      deps.log.error({ error }, 'a metrics request failed');
      return reply.code(500).send({ error: 'the metrics could not be read' });
    });
    try {
      return new MetricsServer(app, metrics, await listenOn(app, options, 'metrics'));
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
