/**
 * Which languages which model hears in a live stream, and by what name it knows them
 * (https://developers.deepgram.com/docs/models-languages-overview). A region the model does not know falls back to
 * its language: `es-MX` is heard as `es`.
 */

import { baseLanguage, type Language } from '../../../base/language.ts';
import { codeAmong, isCantonese, isTraditionalChinese } from '../../languages.ts';

/** Models that are asked in the same way. */
export type ModelFamily = 'nova-3' | 'nova-2' | 'flux-en' | 'flux-multi';

const ENGLISH = 'en en-US en-AU en-GB en-IN en-NZ';

/** What both generations of Nova hear. */
const NOVA = `${ENGLISH} bg ca cs da da-DK de de-CH el es es-419 et fi fr fr-CA hi hu id it ja ko ko-KR lt lv ms nl nl-BE no
  pl pt pt-BR pt-PT ro ru sk sv sv-SE th th-TH tr uk vi zh zh-CN zh-Hans zh-TW zh-Hant zh-HK`;

/** What Nova-3 hears beyond that. */
const NOVA_3 = 'af ar be bn bs fa he hr hy ka kk kn mk mr ne pa pa-IN sl sr ta te tl ur';

/** What Flux hears, and what Nova-3 tells apart when it is asked for `multi`. */
const FLUX_MULTI = 'en es fr de hi ru pt ja it nl';

const LANGUAGES: Readonly<Record<ModelFamily, ReadonlySet<string>>> = {
  'nova-3': setOf(`${NOVA} ${NOVA_3}`),
  'nova-2': setOf(NOVA),
  'flux-en': setOf('en'),
  'flux-multi': setOf(FLUX_MULTI),
};

/** The family of a model's name, or undefined for a model that is not known here. */
export function modelFamily(model: string): ModelFamily | undefined {
  switch (model) {
    case 'flux-general-en':
      return 'flux-en';
    case 'flux-general-multi':
      return 'flux-multi';
    default:
      return /^nova-3(-|$)/.test(model) ? 'nova-3' : /^nova-2(-|$)/.test(model) ? 'nova-2' : undefined;
  }
}

/** Deepgram's name of `language` for `model`, or undefined when the model does not hear it. */
export function deepgramLanguage(model: string, language: Language): string | undefined {
  const family = modelFamily(model);
  if (family === undefined) {
    return undefined;
  }
  const known = isSpecialised(model) ? setOf(ENGLISH) : LANGUAGES[family];
  if (known.has(language)) {
    return language;
  }
  const chinese = isCantonese(language) ? 'zh-HK' : isTraditionalChinese(language) ? 'zh-Hant' : undefined;
  return chinese !== undefined && known.has(chinese) ? chinese : codeAmong(known, language);
}

/** Deepgram's names of two languages, if `model` can hear both in one stream and tell them apart. */
export function bothLanguages(
  model: string,
  language: Language,
  also: Language | undefined,
): readonly [string, string] | undefined {
  const family = modelFamily(model);
  const names = [baseLanguage(language), baseLanguage(also ?? '')] as const;
  const multilingual = family === 'flux-multi' || (family === 'nova-3' && !isSpecialised(model));
  return multilingual && names.every((name) => LANGUAGES['flux-multi'].has(name)) ? names : undefined;
}

/** Nova models for a trade, such as `nova-3-medical`, hear English only. */
function isSpecialised(model: string): boolean {
  return /^nova-\d-/.test(model) && !model.endsWith('-general');
}

function setOf(names: string): ReadonlySet<string> {
  return new Set(names.split(/\s+/));
}
