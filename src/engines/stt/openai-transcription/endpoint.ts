/**
 * Where a transcription server takes requests. OpenAI and speaches have one path, whisper.cpp's server has another
 * (`/inference`) unless it is told otherwise, so a URL with a path of its own is used as it is.
 */

import { AppError } from '../../../base/errors.ts';

export interface TranscriptionEndpoint {
  readonly url: string;
  /** Answers on servers that have it; any answer at all says that a server is there. */
  readonly healthUrl: string;
  /** As messages show it: without a query, which may hold a token. */
  readonly shown: string;
}

const EXAMPLE = 'write http://HOST:8080/inference for whisper.cpp, else http://HOST:8000';

/** @throws AppError `bad-option` when `text` is no http URL, or has a password in it. */
export function transcriptionEndpoint(text: string): TranscriptionEndpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppError('bad-option', `a transcription server is an http or https URL: ${EXAMPLE}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError(
      'bad-option',
      'the URL of a transcription server has no user or password in it; give the key as the key',
    );
  }
  if (url.pathname === '/') {
    url.pathname = '/v1/audio/transcriptions';
  } else if (/^\/v1\/?$/.test(url.pathname)) {
    // What OpenAI's own clients call the base URL.
    url.pathname = '/v1/audio/transcriptions';
  }
  return {
    url: url.href,
    healthUrl: new URL('/health', url).href,
    shown: `${url.origin}${url.pathname}`,
  };
}
