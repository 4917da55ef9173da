/**
 * Making the voice of a speaker:
 *
 *   POST /voices/{speaker}/enrolments            of a recording, or of a party of a call that runs
 *   GET /voices/{speaker}/enrolments/{enrolment} how far that is
 *
 * The body is the recording itself (audio/wav), or a form with it as `recording` (multipart/form-data), or says whom to
 * listen to: `{"call": …, "party": "a", "seconds": 60}`, or that it is the recording that the profile keeps:
 * `{"kept": true}`; these two as JSON or as a form. A form may have the person's own sentence of
 * consent with it as `consentRecording`, which some engines want and nobody keeps here.
 */

import { z } from 'zod';
import { AppError } from '../../../base/errors.ts';
import { SPEECH_HZ } from '../../../base/units.ts';
import type { VoiceTaking } from '../../../call/voice-taking.ts';
import { encodeWav } from '../../../protocol/wav.ts';
import type { EnrolmentWish, SoundToCome } from '../../../voices/enrolment/enrolments.ts';
import type { VoiceProfile } from '../../../voices/profile.ts';
import { Refused } from '../problem.ts';
import { type ApiApp, type ApiDeps, REFUSALS } from './api-app.ts';
import { runningCall } from './call-routes.ts';
import { foundVoice, kept, SPEAKER_PARAMS, stored } from './voice-answers.ts';
import { ENROLMENT, shownEnrolment } from './voice-schemas.ts';
import { WRITTEN_LANGUAGE } from './written-language.ts';

const WAV_TYPES = ['audio/wav', 'audio/x-wav', 'audio/wave'];
const FORM_TYPE = 'multipart/form-data';
/** Five minutes of 16 bit at 48 kHz, and a header. */
const MOST_WAV_BYTES = 300 * 96_000 + 4_096;
/** Ten seconds of 16 bit at 8 kHz: whatever is shorter is too short. */
const LEAST_WAV_BYTES = 10 * 16_000;
/** 10 MiB: more no provider takes of a sentence of consent. */
const MOST_CONSENT_BYTES = 10_485_760;
/** With what parts a form. */
const MOST_FORM_BYTES = MOST_WAV_BYTES + MOST_CONSENT_BYTES + 65_536;

/** Of whom a voice is made while they speak. */
const FROM_CALL = z
  .strictObject({
    call: z.string().min(1).max(100).meta({ description: 'a call that runs' }),
    party: z.string().min(1).max(64),
    seconds: z.coerce.number().int().min(10).max(120).default(60).meta({
      description: 'how much speech is enough; what was said is taken when the party leaves before',
    }),
  })
  .meta({ id: 'VoiceFromCall' });

/** Of the recording that the profile keeps, at the engines that have made none of it, or have lost it. */
const FROM_KEPT = z
  .strictObject({ kept: z.union([z.literal(true), z.literal('true')]) })
  .meta({ id: 'VoiceFromKept' });

const QUERY = z.strictObject({
  language: WRITTEN_LANGUAGE.exactOptional().meta({
    description: 'what is spoken; left out, of a call: what the party speaks',
  }),
  transcript: z.string().min(1).max(4_000).exactOptional(),
  keep: z
    .stringbool()
    .default(true)
    .meta({ description: 'whether the best stretch is kept, to make other voices of later' }),
});

/** What a body says a voice is to be made of. */
interface Written {
  readonly of:
    | { readonly type: 'recording'; readonly wav: Uint8Array }
    | { readonly type: 'kept' }
    | ({ readonly type: 'call' } & z.infer<typeof FROM_CALL>);
  readonly consentRecording?: Uint8Array;
}

/** What a voice is made of, and what is known of that. */
interface Source extends Partial<Pick<EnrolmentWish, 'language' | 'transcript'>> {
  /** Begins to listen, where it is to be listened to. @throws Refused */
  readonly sound: () => EnrolmentWish['sound'];
}

