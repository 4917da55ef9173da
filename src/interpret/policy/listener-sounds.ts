/**
 * What a listener says without taking the turn: "aha", "yes", "I see". Said into the translation they are hearing, it
 * is left untranslated; the sound itself is understood everywhere. The same words after a question are an answer.
 */

import type { Language } from '../../base/language.ts';
import { codesOf } from '../../engines/languages.ts';
import { LISTENER_PHRASES } from './listener-phrases.ts';
import { isQuestion } from './question.ts';
import { tokensOf, wordOf } from './tokens.ts';
import { isSpaced } from './unspaced-words.ts';

/** More than this is more than a sign of listening, in phrases, and in words or letters of them. */
const MOST_PHRASES = 3;
const MOST_WORDS = 12;
/** Everybody hums. */
const HUM = /^(?:h*m{2,}|h+m+|m+h+m+)$/;
/** How far apart Unicode has the two scripts of Japanese sounds. */
const KATAKANA_OFFSET = 0x60;

/** Every phrase as it is looked up. */
const SOUNDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(LISTENER_PHRASES).map(([language, phrases]) => [
    language,
    new Set(phrases.split(', ').map(keyOf)),
  ]),
);

/**
 * Whether `text`, said while its speaker was being spoken to, only shows that they listen.
 * @param lastHeard what they were being told: after a question it is an answer.
 */
export function isListening(text: string, language: Language, lastHeard: string | undefined): boolean {
  const sounds = codesOf(language)
    .map((code) => SOUNDS.get(code))
    .find((known) => known !== undefined);
  if (sounds === undefined || isQuestion(lastHeard ?? '', language)) {
    return false;
  }
  // Where no blanks tell words apart, a dictionary cuts a phrase in ways of its own: there, letters are looked at.
  const words = isSpaced(language)
    ? tokensOf(text, language).map(({ word }) => keyOf(word))
    : [...keyOf(text)];
  return isMadeOf(
    sounds,
    words.filter((word) => word !== ''),
    MOST_PHRASES,
  );
}

/** Letters of `text` in lower case; Japanese sounds in hiragana, however long they are drawn. */
function keyOf(text: string): string {
  return wordOf(text.normalize('NFKC'))
    .replace(/[ァ-ヶ]/gu, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) - KATAKANA_OFFSET))
    .replace(/[ーｰ〜~]/gu, '');
}

/** Whether `words` are phrases of `sounds` from beginning to end, not more than `most`. */
function isMadeOf(sounds: ReadonlySet<string>, words: readonly string[], most: number): boolean {
  if (words.length === 0 || most === 0 || words.length > MOST_WORDS) {
    return false;
  }
  return words.some((_, index) => {
    const [phrase, rest] = [words.slice(0, index + 1).join(''), words.slice(index + 1)];
    return (
      (sounds.has(phrase) || HUM.test(phrase)) && (rest.length === 0 || isMadeOf(sounds, rest, most - 1))
    );
  });
}
