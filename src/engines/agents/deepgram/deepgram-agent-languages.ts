/**
 * What a Deepgram agent hears and speaks in a language, unless its file says otherwise. Its ears are Nova-3's; its voices
 * speak one language each (https://developers.deepgram.com/docs/tts-models).
 */

import type { Deepgram } from '@deepgram/sdk';
import { AppError } from '../../../base/errors.ts';
import type { Language } from '../../../base/language.ts';
import { codeAmong } from '../../languages.ts';
import { deepgramLanguage } from '../../stt/deepgram/deepgram-languages.ts';
import type { AgentDescription } from '../agent-description.ts';

export const LISTEN_MODEL = 'nova-3';

const ENGLISH: Deepgram.SpeakV1Model = 'aura-2-thalia-en';

const VOICES: ReadonlyMap<string, Deepgram.SpeakV1Model> = new Map<string, Deepgram.SpeakV1Model>([
  ['de', 'aura-2-viktoria-de'],
  ['en', ENGLISH],
  ['es', 'aura-2-celeste-es'],
  ['fr', 'aura-2-agathe-fr'],
  ['it', 'aura-2-livia-it'],
  ['ja', 'aura-2-izanami-ja'],
  ['nl', 'aura-2-rhea-nl'],
]);

/** Deepgram's name of what is heard, and the voice. */
export interface AgentLanguage {
  /** Undefined: what Deepgram takes it to be, or what the file's settings say. */
  readonly listen: string | undefined;
  readonly voice: string;
}

/** @throws AppError `language-unsupported` as {@link whyNotSpoken} says. */
export function agentLanguage(language: Language | undefined, description: AgentDescription): AgentLanguage {
  const why = whyNotSpoken(language, description);
  if (why !== undefined) {
    throw new AppError('language-unsupported', why);
  }
  return {
    listen: language === undefined ? undefined : deepgramLanguage(LISTEN_MODEL, language),
    voice: description.voice ?? voiceOf(language) ?? ENGLISH,
  };
}

/** Why an agent cannot talk in a language; undefined: it can, or its file says by what. */
export function whyNotSpoken(
  language: Language | undefined,
  { voice, settings: { listen, speak } }: AgentDescription,
): string | undefined {
  if (language === undefined) {
    return undefined;
  }
  if (listen === undefined && deepgramLanguage(LISTEN_MODEL, language) === undefined) {
    return `deepgram: its agents do not hear ${language}: say under settings.listen of the agent's file who does, or choose another language`;
  }
  if (speak === undefined && voice === undefined && voiceOf(language) === undefined) {
    const spoken = [...VOICES.keys()].join(', ');
    return `deepgram: it has no voice for ${language}, only for ${spoken}: say under settings.speak of the agent's file who speaks, or choose another language`;
  }
  return undefined;
}

function voiceOf(language: Language | undefined): string | undefined {
  const code = language === undefined ? 'en' : codeAmong(new Set(VOICES.keys()), language);
  return VOICES.get(code ?? '');
}
