/**
 * What a Chatterbox-TTS-Server is asked, as JSON on the wire.
 * https://github.com/devnen/Chatterbox-TTS-Server/blob/main/models.py
 */

import type { Language } from '../../../base/language.ts';
import { codeAmong, codesOf } from '../../languages.ts';
import type { RefusalHints } from '../../wire/refusal.ts';
import { renderingFor, type SpokenVoice, type VoiceTraits, within } from '../spoken-voice.ts';

/** It stretches what it has made. */
export const TRAITS: VoiceTraits = { speed: { least: 0.5, most: 2 } };

export const REFUSAL_HINTS: RefusalHints = {
  missing:
    'see whether it is a Chatterbox-TTS-Server, and mend CHATTERBOX_URL; voices go by the names of their files',
  request: 'check the voice: a WAV file of the server, of at most 30 s',
  fault: 'see its log',
  busy: 'its model is not loaded yet; see its log',
};

/** What its multilingual model speaks. */
const SPOKEN: ReadonlySet<string> = new Set(
  'ar da de el en es fi fr he hi it ja ko ms nl no pl pt ru sv sw tr zh'.split(' '),
);

/** The model's tag for `language`: without its region. */
export function chatterboxLanguage(language: Language): string {
  return codeAmong(SPOKEN, language) ?? codesOf(language)[0] ?? language;
}

/** The languages in the answer to `/api/model-info`; undefined where it does not tell. */
export function languagesOf(supported: unknown): readonly string[] | undefined {
  return typeof supported === 'object' && supported !== null ? Object.keys(supported) : undefined;
}

/**
 * The body of a request for speech. Servers that do not stream ignore that they are asked to.
 * @param own the file of the voice that comes with the server, for those who ask for none.
 */
export function speechBody(
  text: string,
  language: Language,
  voice: SpokenVoice | undefined,
  own: string,
): Readonly<Record<string, unknown>> {
  const cloned = renderingFor('chatterbox', voice)?.ref;
  const speed = within(voice?.speed, TRAITS.speed);
  return {
    text,
    ...(cloned === undefined
      ? { voice_mode: 'predefined', predefined_voice_id: voice?.name ?? own }
      : { voice_mode: 'clone', reference_audio_filename: cloned }),
    language: chatterboxLanguage(language),
    output_format: 'wav',
    stream: true,
    ...(speed === undefined ? {} : { speed_factor: speed }),
  };
}
