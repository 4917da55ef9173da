/**
 * Nodes that serve together (`--cluster`), as any of them knows them:
 *
 *   GET /nodes                        who there is, and how much each carries
 *   GET /nodes/calls                  calls of all of them
 *   POST /nodes/{name}/drain, enable  whether one of them takes new calls
 */

import { z } from 'zod';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { NODES, SHARED_CALLS } from './shared-schemas.ts';

const MOST_CALLS = 500;

const WORDS = [
  ['drain', true, 'Have a node take no new calls until it is enabled again; running calls go on'],
  ['enable', false, 'Have a node take new calls again'],
] as const;

export function addSharedRoutes(app: ApiApp, { access, nodes, log }: ApiDeps): void {
  app.get(
    '/nodes',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listNodes',
        summary: 'The nodes that serve together, as this one knows them',
        tags: ['nodes'],
        response: { 200: NODES, ...REFUSALS },
      },
    },
    () => ({
      cluster: nodes !== undefined,
      connected: nodes?.link.connected ?? false,
      nodes: (nodes?.nodes() ?? []).map(({ address, http, ...node }) => ({
        ...node,
        ...(address === undefined ? {} : { address }),
        ...(http === undefined ? {} : { http }),
      })),
    }),
  );
  app.get(
    '/nodes/calls',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listSharedCalls',
        summary: 'Calls of all nodes, the one that changed last at the end',
        description: `As far as another node would need to know of them; at most ${MOST_CALLS}. None without --cluster.`,
        tags: ['nodes'],
        response: { 200: SHARED_CALLS, ...REFUSALS },
      },
    },
    async () => ({
      calls: ((await nodes?.calls(MOST_CALLS)) ?? []).map(({ languages, ...call }) => ({
        ...call,
        languages: [...languages],
      })),
    }),
  );
  for (const [word, held, summary] of WORDS) {
    app.post(
      `/nodes/:name/${word}`,
      {
        onRequest: access.needs('control'),
        schema: {
          operationId: `${word}Node`,
          summary,
          description: 'Asked for twice, it is as once. Forgotten when that node ends.',
          tags: ['nodes'],
          params: z.object({ name: z.string().max(100) }),
          response: { 200: z.object({ draining: z.boolean() }), ...REFUSALS },
        },
      },
      async (request) => {
        const { name } = request.params;
        const { name: by } = access.callerOf(request);
        const became = (await nodes?.hold(name, held, by)) ?? 'not-there';
        if (became === 'not-there') {
          throw new Refused(404, 'no-such-node', `no node of this name is up: GET /api/v1/nodes lists them`);
        }
        if (became === 'no-answer') {
          throw new Refused(
            503,
            'node-silent',
            'the node has not said that it does so: ask again, or ask its own API',
          );
        }
        log.warn({ by, node: name, word }, 'the API was asked whether a node takes new calls');
        return { draining: held };
      },
    );
  }
}
