/** `dragoman voice enrol`: a profile with the consent that is written, and the voice of a recording, as it is made. */

import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { AppError, codeOf } from '../../base/errors.ts';
import { ENROLMENT, SHOWN_VOICE } from '../../server/http/api/voice-schemas.ts';
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
  const [file, ...more] = words;
  const { language, transcript, keep } = options;
  if (file === undefined || more.length > 0 || language === undefined) {
    throw new AppError(
      'bad-option',
      'write the recording and what is spoken in it: dragoman voice enrol ana.wav --speaker ana --language es',
    );
  }
  const wav = await recordingIn(file);
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
    if (consent === undefined) {
      throw new AppError(
        'bad-option',
        'a voice is made of nobody without their consent: write --consent-by "Ana Ruiz" --consent-how "signed form 12"',
      );
    }
    await api.answer({ method: 'POST', path: '/api/v1/voices', body: { speaker, ...body } }, SHOWN_VOICE);
  }
  const query = new URLSearchParams({
    language,
    keep: String(keep),
    ...(transcript === undefined ? {} : { transcript }),
  });
  let enrolment = await api.answer(
    { method: 'POST', path: `${path}/enrolments?${query}`, wav, limitMs: SEND_LIMIT_MS },
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
  const took = Math.round(enrolment.tookMs / 100) / 10;
  context.writeOut(
    `${speaker} is enrolled, in ${took} s: "dragoman voice test ${speaker}" lets it be heard\n`,
  );
}

/** Each step once, when it is over. */
function tell({ steps }: Enrolment, told: Set<string>, context: VoiceTask['context']): void {
  for (const { step, state, detail } of steps) {
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
