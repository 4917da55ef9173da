/**
 * What a server of OpenAI's speech API says about its answer: the rate of raw sound, which only some tell, and how
 * it refuses, which each does in its own way.
 * https://platform.openai.com/docs/api-reference/audio/createSpeech
 */

import { isOpenai } from '../../openai-host.ts';
import type { RefusalHints } from '../../wire/refusal.ts';
import type { Reads } from '../tts-engine.ts';

/** The rate in Hz that a content type tells: 22,050 of `audio/pcm;rate=22050`; undefined when it tells none. */
export function rateOf(contentType: string): number | undefined {
  const told = /^audio\/.*;\s*(?:sample_?)?rate="?(\d{4,6})\b/.exec(contentType.toLowerCase());
  const rateHz = Number(told?.[1]);
  return rateHz >= 4_000 && rateHz <= 192_000 ? rateHz : undefined;
}

/**
 * What is read that is not words, by the server and its model: OpenAI's own reads everything, XTTS words; the others
 * (Kokoro, Piper) speak by eSpeak's rules or have rules for English only.
 */
export function readsOf(host: string, model: string): Reads {
  if (isOpenai(host)) {
    return 'everything';
  }
  // A server that knows OpenAI's names speaks with XTTS where the better model is asked for.
  return /xtts|^tts-1-hd$/i.test(model) ? 'words' : 'numbers';
}

/** Members of a refusal that hold its word, as each server has it in its own way. */
export const REASON_NAMES: readonly string[] = ['code', 'error', 'type', 'param'];

/** What the operator can do about a refusal. */
export const REFUSAL_HINTS: RefusalHints = {
  key: 'set OPENAI_API_KEY to one that may use speech',
  credit: "add credit in the provider's console",
  missing: 'check OPENAI_SPEECH_URL, and that the server has the model',
  request: 'check the model, and the voice given with --voice',
  busy: 'a server of your own needs a faster machine or fewer calls',
};
