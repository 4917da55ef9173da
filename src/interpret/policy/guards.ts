/**
 * Where a text must not be cut: inside a number, a date or an amount, inside a name, a spelled word or an address,
 * inside a term of the glossary, and after a word that is nothing without the next one.
 */

import type { Language } from '../../base/language.ts';
import { abbreviationOf } from '../text/abbreviations.ts';
import { numberWordsOf } from '../text/number-words.ts';
import type { LanguageRules } from './language-rules.ts';
import { insideJoinedNumber, isMadeOfNumbers, mayBecomeNumber } from './number-joints.ts';
import { endsSentence, isOpenStop } from './sentence-end.ts';
import { isAddressOpen, isInsideAddress, isSpelledLetter } from './spoken-spelling.ts';
import { type Token, tokensOf } from './tokens.ts';

/** The terms of a glossary, each as its words. */
export type Terms = readonly (readonly string[])[];

/** Whether a segment may end with the token before `at`, when the token at `at` follows, or what will be said. */
export function mayCutBefore(
  tokens: readonly Token[],
  at: number,
  rules: LanguageRules,
  terms: Terms,
  language: Language,
): boolean {
  const before = tokens[at - 1];
  const after = tokens[at];
  if (before === undefined) {
    return false;
  }
  if (before.mark === 'sentence') {
    return endsSentence(before, after, rules, language, tokens[at - 2]);
  }
  return (
    !isOpen(before, rules) &&
    !(
      after !== undefined &&
      isNumeric(before, rules, language) &&
      (isNumeric(after, rules, language) || (at === tokens.length - 1 && mayBecomeNumber(after, language)))
    ) &&
    !insideJoinedNumber(tokens, at, language, (token) => isNumeric(token, rules, language)) &&
    !(isSpelled(tokens, at - 1, language) && isSpelled(tokens, at, language)) &&
    !isInsideAddress(tokens, at, rules) &&
    !(after !== undefined && before.mark === 'none' && isName(before, rules) && isName(after, rules)) &&
    !insideTerm(tokens, at, terms)
  );
}

/** How much more somebody who stops has to say: nothing, perhaps a surname, surely something. */
export type Unfinished = 'no' | 'perhaps' | 'surely';

/**
 * What is missing after the last of `tokens`: a number may go on, an article wants its noun, a spelled word its
 * letters, an address its end, a first name its surname, a full stop the word that tells what it is.
 */
export function unfinished(tokens: readonly Token[], rules: LanguageRules, language: Language): Unfinished {
  const last = tokens.at(-1);
  if (last === undefined) {
    return 'no';
  }
  if (last.mark !== 'none') {
    return isOpenStop(last, rules, language) && abbreviationOf(last.text, language) === 'open'
      ? 'surely'
      : 'no';
  }
  if (
    isOpen(last, rules) ||
    isNumeric(last, rules, language) ||
    isSpelledLetter(tokens, tokens.length - 1, language) ||
    isAddressOpen(tokens, rules)
  ) {
    return 'surely';
  }
  const before = tokens.at(-2);
  const first = before === undefined || before.mark === 'sentence';
  return !first && isName(last, rules) && !isName(before, rules) ? 'perhaps' : 'no';
}

/** A letter by itself, or a digit among them, as codes are spelled. */
function isSpelled(tokens: readonly Token[], at: number, language: Language): boolean {
  return isSpelledLetter(tokens, at, language) || /^\p{N}$/u.test(tokens[at]?.word ?? '');
}

function isOpen(token: Token, rules: LanguageRules): boolean {
  return token.mark === 'none' && (rules.bound.has(token.word) || rules.fillers.has(token.word));
}

/** Whether `token` says a number: digits, money, number words of any language that CLDR can count in. */
function isNumeric(token: Token, rules: LanguageRules, language: Language): boolean {
  if (/\p{N}/u.test(token.text) || /^[\p{Sc}%#+]/u.test(token.text) || rules.numberWords.has(token.word)) {
    return true;
  }
  if (/^[〇零一二三四五六七八九十百千万萬億亿两兩]+$/u.test(token.word)) {
    return true;
  }
  const { words, multipliers } = numberWordsOf(language);
  const word = token.text.toLowerCase().replace(/[^\p{L}\p{M}-]/gu, '');
  return (
    word !== '' &&
    (words.has(word) ||
      multipliers.has(word) ||
      isMadeOfNumbers(word, language) ||
      word.split('-').every((part) => words.has(part)))
  );
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
export function termsOf(terms: Iterable<string>, language: Language): Terms {
  return [...terms]
    .map((term) => tokensOf(term, language).map(({ word }) => word))
    .filter((term) => term.length > 1);
}
