/**
 * Calls that run without us, interpreted because somebody asks for it; where there is a door that can (`--ari`):
 *
 *   POST /whispers      the call of a channel, whose party speaks `from`, the others `to`
 *   POST /whispers/end  takes the interpreter off again
 */

import { z } from 'zod';
import { ORIGINAL_MODES } from '../../../call/plan.ts';
import type { WhisperAnswer, Whispering, WhisperRefusal } from '../../doors/whispering.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';

const NAME = z.string().min(1).max(512);
const CHANNEL = NAME.meta({
  description: 'one of the channels of the call, as "core show channels" lists it',
  examples: ['PJSIP/alice-00000001'],
});
const ORIGINAL = z.enum(ORIGINAL_MODES).default('full').meta({
  description:
    'how loud the parties hear each other under the translation; but for "full" Asterisk needs manager.conf',
});
const BEGIN = z
  .strictObject({ channel: CHANNEL, from: NAME, to: NAME, original: ORIGINAL })
  .meta({ id: 'Whisper' });
const END = z.strictObject({ channel: CHANNEL }).meta({ id: 'WhisperEnd' });
const DONE = z.object({}).meta({ id: 'Done' });

const STATUSES: Readonly<Record<WhisperRefusal, number>> = {
  'bad-language': 400,
  'no-such-channel': 404,
  'not-interpreted': 404,
  'no-call': 409,
  'too-many-parties': 409,
  'already-interpreted': 409,
  'bad-original': 409,
  draining: 503,
  'too-many-legs': 503,
  busy: 503,
  'ari-away': 503,
  'no-volume': 502,
  failed: 502,
};

export function addWhisperRoutes(app: ApiApp, { access, view, log }: ApiDeps): void {
  const door = (): Whispering => {
    const { whispering } = view;
    if (whispering === undefined) {
      throw new Refused(404, 'no-ari', 'this server does not see the calls of Asterisk; start it with --ari');
    }
    return whispering;
  };

  app.post(
    '/whispers',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'beginWhisper',
        summary: 'Interpret a call that Asterisk runs already',
        tags: ['whispers'],
        body: BEGIN,
        response: { 200: DONE, ...REFUSALS },
      },
    },
    async (request) => {
      const { name: by } = access.callerOf(request);
      log.info({ by }, 'a call that runs is to be interpreted, as the API was asked');
      return answered(await door().begin(request.body));
    },
  );

  app.post(
    '/whispers/end',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'endWhisper',
        summary: 'Take the interpreter off such a call',
        tags: ['whispers'],
        body: END,
        response: { 200: DONE, ...REFUSALS },
      },
    },
    async (request) => {
      const { name: by } = access.callerOf(request);
      log.info({ by }, 'the interpreter is to be taken off a call, as the API was asked');
      return answered(await door().end(request.body.channel));
    },
  );
}

function answered(answer: WhisperAnswer): Record<string, never> {
  if (answer.type === 'refused') {
    throw new Refused(STATUSES[answer.reason], answer.reason, answer.explanation);
  }
  return {};
}
