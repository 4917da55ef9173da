/**
 * Where a text must not be cut: inside a number, a date or an amount, inside a name, inside a term of the glossary, and
 * after a word that is nothing without the next one.
 */

import type { LanguageRules } from './language-rules.ts';
import { type Token, wordOf } from './tokens.ts';

/** The terms of a glossary, each as its words. */
export type Terms = readonly (readonly string[])[];

/** Whether a segment may end with the token before `at`, when the token at `at` follows, or what will be said. */
export function mayCutBefore(
  tokens: readonly Token[],
  at: number,
  rules: LanguageRules,
  terms: Terms,
): boolean {
  const before = tokens[at - 1];
  const after = tokens[at];
  if (before === undefined) {
    return false;
  }
  if (before.mark === 'sentence' && endsSentence(before, after, rules)) {
    return true;
  }
  return (
    !isOpen(before, rules) &&
    !(after !== undefined && isNumeric(before, rules) && isNumeric(after, rules)) &&
    !(after !== undefined && before.mark === 'none' && isName(before, rules) && isName(after, rules)) &&
    !insideTerm(tokens, at, terms)
  );
}

/** Whether somebody who stops after `token` has surely more to say: a number may go on, an article wants its noun. */
export function isUnfinished(token: Token, rules: LanguageRules): boolean {
  return isOpen(token, rules) || (token.mark === 'none' && isNumeric(token, rules));
}

/** Whether the full stop at `token` ends a sentence, and not an abbreviation or the first part of a number. */
export function endsSentence(token: Token, after: Token | undefined, rules: LanguageRules): boolean {
  if (!token.text.endsWith('.')) {
    return true;
  }
  const initial = /^\p{Lu}\.$/u.test(token.text);
  const ordinal = /^\d+\.$/.test(token.text) && after !== undefined && /^[\p{Ll}\d]/u.test(after.text);
  return !initial && !ordinal && !rules.abbreviations.has(token.word);
}

function isOpen(token: Token, rules: LanguageRules): boolean {
  return token.mark === 'none' && (rules.bound.has(token.word) || rules.fillers.has(token.word));
}

function isNumeric(token: Token, rules: LanguageRules): boolean {
  return /\p{N}/u.test(token.text) || /^[$€£¥%#+]/u.test(token.text) || rules.numberWords.has(token.word);
}

function isName(token: Token, rules: LanguageRules): boolean {
  return !rules.capitalNouns && /^\p{Lu}\p{L}/u.test(token.text);
}

function insideTerm(tokens: readonly Token[], at: number, terms: Terms): boolean {
  return terms.some((term) => {
    for (let start = Math.max(0, at - term.length + 1); start < at; start += 1) {
      // What is not heard yet may still make the term whole.
      if (
        term.every((word, index) => (tokens[start + index]?.word ?? word) === word) &&
        start + term.length > at
      ) {
        return true;
      }
    }
    return false;
  });
}

/** A glossary's source terms as words, for the guards; single words need none. */
export function termsOf(terms: Iterable<string>): Terms {
  return [...terms].map((term) => term.split(/\s+/).map(wordOf)).filter((term) => term.length > 1);
}
