/**
 * What a server of OpenAI's speech API takes beyond what all of them do: it is known by how it answers when it is asked
 * for its models. vLLM-Omni streams only when it is asked to, at speed 1, wants the language as a word and knows no
 * model but its own; OpenAI itself has names of voices of its own making in a member of their own.
 * https://docs.vllm.ai/projects/vllm-omni/en/stable/serving/speech_api/
 */

import { setFor } from '../../languages.ts';
import { isOpenai } from '../../openai-host.ts';
import type { AnswerHead } from '../../wire/exchange.ts';
import { member, parseJson } from '../../wire/json.ts';
import { type VoiceTraits, voiceNameFor, within } from '../spoken-voice.ts';
import type { TtsRequest } from '../tts-engine.ts';

export type Dialect =
  | { readonly type: 'plain' }
  | { readonly type: 'openai' }
  /** `model`: the one that it serves. */
  | { readonly type: 'vllm'; readonly model: string | undefined };

/** A voice of OpenAI's, for which the other servers have one of their own. */
const DEFAULT_VOICE = 'alloy';

/** What Qwen3-TTS takes as a language; everything else it finds out. */
const VLLM_LANGUAGES: ReadonlyMap<string, string> = new Map([
  ['zh', 'Chinese'],
  ['en', 'English'],
  ['ja', 'Japanese'],
  ['ko', 'Korean'],
  ['de', 'German'],
  ['fr', 'French'],
  ['ru', 'Russian'],
  ['pt', 'Portuguese'],
  ['es', 'Spanish'],
  ['it', 'Italian'],
]);

/** What the API's `speed` may be. */
const SPEED = { least: 0.25, most: 4 } as const;

/** OpenAI's model that is told in words how to speak, and takes no speed. */
const INSTRUCTED = /^gpt-4o-mini-tts/;

/** @param body of the answer to `/v1/models`. */
export function dialectOf(host: string, headers: AnswerHead['headers'], body: Uint8Array): Dialect {
  if (isOpenai(host) || headers['openai-version'] !== undefined) {
    return { type: 'openai' };
  }
  const models = member(parseJson(body), 'data');
  const [served] = (Array.isArray(models) ? models : []).filter(
    (model) => member(model, 'owned_by') === 'vllm',
  );
  if (served === undefined) {
    return { type: 'plain' };
  }
  const id = member(served, 'id');
  return { type: 'vllm', model: typeof id === 'string' ? id : undefined };
}

/** What a server does of how a voice is to speak. */
export function traitsOf(dialect: Dialect, model: string | undefined): VoiceTraits {
  if (dialect.type === 'vllm' || (dialect.type === 'openai' && INSTRUCTED.test(model ?? ''))) {
    return { emotion: true };
  }
  return { speed: SPEED };
}

/** What the operator has set of each request. */
export interface SpeechBodySettings {
  readonly model?: string;
  readonly extraBody?: Readonly<Record<string, unknown>>;
}

/** The body of a request for speech. */
export function speechBody(
  dialect: Dialect,
  { text, language, voice }: TtsRequest,
  { model, extraBody }: SpeechBodySettings,
): Readonly<Record<string, unknown>> {
  const traits = traitsOf(dialect, model);
  const speed = within(voice?.speed, traits.speed);
  const emotion = traits.emotion === true ? voice?.emotion : undefined;
  const named = voiceNameFor('openai-speech', voice);
  const served = model ?? (dialect.type === 'vllm' ? dialect.model : 'tts-1');
  return {
    ...(served === undefined ? {} : { model: served }),
    input: text,
    ...voiceMember(dialect, named),
    response_format: 'pcm',
    ...(dialect.type === 'vllm' ? vllmMembers(language) : {}),
    ...(speed === undefined ? {} : { speed }),
    ...(emotion === undefined ? {} : { instructions: `Speak in this tone: ${emotion}.` }),
    ...extraBody,
  };
}

/** The id of a voice that OpenAI made, in what the cloner calls it: `voice_1/cons_2`. */
export function openaiVoiceId(ref: string): string | undefined {
  return /^(voice_[^/]+)/.exec(ref)?.[1];
}

function voiceMember({ type }: Dialect, name: string | undefined): Readonly<Record<string, unknown>> {
  if (type === 'vllm') {
    return name === undefined ? {} : { voice: name };
  }
  const id = type === 'openai' && name !== undefined ? openaiVoiceId(name) : undefined;
  return { voice: id === undefined ? (name ?? DEFAULT_VOICE) : { id } };
}

function vllmMembers(language: string): Readonly<Record<string, unknown>> {
  const word = setFor(VLLM_LANGUAGES, language);
  return { stream_format: 'audio', ...(word === undefined ? {} : { language: word }) };
}
