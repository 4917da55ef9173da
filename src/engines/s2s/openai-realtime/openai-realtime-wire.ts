/**
 * The events of OpenAI's Realtime translation sessions, which are not those of its conversations:
 * https://developers.openai.com/api/reference/resources/realtime/translation-client-events and
 * https://developers.openai.com/api/reference/resources/realtime/translation-server-events.
 */

import { z } from 'zod';
import { AppError } from '../../../base/errors.ts';
import { parseJson } from '../../wire/json.ts';
import { fromBase64, toBase64 } from '../wire-pcm.ts';

/** The rate of audio, both ways, in Hz. */
export const REALTIME_HZ = 24_000;

/** What transcribes the speaker, for captions; the translation is made from the sound itself. */
const TRANSCRIPTION_MODEL = 'gpt-realtime-whisper';

/** A name of OpenAI's catalogue of errors; anything else is not repeated. */
const ERROR_NAME = /^[a-z0-9_.]{1,64}$/;

export type RealtimeEvent =
  /** The session is as we asked. */
  | { readonly type: 'configured' }
  | { readonly type: 'source' | 'target'; readonly text: string }
  | { readonly type: 'audio'; readonly pcm: Int16Array; readonly rateHz: number }
  /** Most leave the session as it was. Both names are of the provider's catalogue, or `unknown`. */
  | { readonly type: 'error'; readonly kind: string; readonly code: string }
  | { readonly type: 'closed' }
  | { readonly type: 'other' };

const DELTA = z.object({ delta: z.string() });
const AUDIO = z.object({
  delta: z.string(),
  sample_rate: z.number().int().min(8_000).max(48_000).default(REALTIME_HZ),
  channels: z.literal(1).default(1),
  format: z.literal('pcm16').default('pcm16'),
});
const ERROR = z.object({
  error: z.object({ type: z.string().nullish(), code: z.string().nullish() }),
});
const EVENT = z.object({ type: z.string() });

/** Says what language to speak, and that captions are wanted. Telephones are held to the mouth. */
export function encodeSession(language: string): string {
  return JSON.stringify({
    type: 'session.update',
    session: {
      audio: {
        input: {
          transcription: { model: TRANSCRIPTION_MODEL },
          noise_reduction: { type: 'near_field' },
        },
        output: { language },
      },
    },
  });
}

export function encodeAudio(pcm: Int16Array): string {
  return JSON.stringify({ type: 'session.input_audio_buffer.append', audio: toBase64(pcm) });
}

export function encodeClose(): string {
  return JSON.stringify({ type: 'session.close' });
}

/** @throws AppError `engine-bad-answer` when `text` is not an event. */
export function decodeEvent(text: string): RealtimeEvent {
  const json = parseJson(text);
  const { type } = checked(EVENT, json);
  switch (type) {
    case 'session.updated':
      return { type: 'configured' };
    case 'session.input_transcript.delta':
      return { type: 'source', text: checked(DELTA, json).delta };
    case 'session.output_transcript.delta':
      return { type: 'target', text: checked(DELTA, json).delta };
    case 'session.output_audio.delta': {
      const { delta, sample_rate } = checked(AUDIO, json);
      return { type: 'audio', pcm: fromBase64(delta), rateHz: sample_rate };
    }
    case 'session.closed':
      return { type: 'closed' };
    case 'error': {
      const { error } = checked(ERROR, json);
      return { type: 'error', kind: nameOf(error.type), code: nameOf(error.code) };
    }
    default:
      return { type: 'other' };
  }
}

function checked<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new AppError('engine-bad-answer', 'openai-realtime: OpenAI sent something it should not');
  }
  return parsed.data;
}

function nameOf(text: string | null | undefined): string {
  return text !== null && text !== undefined && ERROR_NAME.test(text) ? text : 'unknown';
}
