/** What measures and spans of time are called in a language, by ICU, in the forms that numbers ask for. */

import type { Language } from '../../base/language.ts';
import type { Measure } from './measures.ts';

/** ICU's names of units, and what they are in metres, kilograms, litres, km/h and days. */
const UNITS: readonly (readonly [unit: string, measure: Measure])[] = [
  ['kilometer-per-hour', { kind: 'speed', name: 'kilometre-an-hour', scale: 1 }],
  ['mile-per-hour', { kind: 'speed', name: 'mile-an-hour', scale: 1.60934 }],
  ['kilometer', { kind: 'length', name: 'kilometre', scale: 1_000 }],
  ['meter', { kind: 'length', name: 'metre', scale: 1 }],
  ['centimeter', { kind: 'length', name: 'centimetre', scale: 0.01 }],
  ['millimeter', { kind: 'length', name: 'millimetre', scale: 0.001 }],
  ['mile', { kind: 'length', name: 'mile', scale: 1_609.34 }],
  ['yard', { kind: 'length', name: 'yard', scale: 0.9144 }],
  ['foot', { kind: 'length', name: 'foot', scale: 0.3048 }],
  ['inch', { kind: 'length', name: 'inch', scale: 0.0254 }],
  ['kilogram', { kind: 'mass', name: 'kilogram', scale: 1 }],
  ['gram', { kind: 'mass', name: 'gram', scale: 0.001 }],
  ['pound', { kind: 'mass', name: 'pound-mass', scale: 0.4536 }],
  ['ounce', { kind: 'mass', name: 'ounce', scale: 0.02835 }],
  ['liter', { kind: 'volume', name: 'litre', scale: 1 }],
  ['milliliter', { kind: 'volume', name: 'millilitre', scale: 0.001 }],
  ['gallon', { kind: 'volume', name: 'gallon', scale: 3.785 }],
  ['celsius', { kind: 'temperature', name: 'celsius', scale: 1 }],
  ['fahrenheit', { kind: 'temperature', name: 'fahrenheit', scale: 1 }],
  ['second', { kind: 'span', name: 'second', scale: 1 / 86_400 }],
  ['minute', { kind: 'span', name: 'minute', scale: 1 / 1_440 }],
  ['hour', { kind: 'span', name: 'hour', scale: 1 / 24 }],
  ['day', { kind: 'span', name: 'day', scale: 1 }],
  ['week', { kind: 'span', name: 'week', scale: 7 }],
  ['month', { kind: 'span', name: 'month', scale: 365.25 / 12 }],
  ['year', { kind: 'span', name: 'year', scale: 365.25 }],
];
/** Numbers of all plural forms. */
const COUNTED = [1, 2, 3, 5, 11, 100, 1.5];
/** A shorter name may begin another word, and a letter alone stands for too much. */
const SHORTEST_WITH_ENDING = 4;
const MOST_ENDING = 5;

interface Names {
  readonly measures: ReadonlyMap<string, Measure>;
  readonly longest: number;
}

const known = new Map<Language, Names>();

/** The measure whose name begins `text`. A search in a map costs a hundredth of one by a pattern of all names. */
export function unitAt(text: string, language: Language): Measure | undefined {
  const { measures, longest } = known.get(language) ?? prepared(language);
  const start = text.slice(0, longest + MOST_ENDING + 1).toLowerCase();
  for (let length = Math.min(longest, start.length); length > 0; length -= 1) {
    const name = start.slice(0, length);
    const measure = measures.get(name);
    if (measure !== undefined && endsWell(name, start.slice(length))) {
      return measure;
    }
  }
  return undefined;
}

function prepared(language: Language): Names {
  const measures = new Map<string, Measure>();
  for (const unitDisplay of ['long', 'short'] as const) {
    for (const [unit, measure] of UNITS) {
      const format = new Intl.NumberFormat(`${language}-u-nu-latn`, { style: 'unit', unit, unitDisplay });
      for (const count of COUNTED) {
        const name = nameIn(format.formatToParts(count));
        if (isName(name) && !measures.has(name)) {
          measures.set(name, measure);
        }
      }
    }
  }
  const names = { measures, longest: Math.max(0, ...[...measures.keys()].map((name) => name.length)) };
  known.set(language, names);
  return names;
}

function nameIn(parts: readonly Intl.NumberFormatPart[]): string {
  const written = parts.filter(({ type }) => type === 'unit').map(({ value }) => value);
  return written.length === 1 ? (written[0] ?? '').toLowerCase().replace(/\.$/u, '').trim() : '';
}

/** One sign is a name in Chinese and its like; elsewhere it stands for too much. */
function isName(name: string): boolean {
  return name.length > 1 || /^[\p{Script=Han}\p{Script=Hangul}]$/u.test(name);
}

/** Whether what follows `name` is no other word's rest. */
function endsWell(name: string, rest: string): boolean {
  if (/[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u.test(name)) {
    return true;
  }
  const ending = /^[\p{L}\p{M}]*/u.exec(rest)?.[0] ?? '';
  return ending.length <= (name.length < SHORTEST_WITH_ENDING ? 0 : MOST_ENDING);
}
