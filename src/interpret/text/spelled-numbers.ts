/**
 * Numbers in words, by the rules CLDR has for ninety languages (Unicode Technical Standard 35, part 3, "Rule-Based
 * Number Formatting"; the npm package cldr-rbnf holds them). A language's rules are read when it is first spoken.
 */

import { createRequire } from 'node:module';
import { baseLanguage, type Language } from '../../base/language.ts';

interface Rule {
  readonly base: number;
  /** The power of the radix that the number is divided by. */
  readonly divisor: number;
  readonly body: string;
}

interface RuleSet {
  readonly rules: readonly Rule[];
  readonly negative: string | undefined;
  readonly decimal: string | undefined;
}

export interface SpelledNumbers {
  /** Names of rule sets that a text may hold: cardinals of each gender and case, ordinals. */
  readonly cardinals: readonly string[];
  readonly ordinals: readonly string[];
  /** `value` in words by one of them. */
  spell(value: number, ruleSet: string): string;
}

/** What is longer than this is written in digits by the rules themselves. */
const DEEPEST = 40;

/** Numbers below this are kept in words once they were made. */
const KEPT = 1_001;

const read = createRequire(import.meta.url);
const known = new Map<string, SpelledNumbers | undefined>();

/** The number words of `language`; undefined when CLDR has none. */
export function spelledNumbers(language: Language): SpelledNumbers | undefined {
  if (!known.has(language)) {
    const base = baseLanguage(language);
    const data = dataOf(language) ?? dataOf(base === 'nb' ? 'no' : base);
    known.set(language, data === undefined ? undefined : spellerOf(data, language));
  }
  return known.get(language);
}

function dataOf(name: string): unknown {
  try {
    return read(`cldr-rbnf/rbnf/${name}.json`);
  } catch {
    // CLDR has no rules for this language.
    return undefined;
  }
}

function spellerOf(data: unknown, language: Language): SpelledNumbers | undefined {
  const groups = field(field(data, 'rbnf'), 'rbnf');
  const sets = new Map<string, RuleSet>();
  for (const [name, rows] of Object.entries(field(groups, 'SpelloutRules') ?? {})) {
    if (Array.isArray(rows)) {
      sets.set(name, ruleSetOf(rows));
    }
  }
  // What has been spelled is kept as far as other numbers are made of it.
  const made = new Map<string, string>();
  const plurals = new Intl.PluralRules(language);
  const plural = (value: number): string => plurals.select(value);
  const names = [...sets.keys()].filter((name) => !name.startsWith('%%'));
  return sets.size === 0
    ? undefined
    : {
        cardinals: names.filter((name) => /^%spellout-(cardinal|numbering(?!-year))/.test(name)),
        ordinals: names.filter((name) => /^%spellout-ordinal/.test(name)),
        spell: (value, ruleSet) => spell({ sets, made, plural }, ruleSet, value, 0).replaceAll('\u00ad', ''),
      };
}

function field(holder: unknown, name: string): object | undefined {
  const value: unknown =
    typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
  return typeof value === 'object' && value !== null ? value : undefined;
}

