/**
 * Whether new calls are taken here: `POST /drain` and `POST /enable`. Running calls go on; the service does not end, as it
 * does after SIGTERM, and `GET /ready` says 404 meanwhile, so that a load balancer sends new calls elsewhere.
 */

import { z } from 'zod';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';

const NODE = z
  .object({
    draining: z.boolean().meta({ description: 'no new calls are taken' }),
    calls: z.number().meta({ description: 'that run' }),
    legs: z.number(),
  })
  .meta({ id: 'Node' });

const WORDS = [
  ['drain', true, 'Take no new calls until it is enabled again; running calls go on'],
  ['enable', false, 'Take new calls again; one that is ending after a signal goes on ending'],
] as const;

export function addNodeRoutes(app: ApiApp, { access, control, view, log }: ApiDeps): void {
  for (const [word, held, summary] of WORDS) {
    app.post(
      `/${word}`,
      {
        onRequest: access.needs('control'),
        schema: {
          operationId: word,
          summary,
          description: 'Asked for twice, it is as once. Forgotten when the service ends.',
          tags: ['engines'],
          response: { 200: NODE, ...REFUSALS },
        },
      },
      (request) => {
        if (control.hold(held)) {
          log.warn(
            { by: access.callerOf(request).name, word },
            'the API was asked whether new calls are taken',
          );
        }
        const { draining, callsActive: calls, legsActive: legs } = view.state();
        return { draining, calls, legs };
      },
    );
  }
}
