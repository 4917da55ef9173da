/**
 * Languages as DeepL writes them: sources have no region, some targets must have one (`en-US`, `pt-BR`,
 * `zh-HANS`). https://developers.deepl.com/docs/getting-started/supported-languages
 */

import type { NonRegionalLanguageCode, TargetLanguageCode } from 'deepl-node';
import { baseLanguage, type Language } from '../../../base/language.ts';

/** What DeepL translates from; a test compares it with the types of the package. */
const CODES: readonly NonRegionalLanguageCode[] = [
  ...(['ace', 'af', 'an', 'ar', 'as', 'ay', 'az', 'ba', 'be', 'bg', 'bho', 'bn', 'br', 'bs', 'ca'] as const),
  ...(['ceb', 'ckb', 'cs', 'cy', 'da', 'de', 'el', 'en', 'eo', 'es', 'et', 'eu', 'fa', 'fi', 'fr'] as const),
  ...(['ga', 'gl', 'gn', 'gom', 'gu', 'ha', 'he', 'hi', 'hr', 'ht', 'hu', 'hy', 'id', 'ig', 'is'] as const),
  ...(['it', 'ja', 'jv', 'ka', 'kk', 'kmr', 'ko', 'ky', 'la', 'lb', 'lmo', 'ln', 'lt', 'lv'] as const),
  ...(['mai', 'mg', 'mi', 'mk', 'ml', 'mn', 'mr', 'ms', 'mt', 'my', 'nb', 'ne', 'nl', 'oc', 'om'] as const),
  ...(['pa', 'pag', 'pam', 'pl', 'prs', 'ps', 'pt', 'qu', 'ro', 'ru', 'sa', 'scn', 'sk', 'sl'] as const),
  ...(['sq', 'sr', 'st', 'su', 'sv', 'sw', 'ta', 'te', 'tg', 'th', 'tk', 'tl', 'tn', 'tr', 'ts'] as const),
  ...(['tt', 'uk', 'ur', 'uz', 'vi', 'wo', 'xh', 'yi', 'yue', 'zh', 'zu'] as const),
];

/** Codes by what an operator may write; DeepL has one Norwegian, and calls Filipino Tagalog. */
const SOURCES: ReadonlyMap<string, NonRegionalLanguageCode> = new Map<string, NonRegionalLanguageCode>([
  ...CODES.map((code): [string, NonRegionalLanguageCode] => [code, code]),
  ['cmn', 'zh'],
  ['fil', 'tl'],
  ['no', 'nb'],
]);

/** The variants that a target must or may name, by region; `''` is for regions that are not listed. */
const VARIANTS: ReadonlyMap<string, ReadonlyMap<string, TargetLanguageCode>> = new Map([
  ['en', variants('en-US', ['en-GB', 'GB', 'IE', 'AU', 'NZ', 'IN', 'ZA'])],
  [
    'es',
    variants('es', [
      'es-419',
      ...['AR', 'BO', 'CL', 'CO', 'CR', 'CU', 'DO', 'EC', 'GT', 'HN'],
      ...['MX', 'NI', 'PA', 'PE', 'PR', 'PY', 'SV', 'US', 'UY', 'VE'],
    ]),
  ],
  ['pt', variants('pt-PT', ['pt-BR', 'BR'])],
  ['zh', variants('zh-HANS', ['zh-HANT', 'TW', 'HK', 'MO'])],
]);

/** Targets whose translations can be formal or familiar. */
const FORMALITY: ReadonlySet<TargetLanguageCode> = new Set<TargetLanguageCode>([
  ...(['de', 'es', 'es-419', 'fr', 'it', 'ja', 'nl', 'pl', 'pt-BR', 'pt-PT', 'ru'] as const),
]);

/** The source code of `language`, or undefined when DeepL does not know it. */
export function deeplSource(language: Language): NonRegionalLanguageCode | undefined {
  return SOURCES.get(baseLanguage(language));
}

/** The target code of `language`, the operator's region kept where DeepL tells them apart. */
export function deeplTarget(language: Language): TargetLanguageCode | undefined {
  const source = deeplSource(language);
  if (source === undefined) {
    return undefined;
  }
  const byRegion = VARIANTS.get(source);
  if (byRegion !== undefined) {
    return byRegion.get(language.split('-')[1] ?? '') ?? byRegion.get('');
  }
  // English and Portuguese have variants, so they do not come this far.
  return source === 'en' || source === 'pt' ? undefined : source;
}

/** Whether DeepL can be told how formal to be in `target`. */
export function hasFormality(target: TargetLanguageCode): boolean {
  return FORMALITY.has(target);
}

/** `usual` for every region but those of `other`, which begins with its code. */
function variants(
  usual: TargetLanguageCode,
  [code, ...regions]: readonly [TargetLanguageCode, ...string[]],
): ReadonlyMap<string, TargetLanguageCode> {
  return new Map([['', usual], ...regions.map((region): [string, TargetLanguageCode] => [region, code])]);
}
