/**
 * Translations that went wrong as a whole: that ran away, many times as long as the source or one phrase over and over,
 * or came back as they were sent.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { tokensOf } from '../policy/tokens.ts';

export type Suspicion = 'none' | 'ran-away' | 'untranslated';

/**
 * No translation is so many times as long as its source, measured as it is spoken: a Chinese sign is a syllable or
 * two.
 */
const LONGEST_SHARE = 4;
/** Below this a long translation is a short phrase explained. */
const SHORTEST_RUNAWAY_CHARACTERS = 60;
const DENSE_SIGN_CHARACTERS = 3;
/** A phrase so often in a row, when the source does nothing of the kind. */
const MOST_REPEATS = 4;
/** A phrase that is looked at, in words. */
const LONGEST_PHRASE = 8;
/** Fewer words may be names, which stay as they are. */
const FEWEST_WORDS = 3;
/** What two near languages have in common is shorter than this. */
const FEWEST_NEAR_WORDS = 6;
const KEPT_SHARE = 0.8;
const LONGEST_KANJI = 10;
/** Languages in which whole speeches may be the same. */
const SAME: readonly ReadonlySet<string>[] = [
  new Set(['da', 'nb', 'no', 'nn']),
  new Set(['hr', 'bs', 'sr', 'sh']),
  new Set(['id', 'ms']),
  new Set(['zh', 'yue']),
  new Set(['fil', 'tl']),
];
/** Languages so near that a short sentence may be the same in both. */
const NEAR: readonly ReadonlySet<string>[] = [
  new Set(['da', 'nb', 'no', 'nn', 'sv']),
  new Set(['hr', 'bs', 'sr', 'sh', 'sl']),
  new Set(['es', 'gl', 'pt', 'ca', 'ast', 'an', 'it']),
  new Set(['cs', 'sk']),
  new Set(['ru', 'uk', 'be', 'bg', 'mk']),
  new Set(['hi', 'mr', 'ne']),
  new Set(['zh', 'yue', 'ja']),
  new Set(['nl', 'af', 'de', 'lb']),
  new Set(['tr', 'az', 'tk']),
];

export function suspicionOf(source: string, translation: string, from: Language, to: Language): Suspicion {
  if (ranAway(source, translation, from, to)) {
    return 'ran-away';
  }
  return isUntranslated(source, translation, from, to) ? 'untranslated' : 'none';
}

function ranAway(source: string, translation: string, from: Language, to: Language): boolean {
  const spoken = spokenLength(translation);
  if (spoken > SHORTEST_RUNAWAY_CHARACTERS && spoken > LONGEST_SHARE * spokenLength(source)) {
    return true;
  }
  const repeats = mostRepeats(translation, to);
  return repeats > MOST_REPEATS && repeats > mostRepeats(source, from) + 1;
}

/** How often the most repeated phrase stands in a row. Numbers and spelled letters may repeat as they like. */
function mostRepeats(text: string, language: Language): number {
  const words = tokensOf(text, language).map(({ word }) => word);
  let most = 1;
  for (let length = 1; length <= Math.min(LONGEST_PHRASE, words.length / 2); length += 1) {
    let same = 0;
    for (let at = length; at < words.length; at += 1) {
      const [word = '', before] = [words[at], words[at - length]];
      same = word === before && (length > 1 || !/^(?:\p{N}+|\p{L})$/u.test(word)) ? same + 1 : 0;
      most = Math.max(most, Math.floor(same / length) + 1);
    }
  }
  return most;
}

function isUntranslated(source: string, translation: string, from: Language, to: Language): boolean {
  const [a, b] = [baseLanguage(from), baseLanguage(to)];
  if (a === b || SAME.some((same) => same.has(a) && same.has(b))) {
    return false;
  }
  const words = new Set(
    tokensOf(source, from)
      .filter(isTranslatable)
      .map(({ word }) => word),
  );
  const near = NEAR.some((each) => each.has(a) && each.has(b));
  if (bare(source) === bare(translation)) {
    // Japanese is not written without kana at any length.
    const signs = (a === 'ja' || b === 'ja') && source.length > LONGEST_KANJI ? 1 : FEWEST_NEAR_WORDS;
    return words.size >= (near ? signs : FEWEST_WORDS);
  }
  // A sentence of which nearly all words came back is none of the other language either.
  const back = new Set(tokensOf(translation, to).map(({ word }) => word));
  const kept = [...words].filter((word) => back.has(word)).length;
  return !near && words.size >= FEWEST_NEAR_WORDS && kept >= KEPT_SHARE * words.size;
}

/** A text without what recognition and translation change freely: capitals, blanks, the mark at its end. */
export function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .replace(/[\s.,!?。！？…]+$/u, '')
    .trim();
}

/** Numbers, spelled letters and what is written with a capital inside a sentence stay as they are. */
function isTranslatable(
  { word, text }: { readonly word: string; readonly text: string },
  index: number,
): boolean {
  return (
    !/\p{N}/u.test(word) &&
    !/^.?$/u.test(word) &&
    (index === 0 || !/^\p{Lu}/u.test(text)) &&
    !/[@/]|\.\p{L}/u.test(text)
  );
}

function spokenLength(text: string): number {
  const dense =
    text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu)?.length ?? 0;
  return text.length + (DENSE_SIGN_CHARACTERS - 1) * dense;
}
