/**
 * A transcript as tokens: words with the marks that stand at them, in languages with blanks and without. Two tokens are
 * the same word when their letters and digits are, since recognition changes its mind about marks and capitals all the
 * time.
 */

import type { Language } from '../../base/language.ts';
import { isMarksOnly, type Mark, markOf } from './marks.ts';
import { isSpaced, unspacedWords } from './unspaced-words.ts';

export interface Token {
  /** As it is written, marks included. */
  readonly text: string;
  /** Letters and digits only, in lower case: what two hearings of a word share. */
  readonly word: string;
  /** The strongest mark after the word. */
  readonly mark: Mark;
  /** Whether a blank stands before it. */
  readonly blank: boolean;
}

/**
 * The tokens of `text`.
 * @param known tokens of an earlier hearing whose borders are kept where nothing else tells words apart.
 */
export function tokensOf(text: string, language: Language, known: readonly Token[] = []): readonly Token[] {
  if (isSpaced(language)) {
    return spacedWords(text).map((word) => tokenOf(word, true, language));
  }
  const words = unspacedWords(
    text.trim(),
    language,
    known.map(({ word }) => word),
  );
  return words.map(({ text: word, blank }) => tokenOf(word, blank, language));
}

/** The text of `tokens`, as the language is written. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text, blank }, index) => (blank && index > 0 ? ` ${text}` : text)).join('');
}

function tokenOf(text: string, blank: boolean, language: Language): Token {
  return { text, word: wordOf(text), mark: markOf(text, language), blank };
}

/** Letters and digits of `text`, in lower case. */
export function wordOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function spacedWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const part of text.split(/\s+/)) {
    const last = words.at(-1);
    if (last !== undefined && part !== '' && isMarksOnly(part)) {
      words[words.length - 1] = `${last} ${part}`;
    } else if (part !== '') {
      words.push(part);
    }
  }
  return words;
}

/** How many tokens `a` and `b` share from the beginning, as words. */
export function sharedPrefix(a: readonly Token[], b: readonly Token[]): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared]?.word === b[shared]?.word) {
    shared += 1;
  }
  return shared;
}
