/**
 * Numbers before what they count, where they have its gender: "ein Euro", "una libra", "veintiún kilómetros"; and before
 * the words that Korean counts with, in its own numbers: "다섯 명".
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { SpelledNumbers } from './spelled-numbers.ts';

/** Names of currencies and units that are feminine; all others are counted as masculine ones are. */
const FEMININE: ReadonlyMap<string, RegExp> = new Map([
  ['de', /^(?:minute|lira|rupie|krone|stunde)/iu],
  ['fr', /^(?:livre|roupie|lire|couronne|minute|hryvnia|heure)/iu],
  ['es', /^\p{L}+as?(?!\p{L})/iu],
  ['pt', /^(?!\p{L}*gramas?(?!\p{L}))\p{L}+as?(?!\p{L})/iu],
  ['it', /^\p{L}+[ae](?!\p{L})/iu],
  ['ca', /^(?!\p{L}*(?:metre|litre)s?(?!\p{L}))\p{L}+(?:a|es)(?!\p{L})/iu],
]);

/** What is no noun, and leaves a number as it is. */
const SHARES = /^(?:por ciento|per ?cento|per cent|por cento|prozent)/iu;

/** `value` in words before `noun`; `otherwise` says it where numbers have no gender. */
export function countedBefore(
  noun: string,
  value: number,
  language: Language,
  speller: SpelledNumbers,
  otherwise: (value: number) => string,
): string {
  const feminine = FEMININE.get(baseLanguage(language));
  if (feminine === undefined || !Number.isInteger(value) || SHARES.test(noun.trim())) {
    return otherwise(value);
  }
  const ruleSet = `%spellout-cardinal-${feminine.test(noun.trim()) ? 'feminine' : 'masculine'}`;
  return speller.cardinals.includes(ruleSet) ? speller.spell(value, ruleSet) : otherwise(value);
}

/** What is counted in Korean's own numbers, as far as it is not counted in the others, too. */
const KOREAN_COUNTERS =
  /(?<![\d.,])(\d{1,2})\s?(명|개(?![월국년])|살|마리|권|병|잔|시간|사람|군데|채|켤레|송이|그루|벌|장|통|그릇)/gu;
const KOREAN_RULES = '%spellout-cardinal-native-attributive';

/** `text` with what its language counts in numbers of its own in words. */
export function countersInWords(text: string, language: Language, speller: SpelledNumbers): string {
  return baseLanguage(language) === 'ko' && speller.cardinals.includes(KOREAN_RULES)
    ? text.replace(KOREAN_COUNTERS, (all, digits: string, counter: string) =>
        Number(digits) === 0 ? all : `${speller.spell(Number(digits), KOREAN_RULES)} ${counter}`,
      )
    : text;
}
