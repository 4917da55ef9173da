/**
 * Voice profiles of speakers:
 *
 *   GET, POST /voices                            those there are; another one
 *   GET, PATCH, DELETE /voices/{speaker}         one of them; deleted at its providers, too
 *   POST /voices/{speaker}/enrolments            a recording to make the voice of, and GET …/{enrolment}: how far that is
 *   POST /voices/{speaker}/speech                a sentence spoken with it, as a WAV
 *
 * A version in `If-Match` is the one that is meant: who changes another is refused, and undoes nothing.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { encodeWav } from '../../../protocol/wav.ts';
import type { Consent, KeptRendering, VoiceProfile } from '../../../voices/profile.ts';
import { voiceOfSpeaker } from '../../../voices/speaker-voices.ts';
import { spokenText } from '../../interpreting/spoken-text.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import type { ApiVoices } from './api-voices.ts';
import {
  ENROLMENT,
  SHOWN_VOICE,
  SPEAKER,
  shownEnrolment,
  shownVoice,
  VOICE_CHANGE,
  VOICE_LIST,
  WISHED_VOICE,
} from './voice-schemas.ts';
import { WRITTEN_LANGUAGE } from './written-language.ts';

const WAV_TYPES = ['audio/wav', 'audio/x-wav', 'audio/wave'];
/** Five minutes of 16 bit at 48 kHz, and a header. */
const MOST_WAV_BYTES = 300 * 96_000 + 4_096;
/** Ten seconds of 16 bit at 8 kHz: whatever is shorter is too short. */
const LEAST_WAV_BYTES = 10 * 16_000;
const MOST_LISTED = 100;
const MOST_TEXT = 500;
const SPEECH_HZ = 16_000;
/** A minute of it. */
const MOST_SPEECH_SAMPLES = 60 * 48_000;

const PARAMS = z.object({ speaker: SPEAKER });
const MEANT = z.looseObject({
  'if-match': z.string().max(40).optional().meta({ description: 'the version that is meant: "3"' }),
});

type WrittenConsent = NonNullable<z.infer<typeof WISHED_VOICE>['consent']>;
type WrittenRendering = NonNullable<z.infer<typeof WISHED_VOICE>['renderings']>[number];

