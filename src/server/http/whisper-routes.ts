/**
 * Calls that run without us, interpreted because somebody asks for it; where there is a door that can (`--ari`):
 *
 *   POST /whisper      {channel, from, to, original?}: the call of this channel, whose party speaks `from`, the others `to`
 *   POST /whisper/off  {channel}: takes the interpreter off again
 *
 * Answered with 200 and `{}`, or with a sentence in `error`. All else that HTTP serves is for reading; this puts an
 * interpreter between people, so it is for this machine alone, wherever HTTP listens.
 */

import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { WhisperAnswer, Whispering, WhisperRefusal } from '../doors/whispering.ts';
import type { ServerView } from '../server-view.ts';

/** Much more than the name of a channel takes. */
const MOST_BODY_BYTES = 4_096;
const NAME = z.string().min(1).max(512);
const BEGIN = z.object({
  channel: NAME,
  from: NAME,
  to: NAME,
  original: z.enum(['off', 'duck', 'full']).default('full'),
});
const END = z.object({ channel: NAME });

const STATUSES: Readonly<Record<WhisperRefusal, number>> = {
  'bad-language': 400,
  'no-such-channel': 404,
  'not-interpreted': 404,
  'no-call': 409,
  'too-many-parties': 409,
  'bad-original': 409,
  'no-volume': 502,
  'already-interpreted': 409,
  draining: 503,
  'too-many-legs': 503,
  busy: 503,
  'ari-away': 503,
  failed: 502,
};

export function addWhisper(app: FastifyInstance, view: ServerView): void {
  addPost(
    app,
    '/whisper',
    view,
    BEGIN,
    '{"channel":"PJSIP/alice-00000001","from":"en","to":"es"}',
    (door, wish) => door.begin(wish),
  );
  addPost(app, '/whisper/off', view, END, '{"channel":"PJSIP/alice-00000001"}', (door, { channel }) =>
    door.end(channel),
  );
}

function addPost<Asked>(
  app: FastifyInstance,
  path: string,
  view: ServerView,
  schema: z.ZodType<Asked>,
  example: string,
  work: (door: Whispering, asked: Asked) => Promise<WhisperAnswer>,
): void {
  app.post(path, { bodyLimit: MOST_BODY_BYTES }, async ({ ip, body }, reply) => {
    if (!isLoopback(ip)) {
      return refuse(reply, 403, 'calls are put to an interpreter from this machine alone');
    }
    const { whispering } = view;
    if (whispering === undefined) {
      return refuse(reply, 404, 'this server does not see the calls of Asterisk; start it with --ari');
    }
    const asked = schema.safeParse(body);
    if (!asked.success) {
      return refuse(reply, 400, `what is asked for cannot be read: send ${example}`);
    }
    const answer = await work(whispering, asked.data);
    return answer.type === 'done'
      ? reply.send({})
      : refuse(reply, STATUSES[answer.reason], answer.explanation);
  });
}

function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply.code(status).send({ error });
}

function isLoopback(address: string): boolean {
  const unmapped = address.replace(/^::ffff:/i, '');
  return unmapped === '::1' || (isIP(unmapped) === 4 && unmapped.startsWith('127.'));
}
