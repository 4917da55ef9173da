/**
 * Which server is for which language, for providers whose servers have one model and so one language each and cannot be
 * asked which: the operator says it.
 */

import { AppError } from '../base/errors.ts';
import { type Language, parseLanguage } from '../base/language.ts';
import { setFor } from './languages.ts';

/** Addresses by language; `*` is for every language that has none of its own. */
export type ServersByLanguage = ReadonlyMap<Language | '*', string>;

/** How a provider's servers are written. */
export interface ServersSyntax {
  /** As messages name one: `Vosk server`. */
  readonly kind: string;
  /** What to write, as it ends a message. */
  readonly example: string;
  /** Returns the address as it is used. @throws AppError `bad-option`. */
  readonly check: (text: string) => string;
}

/**
 * Reads `http://host:8000` (whatever the language) or `en=http://host:8000,fr=http://host:8001`; a plain address among
 * the others is for the languages that are not named.
 * @throws AppError `bad-option` saying what is wrong and how to write it.
 */
export function parseServersByLanguage({
  kind,
  example,
  check,
}: ServersSyntax): (text: string) => ServersByLanguage {
  return (text) => {
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
        throw new AppError('bad-option', `there are two ${kind}s for ${whose}: ${example}`);
      }
      servers.set(language, check((named?.[2] ?? entry).trim()));
    }
    if (servers.size === 0) {
      throw new AppError('bad-option', `no ${kind} is given: ${example}`);
    }
    return servers;
  };
}

/** The address for a language: its own, that of the language without region, or the one for all. */
export function serverFor(servers: ServersByLanguage, language: Language): string | undefined {
  return setFor(servers, language) ?? servers.get('*');
}
