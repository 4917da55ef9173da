/**
 * For those who watch over processes and share calls out among them, which are two questions:
 *
 *   GET /health   is it alive? 200 as long as it answers, while draining too: who cuts off what is not alive, as load
 *                 balancers may, would cut off the calls that are to end by themselves
 *   GET /ready    would a call that begins now be served? 200; 404 while draining, by which HAProxy sends no new calls
 *                 and keeps those that run (`disable-on-404`); 503 while starting, full, or interpreting nothing
 *
 * A balancer that takes 503 for dead and cuts off what runs asks `/ready?refusal=404`: then a node that is full or
 * interprets nothing says 404, too, since the voices of its calls are heard; not while it starts, when it has none.
 */

import type { FastifyInstance } from 'fastify';
import { type StatusSources, serviceStatus } from './service-status.ts';

export function addHealth(app: FastifyInstance, sources: StatusSources): void {
  const { view, health, interpreting, clock, version, startedAtMs } = sources;
  app.get('/health', (_request, reply) => {
    const { draining, legsActive, callsActive, maxLegs } = view.state();
    return reply.send({
      status: health(),
      interpreting: interpreting.state,
      uptimeSeconds: Math.floor((clock.nowMs() - startedAtMs) / 1_000),
      legsActive,
      callsActive,
      maxLegs,
      draining,
      version,
    });
  });
  app.get<{ Querystring: { readonly refusal?: unknown } }>('/ready', ({ query }, reply) => {
    const { code, reason } = readiness(sources, query.refusal === '404' ? 404 : 503);
    return reply.code(code).send({ ready: code === 200, ...(reason === undefined ? {} : { reason }) });
  });
}

/** The status of an answer, and why it is not 200. @param refusal that of a node whose calls go on. */
function readiness(
  sources: StatusSources,
  refusal: 404 | 503,
): { readonly code: number; readonly reason?: string } {
  const { draining, legsActive, maxLegs } = sources.view.state();
  if (draining) {
    return {
      code: 404,
      reason:
        'it is ending, drained by the API or short of memory: running calls go on, new ones are refused',
    };
  }
  if (legsActive >= maxLegs) {
    return {
      code: refusal,
      reason: `it is full: ${maxLegs} legs are connected, as many as --max-legs lets in`,
    };
  }
  if (sources.interpreting.state === 'starting') {
    return { code: 503, reason: 'it is starting: engines are being tried, and calls are heard as they are' };
  }
  const { status, problems } = serviceStatus(sources);
  return status === 'down' ? { code: refusal, reason: problems.join('; ') } : { code: 200 };
}
