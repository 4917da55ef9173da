/** `GET /access`: who asks, and what that may do here, so that nobody has to try what will be refused. */

import { z } from 'zod';
import { LISTEN_IN } from './access.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { SCOPES } from './token-file.ts';

const ACCESS = z
  .object({
    name: z.string().meta({ description: 'of the token; "local" where there are none' }),
    scopes: z.array(z.enum(SCOPES)).meta({ description: 'control has read in it' }),
    captions: z.boolean().meta({ description: 'whether what is said is shared with this one' }),
    listenIn: z.enum(LISTEN_IN).meta({ description: 'whether calls may be listened to at all' }),
  })
  .meta({ id: 'Access' });

export type ShownAccess = z.infer<typeof ACCESS>;

export function addAccessRoutes(app: ApiApp, { access }: Pick<ApiDeps, 'access'>): void {
  app.get(
    '/access',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'getAccess',
        summary: 'Who asks, and what that may do here',
        tags: ['control'],
        response: { 200: ACCESS, ...REFUSALS },
      },
    },
    (request) => {
      const { name, scopes } = access.callerOf(request);
      return {
        name,
        scopes: SCOPES.filter((scope) => scopes.has(scope) || (scope === 'read' && scopes.has('control'))),
        captions: access.hears(request),
        listenIn: access.listenIn,
      };
    },
  );
}