function ruleSetOf(rows: readonly unknown[]): RuleSet {
  const rules: Rule[] = [];
  let negative: string | undefined;
  let decimal: string | undefined;
  for (const row of rows) {
    const [head, text]: readonly unknown[] = Array.isArray(row) ? row : [];
    if (typeof head !== 'string' || typeof text !== 'string') {
      continue;
    }
    const body = text.replace(/;$/, '').replace(/^'/, '');
    const numbers = /^(\d+)(?:\/(\d+))?(>*)$/.exec(head);
    if (numbers !== null) {
      const base = Number(numbers[1]);
      const radix = Number(numbers[2] ?? 10);
      const exponent = base === 0 ? 0 : Math.floor(Math.log(base) / Math.log(radix) + 1e-9);
      rules.push({ base, divisor: radix ** Math.max(0, exponent - (numbers[3] ?? '').length), body });
    } else if (head === '-x') {
      negative = body;
    } else if (head === 'x.x' || head === 'x,x') {
      decimal = body;
    }
  }
  return { rules, negative, decimal };
}

interface Speller {
  readonly sets: ReadonlyMap<string, RuleSet>;
  readonly made: Map<string, string>;
  /** The plural form that a number asks for. */
  readonly plural: (value: number) => string;
}

function spell(speller: Speller, name: string, value: number, depth: number): string {
  const key = Math.abs(value) < KEPT && Number.isInteger(value) ? `${name} ${value}` : undefined;
  const made = key === undefined ? undefined : speller.made.get(key);
  if (made !== undefined) {
    return made;
  }
  const spelled = spelledAnew(speller, name, value, depth);
  if (key !== undefined) {
    speller.made.set(key, spelled);
  }
  return spelled;
}

function spelledAnew(speller: Speller, name: string, value: number, depth: number): string {
  const set = speller.sets.get(name);
  if (set === undefined || depth > DEEPEST) {
    return String(value);
  }
  const again = (next: string, part: number): string =>
    spell(speller, next === '' ? name : next, part, depth + 1);
  if (value < 0 || !Number.isInteger(value)) {
    return spelledUneven(set, value, again);
  }
  const index = set.rules.findLastIndex(({ base }) => base <= value);
  let rule = set.rules[index];
  if (rule === undefined) {
    return String(value);
  }
  const both = rule.body.includes('←') && rule.body.includes('→');
  if (both && value % rule.divisor === 0 && rule.base % rule.divisor !== 0) {
    rule = set.rules[index - 1] ?? rule;
  }
  const rest = value % rule.divisor;
  const quotient = Math.floor(value / rule.divisor);
  const body = rule.body
    .replace(/\[([^\]]*)\]/g, rest === 0 ? '' : '$1')
    .replace(/\$\((?:cardinal|ordinal),([^)]*)\)\$/g, (_, forms: string) =>
      formOf(forms, speller.plural(quotient)),
    );
  return substituted(body, { same: value, quotient, rest }, again);
}

/** A number below zero or with decimals, by the rules for those, which may be another set's. */
function spelledUneven(set: RuleSet, value: number, again: (name: string, part: number) => string): string {
  const other = /^=(%[^=]+)=$/.exec(set.rules[0]?.body ?? '')?.[1];
  const rule = value < 0 ? set.negative : set.decimal;
  if (rule === undefined && other !== undefined) {
    return again(other, value);
  }
  if (value < 0) {
    return substituted(rule ?? '−→→', { same: value, quotient: value, rest: -value }, again);
  }
  const [whole = '0', digits = ''] = String(value).split('.');
  const rest = [...digits].map((digit) => again('', Number(digit))).join(' ');
  return substituted(rule ?? '←←.→→', { same: value, quotient: Number(whole), rest }, again);
}

/** One of `one{…}few{…}other{…}`. */
function formOf(forms: string, category: string): string {
  const all = new Map(
    [...forms.matchAll(/(\w+)\{([^}]*)\}/g)].map(([, name = '', form = '']) => [name, form]),
  );
  return all.get(category) ?? all.get('other') ?? '';
}

interface Parts {
  readonly same: number;
  readonly quotient: number;
  readonly rest: number | string;
}

function substituted(body: string, parts: Parts, again: (name: string, part: number) => string): string {
  return body.replace(
    /←([^←]*)←|→([^→]*)→→?|=([^=]*)=/g,
    (_, left?: string, right?: string, same?: string) => {
      const [name, part] =
        left !== undefined
          ? [left, parts.quotient]
          : right !== undefined
            ? [right, parts.rest]
            : [same ?? '', parts.same];
      if (typeof part === 'string') {
        return part;
      }
      return /^[#0]/.test(name) ? String(part) : again(name, part);
    },
  );
}
