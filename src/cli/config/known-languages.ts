/**
 * Whether a code is one of a language: `sp` looks like one and is none. Codes of two letters are all known; of three,
 * there are more than anybody has names for.
 */

import { baseLanguage, type Language } from '../../base/language.ts';

const NAMES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz'];

/** `no`: there is no such language; `perhaps`: it has a code of three letters that is not known here. */
export function isLanguage(language: Language): 'yes' | 'no' | 'perhaps' {
  const base = baseLanguage(language);
  if (NAMES.of(base) !== undefined) {
    return 'yes';
  }
  return base.length === 2 ? 'no' : 'perhaps';
}

/** `es for Spanish`, of the languages whose English names begin with `letters`; an example when none does. */
export function languagesCalled(letters: string): string {
  const codes = ALPHABET.flatMap((first) => ALPHABET.map((second) => first + second));
  const named = codes.flatMap((code) => {
    const name = Intl.getCanonicalLocales(code)[0] === code ? NAMES.of(code) : undefined;
    return name?.toLowerCase().startsWith(letters.toLowerCase()) === true ? [`${code} for ${name}`] : [];
  });
  return named.length === 0 ? 'such as es for Spanish' : named.join(' or ');
}
