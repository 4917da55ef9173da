/**
 * For those who watch over processes and share calls out among them, which are two questions:
 *
 *   GET /health   is it alive? 200 as long as it answers, while draining too: who cuts off what is not alive, as load
 *                 balancers may, would cut off the calls that are to end by themselves
 *   GET /ready    would a call that begins now be served? 200; 404 while draining, by which HAProxy sends no new calls
 *                 and keeps the old ones (`disable-on-404`); 503 while starting, full, or interpreting nothing
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
  app.get('/ready', (_request, reply) => {
    const { code, reason } = readiness(sources);
    return reply.code(code).send({ ready: code === 200, ...(reason === undefined ? {} : { reason }) });
  });
}

/** The status of an answer, and why it is not 200. */
function readiness(sources: StatusSources): { readonly code: number; readonly reason?: string } {
  const { draining, legsActive, maxLegs } = sources.view.state();
  if (draining) {
    return {
      code: 404,
      reason: 'it is ending, or drained by the API: running calls go on, new ones are refused',
    };
  }
  if (sources.interpreting.state === 'starting') {
    return { code: 503, reason: 'it is starting: engines are being tried, and calls are heard as they are' };
  }
  if (legsActive >= maxLegs) {
    return { code: 503, reason: `it is full: ${maxLegs} legs are connected, as many as --max-legs lets in` };
  }
  const { status, problems } = serviceStatus(sources);
  return status === 'down' ? { code: 503, reason: problems.join('; ') } : { code: 200 };
}
