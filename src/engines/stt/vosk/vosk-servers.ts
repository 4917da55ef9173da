/**
 * Which Vosk server recognises which language, as the operator writes it.
 */

import { AppError } from '../../../base/errors.ts';
import { parseServersByLanguage } from '../../servers-by-language.ts';

const EXAMPLE = 'write ws://HOST:2700, or one server per language: en=ws://HOST:2700,fr=ws://HOST:2701';

/** Reads `ws://host:2700`, or one address per language. @throws AppError `bad-option`. */
export const parseVoskUrls = parseServersByLanguage({
  kind: 'Vosk server',
  example: EXAMPLE,
  check: checkedUrl,
});

/** A URL as messages show it: without a query, which may hold a token. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'ws:' && url.protocol !== 'wss:') || url.host === '') {
    throw new AppError('bad-option', `a Vosk server is a WebSocket URL: ${EXAMPLE}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new AppError('bad-option', `the URL of a Vosk server has no user or password in it: ${EXAMPLE}`);
  }
  return text;
}
