/**
 * Which Vosk server recognises which language. A server has one model and so one language, and cannot be asked
 * which: the operator says it.
 */

import { AppError } from '../../../base/errors.ts';
import { baseLanguage, type Language, parseLanguage } from '../../../base/language.ts';

/** WebSocket URLs by language; `*` is for every language that has none of its own. */
export type VoskServers = ReadonlyMap<Language | '*', string>;

const EXAMPLE = 'write ws://HOST:2700, or one server per language: en=ws://HOST:2700,fr=ws://HOST:2701';

/**
 * Reads `ws://host:2700` (whatever the language) or `en=ws://host:2700,fr=ws://host:2701`; a plain URL among
 * the others is for the languages that are not named.
 * @throws AppError `bad-option` saying what is wrong and how to write it.
 */
export function parseVoskUrls(text: string): VoskServers {
  const servers = new Map<Language | '*', string>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') {
      continue;
    }
    const named = /^([^=:/?]*)=(.*)$/.exec(entry);
    const name = named?.[1]?.trim() ?? '*';
    const language = name === '*' ? name : parseLanguage(name);
    if (servers.has(language)) {
      const whose = language === '*' ? 'languages that are not named' : language;
      throw new AppError('bad-option', `there are two Vosk servers for ${whose}: ${EXAMPLE}`);
    }
    servers.set(language, checkedUrl((named?.[2] ?? entry).trim()));
  }
  if (servers.size === 0) {
    throw new AppError('bad-option', `no Vosk server is given: ${EXAMPLE}`);
  }
  return servers;
}

/** The URL for a language: its own, that of the language without region, or the one for all. */
export function voskServerFor(servers: VoskServers, language: Language): string | undefined {
  return servers.get(language) ?? servers.get(baseLanguage(language)) ?? servers.get('*');
}

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
