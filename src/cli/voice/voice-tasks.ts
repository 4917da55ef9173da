/** What `dragoman voice` does with profiles that there are. */

import { writeFile } from 'node:fs/promises';
import { AppError, codeOf } from '../../base/errors.ts';
import { SHOWN_VOICE, type ShownVoice, VOICE_LIST } from '../../server/http/api/voice-schemas.ts';
import { jsonText } from '../json-text.ts';
import { textTable } from '../text-table.ts';
import {
  onlySpeaker,
  speakerAmong,
  writtenConsent,
  writtenDefaults,
  writtenRenderings,
} from './voice-options.ts';
import type { VoiceTask } from './voice-task.ts';

/** Speech is made before its answer begins, in ms; providers that delete a voice take their time, too. */
const WORK_LIMIT_MS = 60_000;

export async function listVoices({ api, words, options, context }: VoiceTask): Promise<void> {
  if (words.length > 0) {
    throw new AppError('bad-option', 'list lists all of them: "dragoman voice show ana" shows one');
  }
  const voices: ShownVoice[] = [];
  const unreadable: string[] = [];
  let after = '';
  do {
    const page = await api.read(`/api/v1/voices?${new URLSearchParams({ after })}`, VOICE_LIST);
    voices.push(...page.voices);
    unreadable.push(...page.unreadable);
    after = page.next ?? '';
  } while (after !== '');
  if (unreadable.length > 0) {
    context.writeError(`dragoman: these cannot be read: ${unreadable.join(', ')}\n`);
  }
  if (options.json === true) {
    context.writeOut(`${jsonText(voices)}\n`);
    return;
  }
  const rows = voices.map(({ speaker, name = '', version, renderings, consent, unused }) => [
    speaker,
    name,
    String(version),
    renderings.map(({ engine }) => engine).join(',') || '-',
    consent === undefined
      ? '-'
      : consent.until === undefined
        ? 'given'
        : `until ${consent.until.slice(0, 10)}`,
    unused === undefined ? '' : `not used: ${unused}`,
  ]);
  const lines =
    rows.length === 0
      ? ['there are no voice profiles']
      : textTable([['SPEAKER', 'NAME', 'VERSION', 'ENGINES', 'CONSENT', 'NOTE'], ...rows]);
  context.writeOut(`${lines.join('\n')}\n`);
}

export async function showVoice({ api, words, context }: VoiceTask): Promise<void> {
  const voice = await api.read(pathOf(onlySpeaker(words)), SHOWN_VOICE);
  context.writeOut(`${jsonText(voice)}\n`);
}

export async function updateVoice({ api, words, options, context }: VoiceTask): Promise<void> {
  const path = pathOf(onlySpeaker(words));
  const before = await api.read(path, SHOWN_VOICE);
  const { consentBy = before.consent?.by, consentHow = before.consent?.how } = options;
  const written = writtenConsent({
    ...options,
    ...(consentBy === undefined ? {} : { consentBy }),
    ...(consentHow === undefined ? {} : { consentHow }),
  });
  const asked = [options.consentBy, options.consentHow, options.consentUntil].some(
    (each) => each !== undefined,
  );
  const defaults = writtenDefaults(options);
  const renderings = writtenRenderings(options);
  const body = {
    ...(options.name === undefined ? {} : { name: options.name }),
    // What is not written of it stays as it is.
    ...(asked ? { consent: { ...before.consent, ...written } } : {}),
    ...(defaults === undefined ? {} : { defaults: { ...before.defaults, ...defaults } }),
    ...(renderings === undefined ? {} : { renderings }),
  };
  if (Object.keys(body).length === 0) {
    throw new AppError('bad-option', 'what is to change is not written: see dragoman voice --help');
  }
  const version = options.ifVersion ?? before.version;
  const after = await api.answer({ method: 'PATCH', path, body, version }, SHOWN_VOICE);
  context.writeOut(`${after.speaker} is version ${after.version} now\n`);
}

export async function deleteVoice({ api, words, options, context }: VoiceTask): Promise<void> {
  const speaker = onlySpeaker(words);
  const path = `${pathOf(speaker)}${options.forget === true ? '?forget=true' : ''}`;
  const { ifVersion: version } = options;
  await api.done({
    ...{ method: 'DELETE', path, limitMs: WORK_LIMIT_MS },
    ...(version === undefined ? {} : { version }),
  });
  context.writeOut(`the voice of ${speaker} is deleted, here and at its providers\n`);
}

export async function testVoice({ api, words, options, context }: VoiceTask): Promise<void> {
  const speaker = speakerAmong(words[0]);
  const text = words.slice(1).join(' ').trim();
  // Never the name that a recording of them has.
  const { language, output = `${speaker}-speaks.wav` } = options;
  if (language === undefined || text === '') {
    throw new AppError(
      'bad-option',
      'what is to be said is not written: dragoman voice test ana --language en Good morning.',
    );
  }
  const body = { text, language };
  const { wav, headers } = await api.sound({
    ...{ method: 'POST', path: `${pathOf(speaker)}/speech`, body, limitMs: WORK_LIMIT_MS },
  });
  try {
    await writeFile(output, wav);
  } catch (error) {
    throw new AppError(
      'file-unwritable',
      `${output} cannot be written (${codeOf(error)}): write --output with a file that can`,
    );
  }
  const { 'dragoman-engine': engine = 'an engine', 'dragoman-voice': voice } = headers;
  const whose =
    voice === 'neutral' ? `a neutral voice, for it has none of ${speaker}` : `the voice of ${speaker}`;
  context.writeOut(`it is in ${output}: ${String(engine)} speaks with ${whose}\n`);
}

export function pathOf(speaker: string): string {
  return `/api/v1/voices/${encodeURIComponent(speaker)}`;
}
