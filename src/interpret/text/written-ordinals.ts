/** Ordinals in words, where a language marks them on the number: "3rd", "1er", "2ª", "die 2. Mahnung". */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { SpelledNumbers } from './spelled-numbers.ts';

/** What an ordinal looks like, its number in the first group, and the rules that say it. */
type Form = readonly [pattern: RegExp, ruleSet: string];

const ROMANCE: readonly Form[] = [
  [/(?<![\d.,])(\d+)\.?º/gu, '%spellout-ordinal-masculine'],
  [/(?<![\d.,])(\d+)\.?ª/gu, '%spellout-ordinal-feminine'],
];

const FORMS: ReadonlyMap<string, readonly Form[]> = new Map<string, readonly Form[]>([
  ['en', [[/(?<![\d.,])(\d+)(?:st|nd|rd|th)(?!\p{L})/gu, '%spellout-ordinal']]],
  [
    'fr',
    [
      [/(?<![\d.,])(\d+)(?:er|e|ème|ᵉ)(?!\p{L})/gu, '%spellout-ordinal-masculine'],
      [/(?<![\d.,])(\d+)(?:re|ère)(?!\p{L})/gu, '%spellout-ordinal-feminine'],
    ],
  ],
  ['es', ROMANCE],
  ['it', ROMANCE],
  ['pt', ROMANCE],
  ['nl', [[/(?<![\d.,])(\d+)(?:e|de|ste)(?!\p{L})/gu, '%spellout-ordinal']]],
  [
    'de',
    [
      [
        /(?<=(?<!\p{L})(?:am|im|zum|zur|vom|beim|den|dem|des|einer|ihrer|seiner|meiner|unserer)\s)(\d+)\.(?=\s\p{L})/giu,
        '%spellout-ordinal-n',
      ],
      [
        /(?<=(?<!\p{L})(?:der|die|das|eine|ihre|seine|meine|unsere|diese|jede)\s)(\d+)\.(?=\s\p{L})/giu,
        '%spellout-ordinal',
      ],
    ],
  ],
]);

/** `text` with its ordinals in words. */
export function ordinalsInWords(text: string, language: Language, speller: SpelledNumbers): string {
  return (FORMS.get(baseLanguage(language)) ?? []).reduce(
    (made, [pattern, ruleSet]) =>
      speller.ordinals.includes(ruleSet)
        ? made.replace(pattern, (_, digits: string) => speller.spell(Number(digits), ruleSet))
        : made,
    text,
  );
}
