/**
 * Which of a server's languages is meant by the operator's: versions of LibreTranslate differ in their codes (`zh` or
 * `zh-Hans`, `pb` or `pt-BR`), and each server has only the models it was started with.
 */

import { baseLanguage, type Language } from '../../../base/language.ts';
import { codesOf, isTraditionalChinese } from '../../languages.ts';

/** A language that a server translates from, and the codes of those it translates it to. */
export interface ServerLanguage {
  readonly code: string;
  readonly targets: readonly string[];
}

/** The codes of one direction, as the server writes them. */
export interface ServerPair {
  readonly source: string;
  readonly target: string;
}

const TRADITIONAL: readonly string[] = ['zh-Hant', 'zt'];
const SIMPLIFIED: readonly string[] = ['zh-Hans', 'zh'];

/** Codes to try for a language, the best first; others are tried by their tag, then without region. */
const CODES: ReadonlyMap<Language, readonly string[]> = new Map([
  ['pt', ['pt', 'pt-BR', 'pb']],
  ['pt-BR', ['pt-BR', 'pb', 'pt']],
  ['zh', [...SIMPLIFIED, ...TRADITIONAL]],
]);

/** The codes a server may have for `language`, the best first. */
export function candidateCodes(language: Language): readonly string[] {
  if (isTraditionalChinese(language)) {
    return [...TRADITIONAL, ...SIMPLIFIED];
  }
  return (
    CODES.get(language) ?? [
      ...new Set([language, ...(CODES.get(baseLanguage(language)) ?? codesOf(language))]),
    ]
  );
}

/** The best direction among `languages`, or undefined when the server has none. */
export function findPair(
  languages: readonly ServerLanguage[],
  from: Language,
  to: Language,
): ServerPair | undefined {
  for (const source of candidateCodes(from)) {
    const targets = languages.find(({ code }) => code === source)?.targets ?? [];
    const target = candidateCodes(to).find((code) => code !== source && targets.includes(code));
    if (target !== undefined) {
      return { source, target };
    }
  }
  return undefined;
}