export function addEnrolmentRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, voices, view, control, log } = deps;

  /** @throws Refused for a party that is not there, and a recording that is not kept. */
  const sourceOf = async (of: Written['of'], { speaker, reference }: VoiceProfile): Promise<Source> => {
    switch (of.type) {
      case 'recording':
        return { sound: () => of.wav };
      case 'kept': {
        if (reference?.file === undefined) {
          throw noneKept();
        }
        const { file, language, transcript } = reference;
        const wav = await stored(kept(voices).profiles.library.readFile(speaker, file));
        return { language, ...(transcript === undefined ? {} : { transcript }), sound: () => wav };
      }
      case 'call': {
        const callId = runningCall(deps, of.call);
        const party = view.call(callId)?.parties.find((each) => each.party === of.party);
        if (party === undefined) {
          throw noSuchParty();
        }
        const take = () => takenBy(control.takeVoice(callId, of.party, of.seconds * 1_000));
        return { language: party.language, sound: () => soundOf(take(), of.seconds) };
      }
    }
  };

  // Recordings are for this route alone.
  void app.register(async (scope: ApiApp) => {
    scope.addContentTypeParser(
      WAV_TYPES,
      { parseAs: 'buffer', bodyLimit: MOST_WAV_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.addContentTypeParser(
      FORM_TYPE,
      { parseAs: 'buffer', bodyLimit: MOST_FORM_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.post(
      '/voices/:speaker/enrolments',
      {
        onRequest: access.needs('control'),
        schema: {
          operationId: 'enrolVoice',
          summary:
            'Make a voice of a recording (10 s to 5 minutes of one person), of what a party says in a call, or of what is kept',
          description:
            'The body is a WAV; or a form with it as `recording` and, for engines that want it, `consentRecording`: the ' +
            'person saying that they agree; or {"call", "party", "seconds"}, as JSON or as fields of a form. The party is ' +
            'told so in its language. With {"kept": true} it is the recording that the profile keeps: engines that have ' +
            'no voice of it, or have lost it, make one, and with ?keep=false it goes afterwards. Refused without a record of consent in the profile, and of who is not to be recorded.',
          tags: ['voices'],
          consumes: [...WAV_TYPES, FORM_TYPE, 'application/json'],
          params: SPEAKER_PARAMS,
          querystring: QUERY,
          response: { 202: ENROLMENT, ...REFUSALS },
        },
      },
      async (request, reply) => {
        const { enrolments } = kept(voices);
        const { speaker } = request.params;
        const { language: spoken, transcript, keep } = request.query;
        const { of, consentRecording } = await writtenIn(request.body, request.headers['content-type'] ?? '');
        const profile = await foundVoice(voices, speaker);
        const refusal = enrolments.whyNot(profile);
        if (refusal !== undefined) {
          throw new Refused(422, 'no-consent', refusal);
        }
        const source = await sourceOf(of, profile);
        const language = spoken ?? source.language;
        if (language === undefined) {
          throw new Refused(
            400,
            'no-language',
            'write ?language= with what is spoken in the recording, such as es',
          );
        }
        if (!enrolments.canStart(of.type === 'call' ? 'call' : 'recording')) {
          throw new Refused(
            503,
            'enrolment-running',
            of.type === 'call'
              ? 'as many enrolments listen to calls, or wait for their voices to be made, as may: try again when one is over'
              : 'another enrolment runs: try again when it is over',
          );
        }
        // Whose profile it is stays out of the log.
        log.info(
          { by: access.callerOf(request).name, what: `enrol ${of.type}` },
          'the API was asked for voice profiles',
        );
        const said = transcript ?? source.transcript;
        const wish: EnrolmentWish = {
          ...{ sound: source.sound(), language, keepRecording: keep, isKept: of.type === 'kept' },
          ...(said === undefined ? {} : { transcript: said }),
          ...(consentRecording === undefined ? {} : { consentRecording }),
        };
        const begun = enrolments.start(profile, wish);
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
        params: SPEAKER_PARAMS.extend({ enrolment: z.string().max(40) }),
        response: { 200: ENROLMENT, ...REFUSALS },
      },
    },
    ({ params: { speaker, enrolment } }) => {
      const found = kept(voices).enrolments.of(speaker, enrolment);
      if (found === undefined) {
        throw new Refused(404, 'no-such-enrolment', 'there is no such enrolment; the last 50 are told of');
      }
      return shownEnrolment(found);
    },
  );
}

/** @throws Refused for a voice that is not taken. */
function takenBy(taking: ReturnType<ApiDeps['control']['takeVoice']>): VoiceTaking {
  switch (taking) {
    case 'not-there':
      throw noSuchParty();
    case 'refused':
      throw new Refused(
        409,
        'refuses-recording',
        'this party does not want to be recorded: nothing is made of its voice',
      );
    case 'being-taken':
      throw new Refused(
        409,
        'being-enrolled',
        'the voice of this party is being taken already: wait until that is over',
      );
    default:
      return taking;
  }
}

function soundOf(taking: VoiceTaking, seconds: number): SoundToCome {
  const wav = taking.over.then((taken) => {
    if (taken.type === 'none') {
      throw new AppError('wav-unreadable', SENTENCES[taken.why]);
    }
    return encodeWav({ rateHz: SPEECH_HZ, pcm: taken.pcm });
  });
  // Who gave up waiting does not hear of it.
  wav.catch(() => {});
  return {
    get soundMs() {
      return taking.soundMs;
    },
    ...{ wantedMs: seconds * 1_000, wav, stop: () => taking.stop('changed') },
  };
}

const SENTENCES = {
  changed: 'somebody else came to the place of the party, or it speaks another language: begin again',
  refused: 'the party does not want to be recorded: what was taken of its voice is forgotten',
} as const;

function noSuchParty(): Refused {
  return new Refused(
    404,
    'no-such-party',
    'there is no such party now, or it has no leg; GET the call to see who is there',
  );
}

/** @throws Refused for what is none of what a body may be. */
async function writtenIn(body: unknown, contentType: string): Promise<Written> {
  if (!(body instanceof Uint8Array)) {
    if (body === null || body === undefined) {
      throw noSound();
    }
    return { of: fromFields(body) };
  }
  if (!contentType.toLowerCase().startsWith(FORM_TYPE)) {
    return { of: { type: 'recording', wav: recording(body) } };
  }
  const { recording: wav, consentRecording: consent, ...fields } = await formIn(body, contentType);
  const consented =
    consent === undefined ? {} : { consentRecording: consentRecording(await bytesOf(consent)) };
  const of =
    wav === undefined
      ? fromFields(fields)
      : ({ type: 'recording', wav: recording(await bytesOf(wav)) } as const);
  return { of, ...consented };
}

async function formIn(
  body: Uint8Array,
  contentType: string,
): Promise<Readonly<Record<string, File | string>>> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    return Object.fromEntries(form.entries());
  } catch {
    throw new Refused(
      400,
      'bad-form',
      'the form cannot be read: send multipart/form-data, as curl --form does',
    );
  }
}

async function bytesOf(field: File | string): Promise<Uint8Array> {
  return typeof field === 'string' ? Buffer.from(field) : new Uint8Array(await field.arrayBuffer());
}

function fromFields(fields: unknown): Written['of'] {
  if (FROM_KEPT.safeParse(fields).success) {
    return { type: 'kept' };
  }
  const read = FROM_CALL.safeParse(fields);
  if (!read.success) {
    throw noSound();
  }
  return { type: 'call', ...read.data };
}

function noneKept(): Refused {
  return new Refused(
    409,
    'no-recording-kept',
    'no recording of this speaker is kept: make the voice of one, or of what they say in a call',
  );
}

function noSound(): Refused {
  return new Refused(
    415,
    'no-wav',
    'send the recording itself, with the content type audio/wav, or whom to listen to, as JSON: ' +
      '{"call": "…", "party": "a", "seconds": 60}, 10 to 120 seconds, or {"kept": true}',
  );
}

function recording(bytes: Uint8Array): Uint8Array {
  if (bytes.length < LEAST_WAV_BYTES || bytes.length > MOST_WAV_BYTES) {
    throw new Refused(400, 'bad-length', 'a recording has 10 s to 5 minutes of sound');
  }
  return bytes;
}

function consentRecording(bytes: Uint8Array): Uint8Array {
  const isWav = Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'RIFF';
  if (!isWav || bytes.length > MOST_CONSENT_BYTES) {
    throw new Refused(
      400,
      'bad-consent-recording',
      'the recording of the consent is a WAV file of 10 MiB at the most',
    );
  }
  return bytes;
}
