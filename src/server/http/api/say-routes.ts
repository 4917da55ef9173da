/**
 * Telling a party something: a text, spoken in its language (`POST …/say`), or a recording (`POST …/play`). Either is
 * heard before what is interpreted; what becomes of it is told as events of the type `saying`. Or the tones of keys, beside
 * all else (`POST …/keys`).
 */

import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf } from '../../../base/errors.ts';
import type { Saying } from '../../../call/sayings.ts';
import { parseWav } from '../../../protocol/wav.ts';
import { spokenText } from '../../interpreting/spoken-text.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { PARTY_PARAMS, runningCall } from './call-routes.ts';
import { WRITTEN_LANGUAGE } from './written-language.ts';

const WAV_TYPES = ['audio/wav', 'audio/x-wav', 'audio/wave'];
/** The longest recording: what a party can be kept. */
const LONGEST_S = 60;
/** A minute of 16 bit at 48 kHz, and its header. */
const MOST_WAV_BYTES = LONGEST_S * 96_000 + 4_096;
const MOST_TEXT = 1_000;
/** 64 bits. */
const ID_BYTES = 8;

const SAY = z
  .strictObject({
    text: z.string().min(1).max(MOST_TEXT),
    language: WRITTEN_LANGUAGE.exactOptional().meta({
      description: "what the text is written in; if that is not the party's language, it is translated",
    }),
    voice: z.string().min(1).max(200).exactOptional(),
    interrupt: z
      .boolean()
      .default(false)
      .meta({ description: 'what is being said to it is heard no more; announcements are said again' }),
  })
  .meta({ id: 'Say' });

const KEYS = z
  .strictObject({
    keys: z
      .string()
      .regex(/^[0-9*#A-D]{1,16}$/, { message: 'write up to 16 of 0-9, *, #, A-D' })
      .meta({ description: 'one after the other, each 0.12 s' }),
  })
  .meta({ id: 'Keys' });

const QUEUED = z
  .object({ saying: z.string().meta({ description: 'what events of the type `saying` call it' }) })
  .meta({ id: 'QueuedSaying' });

export function addSayRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, control, view, interpreting, voices, clock, log } = deps;
  const queue = (
    request: FastifyRequest,
    party: string,
    callId: string,
    saying: Saying,
    interrupt: boolean,
  ) => {
    log.info(
      { by: access.callerOf(request).name, call: callId, party },
      'the API has a party told something',
    );
    const outcome = control.say(callId, party, saying, interrupt);
    if (outcome === 'not-there') {
      throw noSuchParty();
    }
    if (outcome === 'full') {
      throw new Refused(
        503,
        'too-much-to-say',
        'too much waits to be said to this party: wait until it is said',
      );
    }
    return { saying: saying.id };
  };

  app.post(
    '/calls/:call/parties/:party/say',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'say',
        summary: 'Speak a text into the ear of one party',
        tags: ['control'],
        params: PARTY_PARAMS,
        body: SAY,
        response: { 202: QUEUED, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { call, party } = request.params;
      const { text, language, voice, interrupt } = request.body;
      const callId = runningCall(deps, call);
      const to = view.call(callId)?.parties.find((each) => each.party === party)?.language;
      if (to === undefined) {
        throw noSuchParty();
      }
      const tools = interpreting.speaking(to);
      const from = language ?? to;
      const mt = from === to ? undefined : interpreting.translation(from, to);
      if (tools === undefined || (from !== to && mt === undefined)) {
        throw new Refused(
          422,
          'language-not-served',
          `nothing here ${tools === undefined ? `speaks ${to}` : `translates ${from} into ${to}`} at present: ` +
            'GET /api/v1/engines says which engines there are',
        );
      }
      await voices.speakers.prepare(voice);
      const spoken = voices.speakers.spoken(voice, to, tools.voice);
      const written = { text, to, voice: spoken, translated: mt === undefined ? undefined : { from, mt } };
      const saying: Saying = {
        id: randomBytes(ID_BYTES).toString('hex'),
        piiText: text,
        open: (rateHz, signal) => spokenText(written, tools, clock, rateHz, signal),
      };
      const queued = queue(request, party, callId, saying, interrupt);
      reply.code(202);
      return queued;
    },
  );

  app.post(
    '/calls/:call/parties/:party/keys',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'pressKeys',
        summary: 'Have one party hear the tones of telephone keys, such as a menu at the other end waits for',
        tags: ['control'],
        params: PARTY_PARAMS,
        body: KEYS,
        response: { 204: z.null(), ...REFUSALS },
      },
    },
    (request, reply) => {
      const { call, party } = request.params;
      const callId = runningCall(deps, call);
      log.info({ by: access.callerOf(request).name, call: callId, party }, 'the API was asked to press keys');
      if (!control.soundKeys(callId, party, request.body.keys)) {
        throw noSuchParty();
      }
      reply.code(204);
      return null;
    },
  );

  // A recording is for this route alone.
  void app.register(async (scope: ApiApp) => {
    scope.addContentTypeParser(
      WAV_TYPES,
      { parseAs: 'buffer', bodyLimit: MOST_WAV_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.post(
      '/calls/:call/parties/:party/play',
      {
        onRequest: access.needs('control'),
        bodyLimit: MOST_WAV_BYTES,
        schema: {
          operationId: 'play',
          summary: `Play a recording into the ear of one party: a WAV of up to ${LONGEST_S} s as the body`,
          tags: ['control'],
          consumes: WAV_TYPES,
          params: PARTY_PARAMS,
          querystring: z.strictObject({ interrupt: z.stringbool().default(false) }),
          response: { 202: QUEUED, ...REFUSALS },
        },
      },
      (request, reply) => {
        const { call, party } = request.params;
        const callId = runningCall(deps, call);
        const { rateHz, pcm } = recordingIn(request.body);
        const saying: Saying = {
          id: randomBytes(ID_BYTES).toString('hex'),
          piiText: '',
          open: async () => ({ rateHz, pieces: oneAfterTheOther([pcm]) }),
        };
        const queued = queue(request, party, callId, saying, request.query.interrupt);
        reply.code(202);
        return queued;
      },
    );
  });
}

function noSuchParty(): Refused {
  return new Refused(404, 'no-such-party', 'there is no such party now; GET the call to see who is there');
}

function recordingIn(body: unknown): ReturnType<typeof parseWav> {
  if (!(body instanceof Uint8Array)) {
    throw new Refused(415, 'no-wav', 'send the recording itself, with the content type audio/wav');
  }
  let wav: ReturnType<typeof parseWav>;
  try {
    wav = parseWav(body);
  } catch (error) {
    throw new Refused(400, 'no-wav', messageOf(error));
  }
  if (wav.pcm.length === 0 || wav.pcm.length > LONGEST_S * wav.rateHz) {
    throw new Refused(400, 'bad-length', `a recording has a sound, and up to ${LONGEST_S} s of it`);
  }
  return wav;
}

async function* oneAfterTheOther(pieces: readonly Int16Array[]): AsyncGenerator<Int16Array> {
  yield* pieces;
}
