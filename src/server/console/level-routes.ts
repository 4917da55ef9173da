/**
 * Levels, for meters:
 *
 *   GET /levels             how loud the parties are of the calls that are seen, as Server-Sent Events; see `level-board.ts`
 *   PUT /levels/{watcher}   which calls are seen: their levels and no others are told from now on
 */

import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type ApiApp, type ApiDeps, REFUSALS } from '../http/api/api-app.ts';
import { EventStream } from '../http/event-stream.ts';
import { Refused } from '../http/problem.ts';
import { LevelBoard } from './level-board.ts';

/** Each may hold some 256 KiB, and look at what it likes. */
const MOST_WATCHERS = 64;
/** More rows than a screen has. */
const MOST_CALLS = 200;

export function addLevelRoutes(app: ApiApp, { access, events, view, clock }: ApiDeps): void {
  const board = new LevelBoard(view, (shownId) => events.find(shownId)?.callId, clock);
  app.addHook('preClose', async () => board.close());

  app.get(
    '/levels',
    {
      // A stream that is all head would never end.
      exposeHeadRoute: false,
      onRequest: access.needs('read'),
      schema: {
        operationId: 'followLevels',
        summary: 'How loud the parties of some calls are, five times a second',
        tags: ['events'],
        response: {
          200: {
            description: 'first a `watcher`, by whose id to say which calls; then `rows` and `levels`',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...REFUSALS,
        },
      },
    },
    (_request, reply) => {
      follow(board, reply);
    },
  );

  app.put(
    '/levels/:watcher',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'seeLevels',
        summary: 'Which calls a follower of levels sees',
        tags: ['events'],
        params: z.strictObject({ watcher: z.string().max(64) }),
        body: z.strictObject({ calls: z.array(z.string().max(64)).max(MOST_CALLS) }),
        response: { 204: z.null(), ...REFUSALS },
      },
    },
    ({ params, body }, reply) => {
      if (!board.see(params.watcher, body.calls)) {
        throw new Refused(
          404,
          'no-such-watcher',
          'nobody follows levels by this name: GET /api/v1/levels gives one',
        );
      }
      reply.code(204);
      return null;
    },
  );
}

/** @throws Refused when there are too many. */
function follow(board: LevelBoard, reply: FastifyReply): void {
  if (board.watchers >= MOST_WATCHERS) {
    throw new Refused(503, 'too-many-readers', `${MOST_WATCHERS} follow levels already; try again later`);
  }
  reply.hijack();
  const stream = new EventStream(reply.raw);
  const watch = board.watch((bytes) => stream.send(bytes));
  stream.onClose(() => watch.stop());
}
