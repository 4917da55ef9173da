/**
 * Voice profiles of speakers:
 *
 *   GET, POST /voices                            those there are; another one
 *   GET, PATCH, DELETE /voices/{speaker}         one of them; deleted at its providers, too
 *   POST /voices/{speaker}/speech                a sentence spoken with it, as a WAV
 *
 * Making one of a recording or of a call is `enrolment-routes.ts`. A version in `If-Match` is the one that is meant: who changes another is refused, and undoes nothing.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf } from '../../../base/errors.ts';
import { TTS_ENGINES } from '../../../engines/registry.ts';
import { encodeWav } from '../../../protocol/wav.ts';
import type { Consent, KeptRendering, VoiceProfile } from '../../../voices/profile.ts';
import { voiceOfSpeaker } from '../../../voices/speaker-voices.ts';
import { whyNotUsed } from '../../../voices/spoken-profile.ts';
import { spokenText } from '../../interpreting/spoken-text.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { etagOf, MEANT, otherVersion, versionIn } from './if-match.ts';
import { absent, forever, foundVoice, kept, SPEAKER_PARAMS, stored } from './voice-answers.ts';
import { SHOWN_VOICE, shownVoice, VOICE_CHANGE, VOICE_LIST, WISHED_VOICE } from './voice-schemas.ts';
import { WRITTEN_LANGUAGE } from './written-language.ts';

const MOST_LISTED = 100;
const MOST_TEXT = 500;
const SPEECH_HZ = 16_000;
/** A minute of it. */
const MOST_SPEECH_SAMPLES = 60 * 48_000;

type WrittenConsent = NonNullable<z.infer<typeof WISHED_VOICE>['consent']>;
type WrittenRendering = NonNullable<z.infer<typeof WISHED_VOICE>['renderings']>[number];

export function addVoiceRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, clock, interpreting, voices } = deps;
  const shown = (reply: FastifyReply, profile: VoiceProfile) => {
    reply.header('etag', etagOf(profile.version));
    return shownVoice(profile, clock.wallTime());
  };
  const note = (request: FastifyRequest, what: string): void => {
    // Whose profile it is stays out of the log.
    deps.log.info({ by: access.callerOf(request).name, what }, 'the API was asked for voice profiles');
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
        params: SPEAKER_PARAMS,
        response: { 200: SHOWN_VOICE, ...REFUSALS },
      },
    },
    async ({ params: { speaker } }, reply) => shown(reply, await foundVoice(voices, speaker)),
  );

  app.patch(
    '/voices/:speaker',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'changeVoice',
        summary: 'What a voice profile is to be from now on; needs If-Match',
        tags: ['voices'],
        params: SPEAKER_PARAMS,
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
        params: SPEAKER_PARAMS,
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

  app.post(
    '/voices/:speaker/speech',
    {
      onRequest: access.needs('control'),
      schema: {
        operationId: 'speakAs',
        summary: 'A sentence spoken with a voice, as a WAV',
        description:
          'Which engine spoke it is in the header Dragoman-Engine; Dragoman-Voice is "own" where that was with its voice of ' +
          'the speaker, "neutral" where it has none.',
        tags: ['voices'],
        params: SPEAKER_PARAMS,
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
      const profile = await foundVoice(voices, speaker);
      const unused = whyNotUsed(profile, clock.wallTime());
      if (unused !== undefined) {
        throw new Refused(409, 'voice-unused', `nobody is spoken for with this voice: ${unused}`);
      }
      const tools = interpreting.speaking(to);
      if (tools === undefined) {
        throw new Refused(422, 'language-not-served', `nothing here speaks ${to} at present`);
      }
      const spoken = speakers.spoken(voiceOfSpeaker(speaker), to, tools.voice);
      const spokenBy = (engine: string, isOwnVoice: boolean): void => {
        reply.headers({ 'dragoman-engine': engine, 'dragoman-voice': isOwnVoice ? 'own' : 'neutral' });
      };
      const written = { text, to, voice: spoken, translated: undefined, spokenBy };
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

/** @throws Refused for an engine that there is not: nobody would ever be spoken for with it. */
function writtenRendering(rendering: WrittenRendering): KeptRendering {
  if (!TTS_ENGINES.has(rendering.engine)) {
    throw new Refused(
      422,
      'no-such-engine',
      `there is no engine "${rendering.engine}" that speaks: there are ${[...TTS_ENGINES.keys()].join(', ')}`,
    );
  }
  return { ...rendering, state: 'ready', made: false };
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
