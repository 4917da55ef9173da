/**
 * A transcript as tokens: words with the marks that stand at them. Languages written without spaces are taken character
 * by character, so that the same rules serve all. Two tokens are the same word when their letters and digits are, since
 * recognition changes its mind about marks and capitals all the time.
 */

import { baseLanguage, type Language } from '../../base/language.ts';

export interface Token {
  /** As it is written, marks included. */
  readonly text: string;
  /** Letters and digits only, in lower case: what two hearings of a word share. */
  readonly word: string;
  /** The strongest mark after the word. */
  readonly mark: Mark;
}

/** `sentence`: . ? ! and their like; `clause`: , ; : and their like. */
export type Mark = 'none' | 'clause' | 'sentence';

const UNSPACED: ReadonlySet<string> = new Set(['ja', 'zh', 'th', 'lo', 'km', 'my']);

const SENTENCE_MARK = /[.?!…。？！]["'”’»)\]]*$/u;
const CLAUSE_MARK = /[,;:–—、，；：]["'”’»)\]]*$/u;

/** Whether words of `language` stand apart. */
export function isSpaced(language: Language): boolean {
  return !UNSPACED.has(baseLanguage(language));
}

export function tokensOf(text: string, language: Language): readonly Token[] {
  return isSpaced(language)
    ? text
        .split(/\s+/)
        .filter((part) => part !== '')
        .map(tokenOf)
    : charactersOf(text);
}

/** The text of `tokens`, as the language is written. */
export function textOf(tokens: readonly Token[], language: Language): string {
  return tokens.map(({ text }) => text).join(isSpaced(language) ? ' ' : '');
}

function tokenOf(text: string): Token {
  return { text, word: wordOf(text), mark: markOf(text) };
}

/** Letters and digits of `text`, in lower case. */
export function wordOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function markOf(text: string): Mark {
  if (SENTENCE_MARK.test(text)) {
    return 'sentence';
  }
  return CLAUSE_MARK.test(text) ? 'clause' : 'none';
}

/** A token per character; marks join the character before them. */
function charactersOf(text: string): readonly Token[] {
  const parts: string[] = [];
  for (const character of text.replace(/\s+/gu, '')) {
    const last = parts.at(-1);
    if (wordOf(character) === '' && last !== undefined) {
      parts[parts.length - 1] = last + character;
    } else {
      parts.push(character);
    }
  }
  return parts.map(tokenOf);
}

/** How many tokens `a` and `b` share from the beginning, as words. */
export function sharedPrefix(a: readonly Token[], b: readonly Token[]): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared]?.word === b[shared]?.word) {
    shared += 1;
  }
  return shared;
}
