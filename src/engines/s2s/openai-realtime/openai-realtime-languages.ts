/**
 * The languages of OpenAI's gpt-realtime-translate
 * (https://github.com/openai/openai-cookbook/blob/main/examples/voice_solutions/realtime_translation_guide.mdx). It
 * finds out by itself which language is spoken; it speaks thirteen.
 */

import type { Language } from '../../../base/language.ts';
import { codeAmong } from '../../languages.ts';

const SPOKEN_BY_IT: ReadonlySet<string> = new Set('de en es fr hi id it ja ko pt ru vi zh'.split(' '));

export const UNDERSTOOD: ReadonlySet<string> = new Set(
  (
    'af ar az be bg bn bs ca cs cy da de dz el en eo es et eu fa fi fil fr gl gu haw he hi hr ht hu hy id it ja jv ka kk ' +
    'ko ku la lt lv mi mk ml mn ms my nb ne nl nn no pa pl pt ro ru sk sl sn sq sr sv sw te th tl tr uk uz vi yo zh'
  ).split(' '),
);

export function understands(language: Language): boolean {
  return codeAmong(UNDERSTOOD, language) !== undefined;
}

/** The name of a language it is to speak, or undefined when it does not. Regions are the model's own choice. */
export function outputLanguage(language: Language): string | undefined {
  return codeAmong(SPOKEN_BY_IT, language);
}
