/**
 * Languages as the operator writes them: a two- or three-letter code, with a region if it matters
 * (`en`, `es`, `pt-BR`). Engines map these to their own names.
 */

import { AppError } from './errors.ts';

/** A language tag: lower-case language, optional upper-case region. */
export type Language = string;

/** What the two parties of a call speak. */
export interface LanguagePair {
  readonly first: Language;
  readonly second: Language;
}

const LANGUAGE = /^[a-z]{2,3}(-[A-Z]{2})?$/;

/** @throws AppError `bad-option` when `text` is no language tag. */
export function parseLanguage(text: string): Language {
  const [base = '', region, ...rest] = text.trim().split(/[-_]/);
  const language =
    region === undefined ? base.toLowerCase() : `${base.toLowerCase()}-${region.toUpperCase()}`;
  if (!LANGUAGE.test(language) || rest.length > 0) {
    throw new AppError('bad-option', `"${text}" is not a language: write a code such as en, es or pt-BR`);
  }
  return language;
}

/** @throws AppError `bad-option` when `text` is not `first:second`. */
export function parseLanguagePair(text: string): LanguagePair {
  const [first, second, ...rest] = text.split(':');
  if (first === undefined || second === undefined || rest.length > 0) {
    throw new AppError(
      'bad-option',
      `"${text}" is not a language pair: write two codes with a colon, such as en:es`,
    );
  }
  return { first: parseLanguage(first), second: parseLanguage(second) };
}

/** The language without its region: `pt` of `pt-BR`. */
export function baseLanguage(language: Language): string {
  return language.split('-')[0] ?? language;
}
