/**
 * The providers there are, and what the operator has told us of each: keys, addresses, choices, as their adapters
 * declare them. A provider that is set up has what it needs, so that its engine can be made. Keys are secrets; whoever
 * holds this may print it.
 */

import { HUME } from './emotion/hume/hume-variables.ts';
import { DEEPL } from './mt/deepl/deepl-variables.ts';
import { LIBRETRANSLATE } from './mt/libretranslate/libretranslate-variables.ts';
import { OPENAI_REALTIME } from './s2s/openai-realtime/openai-realtime-variables.ts';
import { DEEPGRAM } from './stt/deepgram/deepgram-variables.ts';
import { OPENAI_TRANSCRIPTION } from './stt/openai-transcription/openai-transcription-variables.ts';
import { VOSK } from './stt/vosk/vosk-variables.ts';
import { SUMMARY } from './summary/summary-variables.ts';
import { CHATTERBOX } from './tts/chatterbox/chatterbox-variables.ts';
import { ELEVENLABS } from './tts/elevenlabs/elevenlabs-variables.ts';
import { OPENAI_SPEECH } from './tts/openai-speech/openai-speech-variables.ts';
import { POCKET_TTS } from './tts/pocket-tts/pocket-tts-variables.ts';
import { XTTS } from './tts/xtts/xtts-variables.ts';
import type { Provider, SetUp, Variable } from './variables.ts';

/** In the order in which the operator reads of them. */
export const PROVIDERS = {
  deepgram: DEEPGRAM,
  vosk: VOSK,
  openaiTranscription: OPENAI_TRANSCRIPTION,
  deepl: DEEPL,
  libretranslate: LIBRETRANSLATE,
  xtts: XTTS,
  elevenlabs: ELEVENLABS,
  openaiSpeech: OPENAI_SPEECH,
  chatterbox: CHATTERBOX,
  pocketTts: POCKET_TTS,
  openaiRealtime: OPENAI_REALTIME,
  hume: HUME,
  summary: SUMMARY,
} as const;

export type ProviderName = keyof typeof PROVIDERS;

/** Every provider that is set up; the others are left out. */
export type Providers = { readonly [Name in ProviderName]?: SetUp<(typeof PROVIDERS)[Name]> };

/** The variable without which a provider is not set up. */
export function neededVariable(name: ProviderName): Variable<unknown> | undefined {
  const { needs, variables }: Provider = PROVIDERS[name];
  return variables[needs];
}

/** Every variable once; one that several providers have stands with the last of them. */
export function providerVariables(): readonly Variable<unknown>[] {
  const all = Object.values<Provider>(PROVIDERS).flatMap(({ variables }) => Object.values(variables));
  return all.filter(({ name }, index) => all.findLastIndex((each) => each.name === name) === index);
}

/** The providers whose needs are among `values`, which are what the variables of these names were parsed to. */
export function setUpProviders(values: ReadonlyMap<string, unknown>): Providers {
  const entries = Object.entries<Provider>(PROVIDERS).flatMap(([name, { needs, variables }]) => {
    const own = Object.entries(variables)
      .map(([key, { name: written }]) => [key, values.get(written)] as const)
      .filter(([, value]) => value !== undefined);
    return own.some(([key]) => key === needs) ? [[name, Object.fromEntries(own)] as const] : [];
  });
  const providers: object = Object.fromEntries(entries);
  return areProviders(providers) ? providers : {};
}

/** True of what was just put together from the table: the parsers saw to the types of the values. */
function areProviders(made: object): made is Providers {
  return Object.keys(made).every((name) => Object.hasOwn(PROVIDERS, name));
}
