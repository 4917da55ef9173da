/**
 * `dragoman voice enrol`: a profile with the consent that is written, and the voice of a recording, or of what a party
 * says in a call, or of the recording that is kept, as it is made.
 */

import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { AppError, codeOf } from '../../base/errors.ts';
import type { FormField } from '../../engines/wire/multipart.ts';
import { ENROLMENT, SHOWN_VOICE } from '../../server/http/api/voice-schemas.ts';
import type { ServiceRequest } from '../service-api.ts';
import { speakerAmong, writtenConsent, writtenDefaults } from './voice-options.ts';
import type { VoiceTask } from './voice-task.ts';
import { pathOf } from './voice-tasks.ts';

/** A recording is sent first, in ms: 29 MB at 5 Mbit/s. */
const SEND_LIMIT_MS = 60_000;
/** How often it is asked how far it is, in ms. */
const ASK_EVERY_MS = 500;

type Enrolment = z.infer<typeof ENROLMENT>;

export async function enrol({ api, words, options, context, clock, signal }: VoiceTask): Promise<void> {
  const speaker = speakerAmong(options.speaker);
  const { language, transcript, keep } = options;
  const sound = await soundFor(words, options, api);
  const path = pathOf(speaker);
  const consent = writtenConsent(options);
  const defaults = writtenDefaults(options);
  const body = {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(consent === undefined ? {} : { consent }),
    ...(defaults === undefined ? {} : { defaults }),
  };
  const before = await api.find(path, SHOWN_VOICE);
  if (before !== undefined && Object.keys(body).length > 0) {
    await api.answer({ method: 'PATCH', path, body, version: before.version }, SHOWN_VOICE);
  } else if (before === undefined) {
    if (options.kept === true) {
      throw new AppError(
        'bad-option',
        `there is no voice profile of ${speaker}, so no recording of them is kept`,
      );
    }
    if (consent === undefined) {
      throw new AppError(
        'bad-option',
        'a voice is made of nobody without their consent: write --consent-by "Ana Ruiz" --consent-how "signed form 12"',
      );
    }
    await api.answer({ method: 'POST', path: '/api/v1/voices', body: { speaker, ...body } }, SHOWN_VOICE);
  }
  const query = new URLSearchParams({
    keep: String(keep),
    ...(language === undefined ? {} : { language }),
    ...(transcript === undefined ? {} : { transcript }),
  });
  let enrolment = await api.answer(
    { method: 'POST', path: `${path}/enrolments?${query}`, ...sound, limitMs: SEND_LIMIT_MS },
    ENROLMENT,
  );
  const told = new Set<string>();
  tell(enrolment, told, context);
  while (enrolment.state === 'running') {
    await clock.sleep(ASK_EVERY_MS, signal);
    enrolment = await api.read(`${path}/enrolments/${enrolment.id}`, ENROLMENT);
    tell(enrolment, told, context);
  }
  if (enrolment.state === 'failed') {
    throw new AppError('engine-refused', enrolment.problem ?? 'the voice could not be made');
  }
  const without = enrolment.steps.filter(({ state }) => state === 'failed').map(({ step }) => step);
  if (without.length > 0 && keep) {
    context.writeOut(
      `${without.join(', ')} made none; once that is mended, of the recording that is kept: dragoman voice enrol --kept --speaker ${speaker}\n`,
    );
  }
  const took = Math.round(enrolment.tookMs / 100) / 10;
  context.writeOut(
    `${speaker} is enrolled, in ${took} s; to hear it: dragoman voice test ${speaker} --language en Good morning.\n`,
  );
}

/** What the voice is to be made of, as it is sent. @throws AppError `bad-option` for what is none of the two ways. */
async function soundFor(
  words: readonly string[],
  { language, call, party, seconds, kept = false, consentRecording }: VoiceTask['options'],
  api: VoiceTask['api'],
): Promise<Pick<ServiceRequest, 'wav' | 'form'>> {
  const [file, ...more] = words;
  const fromCall = call !== undefined && party !== undefined && file === undefined && !kept;
  const fromFile =
    call === undefined && party === undefined && file !== undefined && language !== undefined && !kept;
  const fromKept = call === undefined && party === undefined && file === undefined && kept;
  if (more.length > 0 || !(fromCall || fromFile || fromKept)) {
    throw new AppError(
      'bad-option',
      'write the recording and what is spoken in it: dragoman voice enrol ana.wav --speaker ana --language es; or who of ' +
        'which call: dragoman voice enrol --call 4f2c --party a --speaker ana; or that it is the recording that is kept: ' +
        'dragoman voice enrol --kept --speaker ana',
    );
  }
  const consent =
    consentRecording === undefined ? [] : [wavField('consentRecording', await recordingIn(consentRecording))];
  if (fromCall || fromKept) {
    const fields = fromCall
      ? { call: await api.idOf(call), party, ...(seconds === undefined ? {} : { seconds }) }
      : { kept: 'true' };
    return { form: [...Object.entries(fields).map(([name, value]) => ({ name, value })), ...consent] };
  }
  const wav = await recordingIn(file ?? '');
  return consent.length === 0 ? { wav } : { form: [wavField('recording', wav), ...consent] };
}

function wavField(name: string, bytes: Uint8Array): FormField {
  return { name, fileName: `${name}.wav`, type: 'audio/wav', bytes };
}

/** Each step once, when it is over, and that it listens. */
function tell({ steps }: Enrolment, told: Set<string>, context: VoiceTask['context']): void {
  for (const { step, state, detail } of steps) {
    if (step === 'listen' && state === 'running' && !told.has('listening')) {
      told.add('listening');
      context.writeOut('listen: the party is told that its voice is taken, and listened to\n');
    }
    if (!told.has(step) && (state === 'done' || state === 'failed' || state === 'left-out')) {
      told.add(step);
      context.writeOut(
        `${step}: ${state === 'left-out' ? 'left out' : state}${detail === undefined ? '' : `, ${detail}`}\n`,
      );
    }
  }
}

async function recordingIn(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `${file} cannot be read (${codeOf(error)}): write the path of a WAV file`,
    );
  }
}
