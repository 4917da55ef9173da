/**
 * Codes that mean one language: providers choose among them, and operators, too. Regions are each provider's own
 * matter.
 */

import { type Language, languageParts } from '../base/language.ts';

/** Codes of one language in each row. */
const SAME: readonly (readonly string[])[] = [
  // Bokmål is what is meant by Norwegian without a word more.
  ['nb', 'no'],
  // Filipino is the standard of Tagalog.
  ['fil', 'tl'],
  // Mandarin is what is spoken where Chinese is said.
  ['zh', 'cmn'],
  // Javanese under its older code.
  ['jv', 'jw'],
  // What is meant by Kurdish, and by Konkani, as ICU has it.
  ['ku', 'kmr'],
  ['kok', 'gom'],
];

/** Where the Spanish of Latin America is spoken, as CLDR has it: `419` is the region itself. */
export const LATIN_AMERICA: readonly string[] = [
  ...['419', 'AR', 'BO', 'CL', 'CO', 'CR', 'CU', 'DO', 'EC', 'GT', 'HN'],
  ...['MX', 'NI', 'PA', 'PE', 'PR', 'PY', 'SV', 'US', 'UY', 'VE'],
];

/** Whether what is spoken is Cantonese, as it is where Chinese is said in Hong Kong. */
export function isCantonese(language: Language): boolean {
  const { base, region = '' } = languageParts(language);
  return base === 'yue' || (base === 'zh' && ['HK', 'MO'].includes(region));
}

/** Whether `language` is Chinese in traditional characters, as its script says or its region has it. */
export function isTraditionalChinese(language: Language): boolean {
  const { base, script } = languageParts(language);
  return base === 'zh' && script === 'Hant';
}

/**
 * The codes that `language` may go by, without its region, its own first. Cantonese is never taken for the Chinese that
 * is spoken elsewhere; Dari, which is the Persian of Afghanistan, may be taken for Persian.
 */
export function codesOf(language: Language): readonly string[] {
  if (isCantonese(language)) {
    return ['yue'];
  }
  const { base, region } = languageParts(language);
  if (base === 'fa' && region === 'AF') {
    return ['prs', 'fa'];
  }
  const others = SAME.find((codes) => codes.includes(base))?.filter((code) => code !== base) ?? [];
  return [base, ...others];
}

/** The code of `language` among those that a provider knows; undefined when it has none. */
export function codeAmong<Code extends string>(
  known: ReadonlySet<Code>,
  language: Language,
): Code | undefined {
  const codes = codesOf(language);
  return [...known].find((code) => code === codes[0]) ?? [...known].find((code) => codes.includes(code));
}

/** What is set for `language`, else for its language without the region, by any of its codes. */
export function setFor<Value>(
  byLanguage: ReadonlyMap<Language, Value>,
  language: Language,
): Value | undefined {
  return [language, ...codesOf(language)]
    .map((code) => byLanguage.get(code))
    .find((set) => set !== undefined);
}
