/**
 * The languages of XTTS v2, by its own tags, and how long a text may be in each before it is cut off or fails
 * (https://github.com/idiap/coqui-ai-TTS/blob/main/TTS/tts/layers/xtts/tokenizer.py).
 */

import type { Language } from '../../../base/language.ts';
import { codesOf } from '../../languages.ts';

const LONGEST_CHARACTERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{
      en: 250,
      de: 253,
      fr: 273,
      es: 239,
      it: 213,
      pt: 203,
      pl: 224,
      cs: 186,
      ru: 182,
      nl: 251,
      tr: 226,
      hu: 224,
    },
    ...{ ar: 166, hi: 150, ko: 95, 'zh-cn': 82, ja: 71 },
  }),
);

/** For languages that somebody taught the model. */
const SHORTEST_CHARACTERS = 71;

/** The model's tag for `language`: without its region, but Chinese has one. */
export function xttsLanguage(language: Language): string {
  const [code = language] = codesOf(language);
  return code === 'zh' ? 'zh-cn' : code;
}

/** How long a text may be in the language of `tag`, in characters. */
export function longestCharacters(tag: string): number {
  return LONGEST_CHARACTERS.get(tag) ?? SHORTEST_CHARACTERS;
}
