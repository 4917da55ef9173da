/**
 * What a server of OpenAI's speech API says about its answer: the rate of raw sound, which only some tell, and how
 * it refuses, which each does in its own way.
 * https://platform.openai.com/docs/api-reference/audio/createSpeech
 */

import { AppError } from '../../../base/errors.ts';
import { member, parseJson } from '../http-origin.ts';
import { COMPRESSED_ANSWER } from '../sample-stream.ts';

/** Content types of sound that is neither PCM nor WAV. */
const COMPRESSED = /^audio\/(mpeg|mp3|ogg|opus|aac|flac|webm|mp4)\b/;

/**
 * The rate in Hz that a content type tells: 22,050 of `audio/pcm;rate=22050`; undefined when it tells none.
 * @throws AppError `engine-refused` for sound in another format, `engine-bad-answer` for what is no sound.
 */
export function rateOf(contentType: string | undefined): number | undefined {
  const type = contentType?.toLowerCase() ?? '';
  if (COMPRESSED.test(type)) {
    throw new AppError('engine-refused', `openai-speech: ${COMPRESSED_ANSWER}`);
  }
  if (/^(text\/|application\/json)/.test(type)) {
    throw new AppError(
      'engine-bad-answer',
      'openai-speech: the answer is a text and no sound; check the address and the extra options of the request',
    );
  }
  const rateHz = Number(/^audio\/.*;\s*(?:sample_?)?rate="?(\d{4,6})\b/.exec(type)?.[1]);
  return rateHz >= 4_000 && rateHz <= 192_000 ? rateHz : undefined;
}

/** The error for an answer of `status` with `body`. Only the server's one-word reasons are repeated. */
export function refusal(status: number, body: Uint8Array): AppError {
  const shown = [String(status), ...reasonsOf(body)].join(' ');
  if (status === 401 || status === 403) {
    return refused(`the key is refused (${shown}); set OPENAI_SPEECH_API_KEY to one that may use speech`);
  }
  if (/insufficient_quota/.test(shown)) {
    return refused(`the account has no credit left (${shown})`);
  }
  if (status === 429 || status === 503) {
    return new AppError('engine-overloaded', `openai-speech: the server has too much to do (${shown})`);
  }
  if (status >= 500) {
    return new AppError('engine-bad-answer', `openai-speech: the server fails (${shown})`);
  }
  return status === 404
    ? refused(`the server knows no such model or has no speech at this address (${shown}); check both`)
    : refused(`the request is refused (${shown}); check the model, and the voice given with --voice`);
}

/** Words that say why, of `{error: {…}}` as OpenAI writes it or `{detail: {…}}` as FastAPI servers do. */
function reasonsOf(body: Uint8Array): readonly string[] {
  const answer = parseJson(body);
  const parts = [member(answer, 'error'), member(answer, 'detail')];
  const words = parts.flatMap((part) => ['error', 'type', 'code', 'param'].map((name) => member(part, name)));
  return [
    ...new Set(
      words.filter((word): word is string => typeof word === 'string' && /^[a-z][a-z0-9_]{2,50}$/.test(word)),
    ),
  ];
}

function refused(message: string): AppError {
  return new AppError('engine-refused', `openai-speech: ${message}`);
}
