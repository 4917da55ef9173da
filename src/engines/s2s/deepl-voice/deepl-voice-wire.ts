/**
 * The JSON of the DeepL Voice API: https://developers.deepl.com/api-reference/voice and `voice.asyncapi.yaml` of
 * https://github.com/DeepLcom/openapi. Every message is an object with one key, which says what it is.
 */

import { z } from 'zod';
import { AppError } from '../../../base/errors.ts';
import { parseJson } from '../../wire/json.ts';
import { toBase64 } from '../wire-pcm.ts';

/** How audio is written: PCM at 16 kHz, 32 bytes a ms. */
const SOURCE_MEDIA = 'audio/pcm;encoding=s16le;rate=16000';

/** What the session is to do. */
export interface SessionRequest {
  readonly source: string;
  readonly target: string;
  readonly formality?: string;
  readonly glossaryId?: string;
}

/** Text that goes with a stretch of the audio we sent, in ms from its beginning, as estimated by the provider. */
export interface Piece {
  readonly text: string;
  readonly startMs: number;
}

export type VoiceMessage =
  | {
      readonly type: 'source' | 'target';
      readonly concluded: readonly Piece[];
      readonly tentative: readonly Piece[];
    }
  | { readonly type: 'error'; readonly errorCode: number; readonly reasonCode: number | undefined }
  /** Translated speech, ends that we did not ask for, and whatever is new. */
  | { readonly type: 'other' };

const PIECES = z.array(z.object({ text: z.string(), start_time: z.number().optional() })).default([]);
const UPDATE = z.object({ concluded: PIECES, tentative: PIECES });
const MESSAGE = z.object({
  source_transcript_update: UPDATE.optional(),
  target_transcript_update: UPDATE.optional(),
  error: z.object({ error_code: z.number().optional(), reason_code: z.number().optional() }).optional(),
});
const SESSION = z.object({ streaming_url: z.string(), token: z.string().min(1) });

/** The body of `POST /v3/voice/realtime`. */
export function sessionRequest({ source, target, formality, glossaryId }: SessionRequest): object {
  return {
    source_media_content_type: SOURCE_MEDIA,
    source_language: source,
    source_language_mode: 'fixed',
    target_languages: [target],
    message_format: 'json',
    ...(formality === undefined ? {} : { formality }),
    ...(glossaryId === undefined ? {} : { glossary_id: glossaryId }),
  };
}

/**
 * Where to stream to, the one-time token in it; never for a message or a log.
 * @param secure refuses an address without TLS.
 * @throws AppError `engine-bad-answer` when `body` is no answer to a request for a session.
 */
export function decodeSession(body: string, secure: boolean): string {
  const session = SESSION.safeParse(parseJson(body));
  if (session.success && URL.canParse(session.data.streaming_url)) {
    const url = new URL(session.data.streaming_url);
    if (url.protocol === 'wss:' || (url.protocol === 'ws:' && !secure)) {
      url.searchParams.set('token', session.data.token);
      return url.href;
    }
  }
  throw new AppError('engine-bad-answer', 'deepl-voice: DeepL gave no address to stream to');
}

export function encodeChunk(pcm: Int16Array): string {
  return JSON.stringify({ source_media_chunk: { data: toBase64(pcm) } });
}

export function encodeEnd(): string {
  return JSON.stringify({ end_of_source_media: {} });
}

/** @throws AppError `engine-bad-answer` when `text` is not a message of the API. */
export function decodeMessage(text: string): VoiceMessage {
  const parsed = MESSAGE.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new AppError('engine-bad-answer', 'deepl-voice: DeepL sent something it should not');
  }
  const { source_transcript_update: source, target_transcript_update: target, error } = parsed.data;
  if (error !== undefined) {
    return { type: 'error', errorCode: error.error_code ?? 0, reasonCode: error.reason_code };
  }
  if (source !== undefined) {
    return { type: 'source', concluded: pieces(source.concluded), tentative: pieces(source.tentative) };
  }
  if (target !== undefined) {
    return { type: 'target', concluded: pieces(target.concluded), tentative: pieces(target.tentative) };
  }
  return { type: 'other' };
}

function pieces(found: z.infer<typeof PIECES>): readonly Piece[] {
  return found.map(({ text, start_time }) => ({ text, startMs: start_time ?? 0 }));
}
