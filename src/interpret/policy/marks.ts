/**
 * What the marks at the end of a word say, in every script, by Unicode's own properties where there is one
 * (Sentence_Terminal, Terminal_Punctuation: Unicode Standard Annex 44).
 */

import { baseLanguage, type Language } from '../../base/language.ts';

/** `sentence`: . ? ! and their like; `clause`: , ; : and their like. */
export type Mark = 'none' | 'clause' | 'sentence';

/** Quotes and brackets that close may stand behind a mark; some languages turn their quotes around. */
const CLOSERS = '["\'\\p{Pe}\\p{Pf}\\p{Pi}\\s]*$';
/** Tibetan's shad has no property; Burmese's little section (U+104A) has it and is a comma. */
const SENTENCE_MARK = new RegExp(`(?!\\u104a)[\\p{Sentence_Terminal}…།༎]${CLOSERS}`, 'u');
const CLAUSE_MARK = new RegExp(`[\\p{Terminal_Punctuation}–—]${CLOSERS}`, 'u');
/** Greek asks with what others write as a semicolon, and its raised dot stands for theirs. */
const GREEK_QUESTION = new RegExp(`[;\\u037e]${CLOSERS}`, 'u');
const GREEK_CLAUSE = new RegExp(`[·\\u0387]${CLOSERS}`, 'u');

/** Armenian's full stop is often typed as a colon, and its comma of another kind has no property. */
const ARMENIAN_STOP = new RegExp(`:${CLOSERS}`, 'u');
const ARMENIAN_CLAUSE = new RegExp(`\\u055d${CLOSERS}`, 'u');

const ONLY_MARKS = /^[\p{Terminal_Punctuation}\p{Sentence_Terminal}…–—།"'\p{Pe}\p{Pf}]+$/u;

export function markOf(text: string, language: Language): Mark {
  if (/[\p{L}\p{M}\p{N}]$/u.test(text)) {
    return 'none';
  }
  const base = baseLanguage(language);
  const [greek, armenian] = [base === 'el', base === 'hy'];
  if (
    SENTENCE_MARK.test(text) ||
    (greek && GREEK_QUESTION.test(text)) ||
    (armenian && ARMENIAN_STOP.test(text))
  ) {
    return 'sentence';
  }
  const clause =
    CLAUSE_MARK.test(text) || (greek && GREEK_CLAUSE.test(text)) || (armenian && ARMENIAN_CLAUSE.test(text));
  return clause ? 'clause' : 'none';
}

/** Whether `text` is marks only, which belong to the word before them, as a French "?" behind its blank does. */
export function isMarksOnly(text: string): boolean {
  return ONLY_MARKS.test(text);
}
