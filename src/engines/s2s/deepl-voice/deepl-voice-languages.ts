/**
 * The languages of the DeepL Voice API and its names for them, as of its specification of June 2026
 * (https://github.com/DeepLcom/openapi, `VoiceSourceLanguage` and `VoiceTargetLanguages`). Every source goes with every
 * target.
 */

import { type Language, languageParts } from '../../../base/language.ts';
import { codeAmong } from '../../languages.ts';

export const SOURCES: ReadonlySet<string> = new Set(
  'ar bg bn cs da de el en es et fi fr ga he hr hu id it ja ko lt lv mt nb nl pl pt ro ru sk sl sv th tl tr uk vi zh'.split(
    ' ',
  ),
);

/** Targets with a region of their own; any other region is left out. */
const REGIONAL_TARGETS: ReadonlyMap<Language, string> = new Map([
  ['en-GB', 'en-GB'],
  ['en-US', 'en-US'],
  ['pt-BR', 'pt-BR'],
  ['pt-PT', 'pt-PT'],
]);

/** DeepL's name of a language that is spoken, or undefined when it does not know it. */
export function deeplSource(language: Language): string | undefined {
  return codeAmong(SOURCES, language);
}

/** DeepL's name of a language to translate into, or undefined when it does not know it. */
export function deeplTarget(language: Language): string | undefined {
  const source = deeplSource(language);
  const { base, script } = languageParts(language);
  if (source === 'zh') {
    // Plain Chinese is left to DeepL; with a region or a script, its characters are known.
    return language === base ? base : `zh-${script === 'Hant' ? 'HANT' : 'HANS'}`;
  }
  return REGIONAL_TARGETS.get(language) ?? source;
}