export function addVoiceRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, clock, interpreting, voices } = deps;
  const shown = (reply: FastifyReply, profile: VoiceProfile) => {
    reply.header('etag', `"${profile.version}"`);
    return shownVoice(profile, clock.wallTime());
  };
  const note = (request: FastifyRequest, what: string): void => {
    // Whose profile it is stays out of the log.
    deps.log.info({ by: access.callerOf(request).name, what }, 'the API was asked for voice profiles');
  };
  const found = async (speaker: string): Promise<VoiceProfile> => {
    const { profiles } = kept(voices);
    const profile = await stored(profiles.library.find(speaker, forever()));
    if (profile === undefined) {
      throw absent();
    }
    return profile;
  };
  const consentOf = (written: WrittenConsent): Consent => ({
    ...written,
    at: written.at ?? clock.wallTime().toISOString(),
  });

  app.get(
    '/voices',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'listVoices',
        summary: 'Voice profiles, in the order of their ids',
        tags: ['voices'],
        querystring: z.strictObject({
          after: z.string().max(64).default(''),
          limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(MOST_LISTED),
        }),
        response: { 200: VOICE_LIST, ...REFUSALS },
      },
    },
    async ({ query: { after, limit } }) => {
      const listed = await stored(kept(voices).profiles.library.list(after, limit + 1, forever()));
      const page = listed.slice(0, limit);
      const last = page.at(-1);
      return {
        voices: page.flatMap(({ profile }) =>
          profile === undefined ? [] : [shownVoice(profile, clock.wallTime())],
        ),
        unreadable: page.filter(({ profile }) => profile === undefined).map(({ speaker }) => speaker),
        ...(listed.length > limit && last !== undefined ? { next: last.speaker } : {}),
      };
    },
  );

  app.post(
    '/voices',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'createVoice',
        summary: 'Another voice profile',
        tags: ['voices'],
        body: WISHED_VOICE,
        response: { 201: SHOWN_VOICE, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { speaker, consent, renderings, ...about } = request.body;
      const { profiles } = kept(voices);
      note(request, 'create');
      const change = {
        ...about,
        ...(consent === undefined ? {} : { consent: consentOf(consent) }),
        ...(renderings === undefined ? {} : { renderings: renderings.map(writtenRendering) }),
      };
      const profile = await stored(profiles.create(speaker, change, forever()));
      if (profile === undefined) {
        throw new Refused(
          409,
          'voice-exists',
          'there is a profile of this speaker: PATCH it, or DELETE it first',
        );
      }
      reply.code(201).header('location', `/api/v1/voices/${speaker}`);
      return shown(reply, profile);
    },
  );

  app.get(
    '/voices/:speaker',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'showVoice',
        summary: 'One voice profile; its version is its ETag',
        tags: ['voices'],
        params: PARAMS,
        response: { 200: SHOWN_VOICE, ...REFUSALS },
      },
    },
    async ({ params: { speaker } }, reply) => shown(reply, await found(speaker)),
  );

  app.patch(
    '/voices/:speaker',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'changeVoice',
        summary: 'What a voice profile is to be from now on; needs If-Match',
        tags: ['voices'],
        params: PARAMS,
        headers: MEANT,
        body: VOICE_CHANGE,
        response: { 200: SHOWN_VOICE, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { name, consent, defaults, renderings } = request.body;
      const { profiles } = kept(voices);
      const before = versionIn(request.headers['if-match']);
      if (before === undefined) {
        throw new Refused(
          428,
          'version-missing',
          'say which version you change: send the ETag of GET as If-Match, so that nobody undoes what others changed',
        );
      }
      note(request, 'change');
      const written = renderings?.map(writtenRendering);
      const change = (profile: VoiceProfile) => ({
        ...(name === undefined ? {} : { name: name ?? undefined }),
        ...(consent === undefined ? {} : { consent: consent === null ? undefined : consentOf(consent) }),
        ...(defaults === undefined ? {} : { defaults }),
        ...(written === undefined
          ? {}
          : { renderings: [...profile.renderings.filter(({ made }) => made), ...written] }),
      });
      const changed = await stored(profiles.rewrite(request.params.speaker, before, change, [], forever()));
      if (changed.type !== 'changed') {
        throw changed.type === 'absent' ? absent() : otherVersion(changed.version);
      }
      return shown(reply, changed.profile);
    },
  );

  app.delete(
    '/voices/:speaker',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'deleteVoice',
        summary: 'Delete a voice profile, at the providers that made voices of it too',
        description: 'A provider that does not confirm it is named with status 502; ask again then.',
        tags: ['voices'],
        params: PARAMS,
        headers: MEANT,
        querystring: z.strictObject({
          forget: z
            .stringbool()
            .default(false)
            .meta({ description: 'remove it here even where a provider does not confirm' }),
        }),
        response: { 204: z.null(), ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { profiles } = kept(voices);
      note(request, 'delete');
      const before = versionIn(request.headers['if-match']);
      const { speaker } = request.params;
      const deleted = await stored(profiles.delete(speaker, before, request.query.forget, forever()));
      switch (deleted.type) {
        case 'deleted':
          reply.code(204);
          return null;
        case 'absent':
          throw absent();
        case 'other-version':
          throw otherVersion(deleted.version);
        case 'left':
          throw new Refused(
            502,
            'provider-keeps-voice',
            `nobody is spoken for with this voice any more, but it may still be kept elsewhere: ${deleted.engines
              .map(({ engine, why }) => `${engine} (${why})`)
              .join(', ')}; ask again, or with ?forget=true if its account is gone`,
          );
      }
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
      '/voices/:speaker/enrolments',
      {
        onRequest: access.needs('control'),
        bodyLimit: MOST_WAV_BYTES,
        schema: {
          operationId: 'enrolVoice',
          summary: 'Make the voice of a recording: a WAV of 10 s to 5 minutes of one person as the body',
          description: 'Refused without a record of their consent in the profile.',
          tags: ['voices'],
          consumes: WAV_TYPES,
          params: PARAMS,
          querystring: z.strictObject({
            language: WRITTEN_LANGUAGE,
            transcript: z.string().min(1).max(4_000).exactOptional(),
            keep: z
              .stringbool()
              .default(true)
              .meta({ description: 'whether the best stretch is kept, to make other voices of later' }),
          }),
          response: { 202: ENROLMENT, ...REFUSALS },
        },
      },
      async (request, reply) => {
        const { enrolments } = kept(voices);
        const { speaker } = request.params;
        const { language, transcript, keep } = request.query;
        const wav = recordingIn(request.body);
        const profile = await found(speaker);
        const refusal = enrolments.whyNot(profile);
        if (refusal !== undefined) {
          throw new Refused(422, 'no-consent', refusal);
        }
        note(request, 'enrol');
        const begun = enrolments.start(profile, {
          ...{ wav, language, keepRecording: keep },
          ...(transcript === undefined ? {} : { transcript }),
        });
        if (begun === undefined) {
          throw new Refused(503, 'enrolment-running', 'another enrolment runs: try again when it is over');
        }
        reply.code(202).header('location', `/api/v1/voices/${speaker}/enrolments/${begun.id}`);
        return shownEnrolment(begun);
      },
    );
  });

  app.get(
    '/voices/:speaker/enrolments/:enrolment',
    {
      onRequest: access.needs('read'),
      schema: {
        operationId: 'showEnrolment',
        summary: 'How far an enrolment is',
        tags: ['voices'],
        params: PARAMS.extend({ enrolment: z.string().max(40) }),
        response: { 200: ENROLMENT, ...REFUSALS },
      },
    },
    ({ params: { speaker, enrolment } }) => {
      const view = kept(voices).enrolments.of(speaker, enrolment);
      if (view === undefined) {
        throw new Refused(404, 'no-such-enrolment', 'there is no such enrolment; the last 50 are told of');
      }
      return shownEnrolment(view);
    },
  );

  app.post(
    '/voices/:speaker/speech',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'speakAs',
        summary: 'A sentence spoken with a voice, as a WAV',
        tags: ['voices'],
        params: PARAMS,
        body: z
          .strictObject({ text: z.string().min(1).max(MOST_TEXT), language: WRITTEN_LANGUAGE })
          .meta({ id: 'SpeechWish' }),
        response: {
          200: { description: 'the sound', content: { 'audio/wav': { schema: z.unknown() } } },
          ...REFUSALS,
        },
      },
    },
    async (request, reply) => {
      const { speaker } = request.params;
      const { text, language: to } = request.body;
      const { speakers } = voices;
      await found(speaker);
      const tools = interpreting.speaking(to);
      if (tools === undefined) {
        throw new Refused(422, 'language-not-served', `nothing here speaks ${to} at present`);
      }
      const spoken = speakers.spoken(voiceOfSpeaker(speaker), to, tools.voice);
      const written = { text, to, voice: spoken, translated: undefined };
      try {
        const { rateHz, pieces } = await spokenText(written, tools, clock, SPEECH_HZ, forever());
        const wav = encodeWav({ rateHz, pcm: await joined(pieces) });
        return reply.type('audio/wav').send(wav);
      } catch (error) {
        throw new Refused(502, 'not-spoken', messageOf(error));
      }
    },
  );
}

