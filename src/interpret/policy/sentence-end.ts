/**
 * Whether a full stop ends its sentence, or belongs to an abbreviation, an initial, an ordinal or a number. Where the
 * next word decides, it is waited for: until then the answer is no, and a pause or the end of the utterance decides.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { abbreviationOf } from '../text/abbreviations.ts';
import type { LanguageRules } from './language-rules.ts';
import type { Token } from './tokens.ts';

/** Languages that write a year as an ordinal: "2024. május", "2024. godine". */
const DOTTED_YEARS: ReadonlySet<string> = new Set('hu hr sr bs lv et mk'.split(' '));
/** Languages that write ordinals as a number with a full stop. */
const DOTTED_ORDINALS: ReadonlySet<string> = new Set(
  'de da nb nn no fi et lv is fo cs sk pl hu hr sr bs sl mk sq tr az eu hsb dsb lb lt'.split(' '),
);
/** Those of them in which the word after an ordinal is capitalised as any noun is. */
const CAPITAL_AFTER: ReadonlySet<string> = new Set(['de', 'lb', 'tr', 'az']);
/** No ordinal of everyday speech is longer: days, weeks, floors, reminders. */
const MOST_ORDINAL_DIGITS = 2;
const YEAR_DIGITS = 4;

/** Single letters that are words, so that a sentence may end with them. */
const LETTER_WORDS: ReadonlyMap<string, string> = new Map([
  ['en', 'i'],
  ['fr', 'y'],
]);

/** @param before the token before it, which tells an hour or a year from a word. */
export function endsSentence(
  token: Token,
  after: Token | undefined,
  rules: LanguageRules,
  language: Language,
  before?: Token,
): boolean {
  const text = token.text.replace(/["'\p{Pe}\p{Pf}\p{Pi}\s]+$/u, '');
  if (!text.endsWith('.') || text.endsWith('..') || text.endsWith(' .')) {
    return true;
  }
  const base = baseLanguage(language);
  if (/^\p{N}+\.$/u.test(text) || /^[IVXLC]{2,}\.$/.test(text)) {
    return !isOrdinal(text, after, rules, base);
  }
  // An hour's "p. m." and a year's "г." end a sentence as often as not.
  const counted = isCounted(text, before);
  const letter =
    !counted && /^\p{L}\p{M}*\.(?:-\p{L}\.)*$/u.test(text) && LETTER_WORDS.get(base) !== token.word;
  const kind = counted ? 'either' : abbreviationOf(text, language);
  if (kind === 'none' && !letter) {
    // Whoever writes full stops begins sentences with capitals.
    return after === undefined || !/^\p{Ll}/u.test(after.text);
  }
  if (after === undefined || continues(after)) {
    return false;
  }
  // Capitals with dots are as often before a name as before a sentence.
  return kind === 'open' || letter || /^(\p{Lu})\1?\./u.test(text) ? startsSentence(after, rules) : true;
}

/** Whether the full stop at `token` may be decided by the next word, which is not there yet. */
export function isOpenStop(token: Token, rules: LanguageRules, language: Language): boolean {
  return token.mark === 'sentence' && !endsSentence(token, undefined, rules, language);
}

/** Whether `text` stands for what the number before it counts, or is the second half of "a. m.". */
function isCounted(text: string, before: Token | undefined): boolean {
  return (
    (/^\p{Ll}\.$/u.test(text) && /^\p{N}+$/u.test(before?.text ?? '') && /\p{Script=Cyrillic}/u.test(text)) ||
    (text === 'm.' && /^[ap]\.$/u.test(before?.text ?? ''))
  );
}

function isOrdinal(text: string, after: Token | undefined, rules: LanguageRules, base: string): boolean {
  const most = DOTTED_YEARS.has(base) ? YEAR_DIGITS : MOST_ORDINAL_DIGITS;
  const ordinals = DOTTED_ORDINALS.has(base) && (/^\p{L}/u.test(text) || text.length <= most + 1);
  if (after === undefined) {
    return ordinals;
  }
  if (continues(after)) {
    return true;
  }
  return ordinals && CAPITAL_AFTER.has(base) && !startsSentence(after, rules);
}

/** Small letters and digits do not begin a sentence. */
function continues({ text }: Token): boolean {
  return /^[\p{Ll}\p{N}]/u.test(text);
}

/** Whether `token` is a word that seldom has a capital but at the beginning. */
function startsSentence({ word, text }: Token, rules: LanguageRules): boolean {
  return /^\p{Lu}/u.test(text) && (rules.bound.has(word) || rules.clauseStarters.has(word));
}
