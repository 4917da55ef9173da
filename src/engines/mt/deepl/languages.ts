/**
 * Languages as DeepL writes them: sources have no region, some targets must have one (`en-US`, `pt-BR`,
 * `zh-HANS`). https://developers.deepl.com/docs/getting-started/supported-languages
 */

import type { NonRegionalLanguageCode, TargetLanguageCode } from 'deepl-node';
import { baseLanguage, type Language, languageParts } from '../../../base/language.ts';
import { codeAmong, isTraditionalChinese, LATIN_AMERICA } from '../../languages.ts';

/** What DeepL translates from; a test compares it with the types of the package. */
const CODES: ReadonlySet<NonRegionalLanguageCode> = new Set<NonRegionalLanguageCode>([
  ...(['ace', 'af', 'an', 'ar', 'as', 'ay', 'az', 'ba', 'be', 'bg', 'bho', 'bn', 'br', 'bs', 'ca'] as const),
  ...(['ceb', 'ckb', 'cs', 'cy', 'da', 'de', 'el', 'en', 'eo', 'es', 'et', 'eu', 'fa', 'fi', 'fr'] as const),
  ...(['ga', 'gl', 'gn', 'gom', 'gu', 'ha', 'he', 'hi', 'hr', 'ht', 'hu', 'hy', 'id', 'ig', 'is'] as const),
  ...(['it', 'ja', 'jv', 'ka', 'kk', 'kmr', 'ko', 'ky', 'la', 'lb', 'lmo', 'ln', 'lt', 'lv'] as const),
  ...(['mai', 'mg', 'mi', 'mk', 'ml', 'mn', 'mr', 'ms', 'mt', 'my', 'nb', 'ne', 'nl', 'oc', 'om'] as const),
  ...(['pa', 'pag', 'pam', 'pl', 'prs', 'ps', 'pt', 'qu', 'ro', 'ru', 'sa', 'scn', 'sk', 'sl'] as const),
  ...(['sq', 'sr', 'st', 'su', 'sv', 'sw', 'ta', 'te', 'tg', 'th', 'tk', 'tl', 'tn', 'tr', 'ts'] as const),
  ...(['tt', 'uk', 'ur', 'uz', 'vi', 'wo', 'xh', 'yi', 'yue', 'zh', 'zu'] as const),
]);

/** Variants of targets that DeepL has in beta; its package does not know them yet. */
type BetaTarget = 'de-CH' | 'fr-CA';

/** What DeepL translates to. */
export type DeeplTarget = TargetLanguageCode | BetaTarget;

const BETA: ReadonlySet<DeeplTarget> = new Set<BetaTarget>(['de-CH', 'fr-CA']);

/**
 * The 81 that only its newer models know. Servers that have not been renewed refuse them, from or to, to who asks for
 * the fast ones; who asks for no model gets the fastest there is.
 */
const NEWER_MODELS_ONLY: ReadonlySet<string> = new Set<NonRegionalLanguageCode>([
  ...([
    'ace',
    'af',
    'an',
    'as',
    'ay',
    'az',
    'ba',
    'be',
    'bho',
    'bn',
    'br',
    'bs',
    'ca',
    'ceb',
    'ckb',
  ] as const),
  ...([
    'cy',
    'eo',
    'eu',
    'fa',
    'ga',
    'gl',
    'gn',
    'gom',
    'gu',
    'ha',
    'hi',
    'hr',
    'ht',
    'hy',
    'ig',
    'is',
  ] as const),
  ...([
    'jv',
    'ka',
    'kk',
    'kmr',
    'ky',
    'la',
    'lb',
    'lmo',
    'ln',
    'mai',
    'mg',
    'mi',
    'mk',
    'ml',
    'mn',
    'mr',
  ] as const),
  ...([
    'ms',
    'mt',
    'my',
    'ne',
    'oc',
    'om',
    'pa',
    'pag',
    'pam',
    'prs',
    'ps',
    'qu',
    'sa',
    'scn',
    'sq',
    'sr',
  ] as const),
  ...([
    'st',
    'su',
    'sw',
    'ta',
    'te',
    'tg',
    'tk',
    'tl',
    'tn',
    'ts',
    'tt',
    'ur',
    'uz',
    'wo',
    'xh',
    'yi',
  ] as const),
  ...(['yue', 'zu'] as const),
]);

/** The variants that a target must or may name, by region; `''` is for regions that are not listed. */
const VARIANTS: ReadonlyMap<string, ReadonlyMap<string, DeeplTarget>> = new Map([
  ['de', variants('de', ['de-CH', 'CH', 'LI'])],
  ['fr', variants('fr', ['fr-CA', 'CA'])],
  ['en', variants('en-US', ['en-GB', 'GB', 'IE', 'AU', 'NZ', 'IN', 'ZA'])],
  ['es', variants('es', ['es-419', ...LATIN_AMERICA])],
  ['pt', variants('pt-PT', ['pt-BR', 'BR'])],
  ['zh', variants('zh-HANS', ['zh-HANT', 'TW'])],
]);

/** Targets whose translations can be formal or familiar. */
const FORMALITY: ReadonlySet<DeeplTarget> = new Set<TargetLanguageCode>([
  ...(['de', 'es', 'es-419', 'fr', 'it', 'ja', 'nl', 'pl', 'pt-BR', 'pt-PT', 'ru'] as const),
]);

/** The source code of `language`, or undefined when DeepL does not know it. */
export function deeplSource(language: Language): NonRegionalLanguageCode | undefined {
  return codeAmong(CODES, language);
}

/** The target code of `language`, the operator's region kept where DeepL tells them apart. */
export function deeplTarget(language: Language): DeeplTarget | undefined {
  const source = deeplSource(language);
  if (source === undefined) {
    return undefined;
  }
  const byRegion = VARIANTS.get(source);
  if (byRegion !== undefined) {
    const { region = '' } = languageParts(language);
    return byRegion.get(isTraditionalChinese(language) ? 'TW' : region) ?? byRegion.get('');
  }
  // English and Portuguese have variants, so they do not come this far.
  return source === 'en' || source === 'pt' ? undefined : source;
}

/** Whether DeepL can be told how formal to be in `target`. */
export function hasFormality(target: DeeplTarget): boolean {
  return FORMALITY.has(target);
}

/** Whether `target` is translated to only when betas are asked for. */
export function isBeta(target: DeeplTarget): boolean {
  return BETA.has(target);
}

/** Whether DeepL may be asked for its fast models between these; all of a variant's language are as its language. */
export function hasFastModels(source: NonRegionalLanguageCode, target: DeeplTarget): boolean {
  return !NEWER_MODELS_ONLY.has(source) && !NEWER_MODELS_ONLY.has(target);
}

/** The id of a glossary for a direction: its own, else that of its languages without regions. */
export function glossaryFor(
  glossaries: ReadonlyMap<string, string> | undefined,
  from: Language,
  to: Language,
): string | undefined {
  return glossaries?.get(`${from}:${to}`) ?? glossaries?.get(`${baseLanguage(from)}:${baseLanguage(to)}`);
}

/** `usual` for every region but those of `other`, which begins with its code. */
function variants(
  usual: DeeplTarget,
  [code, ...regions]: readonly [DeeplTarget, ...string[]],
): ReadonlyMap<string, DeeplTarget> {
  return new Map([['', usual], ...regions.map((region): [string, DeeplTarget] => [region, code])]);
}
