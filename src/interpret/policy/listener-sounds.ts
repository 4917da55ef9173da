/**
 * What a listener says without taking the turn: "aha", "yes", "I see". Said into the translation they are hearing, it is
 * left untranslated; the sound itself is understood everywhere. The same words after a question are an answer.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { tokensOf, wordOf } from './tokens.ts';

/** Longer than this is more than a sign of listening, in words. */
const MOST_WORDS = 2;

const SOUNDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    en: 'uh huh uhhuh mhm mm hmm yeah yes yep ok okay right sure aha ah oh see i',
    es: 'ajá aha mhm sí si claro vale ya bueno ok okay ah oh',
    fr: 'mhm hum oui ouais ok okay daccord ah oh bien',
    de: 'mhm hm ja genau ok okay aha ach so klar gut',
    it: 'mhm sì si ok okay certo ah già bene',
    pt: 'mhm sim pois tá ok okay claro ah certo',
    nl: 'mhm ja oké ok precies ah goed',
  }).map(([language, words]) => [language, new Set(words.split(' '))]),
);

/**
 * Whether `text`, said while its speaker was being spoken to, only shows that they listen.
 * @param lastHeard what they were being told: after a question it is an answer.
 */
export function isListening(text: string, language: Language, lastHeard: string | undefined): boolean {
  const sounds = SOUNDS.get(baseLanguage(language));
  const tokens = tokensOf(text, language);
  return (
    sounds !== undefined &&
    tokens.length > 0 &&
    tokens.length <= MOST_WORDS &&
    tokens.every(({ text: token }) => sounds.has(wordOf(token))) &&
    !/[?？]\s*$/u.test(lastHeard ?? '')
  );
}
