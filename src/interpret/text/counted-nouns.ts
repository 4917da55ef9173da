/** Numbers before what they count, where they have its gender: "ein Euro", "una libra", "veintiún kilómetros". */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { SpelledNumbers } from './spelled-numbers.ts';

/** Names of currencies and units that are feminine; all others are counted as masculine ones are. */
const FEMININE: ReadonlyMap<string, RegExp> = new Map([
  ['de', /^(?:minute|lira|rupie|krone|stunde)/iu],
  ['fr', /^(?:livre|roupie|lire|couronne|minute|hryvnia|heure)/iu],
  ['es', /^\p{L}+as?(?!\p{L})/iu],
  ['pt', /^\p{L}+as?(?!\p{L})/iu],
  ['it', /^\p{L}+[ae](?!\p{L})/iu],
  ['ca', /^\p{L}+(?:a|es)(?!\p{L})/iu],
]);

/** `value` in words before `noun`; `otherwise` says it where numbers have no gender. */
export function countedBefore(
  noun: string,
  value: number,
  language: Language,
  speller: SpelledNumbers,
  otherwise: (value: number) => string,
): string {
  const feminine = FEMININE.get(baseLanguage(language));
  if (feminine === undefined || !Number.isInteger(value)) {
    return otherwise(value);
  }
  const ruleSet = `%spellout-cardinal-${feminine.test(noun.trim()) ? 'feminine' : 'masculine'}`;
  return speller.cardinals.includes(ruleSet) ? speller.spell(value, ruleSet) : otherwise(value);
}