/** What profiles are kept in and made by. @throws Refused where none are kept. */
function kept({ kept: profiles }: ApiVoices): NonNullable<ApiVoices['kept']> {
  if (profiles === undefined) {
    throw new Refused(
      503,
      'no-profiles',
      'no voice profiles are kept here: start the server with --voices-db /var/lib/dragoman/voices.db',
    );
  }
  return profiles;
}

/** What a store answers. @throws Refused when it does not. */
async function stored<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === 'profile-unreadable') {
      throw new Refused(500, 'profile-unreadable', `${messageOf(error)}; delete it in the database`);
    }
    throw codeOf(error) === 'store-failed'
      ? new Refused(
          503,
          'store-failed',
          `the profiles are out of reach, ask again later: ${messageOf(error)}`,
        )
      : error;
  }
}

function writtenRendering(rendering: WrittenRendering): KeptRendering {
  return { ...rendering, state: 'ready', made: false };
}

/** @throws Refused for what is no version. */
function versionIn(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') {
    return undefined;
  }
  const version = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new Refused(400, 'bad-version', 'If-Match is no version: send the ETag of GET, such as "3"');
  }
  return Number(version);
}

function recordingIn(body: unknown): Uint8Array {
  if (!(body instanceof Uint8Array)) {
    throw new Refused(415, 'no-wav', 'send the recording itself, with the content type audio/wav');
  }
  if (body.length < LEAST_WAV_BYTES) {
    throw new Refused(400, 'bad-length', 'a recording has 10 s to 5 minutes of sound');
  }
  return body;
}

async function joined(pieces: AsyncIterable<Int16Array>): Promise<Int16Array> {
  const all: Int16Array[] = [];
  let samples = 0;
  for await (const piece of pieces) {
    if (samples + piece.length > MOST_SPEECH_SAMPLES) {
      break;
    }
    all.push(piece);
    samples += piece.length;
  }
  const pcm = new Int16Array(samples);
  let offset = 0;
  for (const piece of all) {
    pcm.set(piece, offset);
    offset += piece.length;
  }
  return pcm;
}

function absent(): Refused {
  return new Refused(
    404,
    'no-such-voice',
    'there is no voice profile of this speaker; GET /voices lists them',
  );
}

function otherVersion(version: number): Refused {
  return new Refused(
    412,
    'other-version',
    `somebody changed it meanwhile: it is version ${version}; GET it, and change that`,
  );
}

/** Every wait here has a limit of its own; who asked is answered even when they do not listen any more. */
function forever(): AbortSignal {
  return new AbortController().signal;
}
