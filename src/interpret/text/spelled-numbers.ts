/**
 * Numbers in words, by the rules CLDR has for ninety languages (Unicode Technical Standard 35, part 3, "Rule-Based
 * Number Formatting"; the npm package cldr-rbnf holds them). A language's rules are read when it is first spoken.
 */

import { createRequire } from 'node:module';
import { baseLanguage, type Language, languageParts } from '../../base/language.ts';

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
  /**
   * `value` in words by one of them.
   * @param decimals the digits behind its decimal mark as they are written, zeros at their end too; those of the value
   * unless they are told.
   */
  spell(value: number, ruleSet: string, decimals?: string): string;
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
    const data = namesOf(language)
      .map(dataOf)
      .find((found) => found !== undefined);
    known.set(language, data === undefined ? undefined : spellerOf(data, language));
  }
  return known.get(language);
}

/** What the rules of `language` may be called, the nearest first: a script tells more than a region. */
function namesOf(language: Language): readonly string[] {
  const base = baseLanguage(language);
  const { script } = languageParts(language);
  return [language, `${base}-${script ?? ''}`, base === 'nb' ? 'no' : base];
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
        spell: (value, ruleSet, decimals) =>
          spell({ sets, made, plural }, ruleSet, value, 0, decimals).replaceAll('\u00ad', ''),
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

function spell(speller: Speller, name: string, value: number, depth: number, written?: string): string {
  const decimals = written ?? decimalsOf(value);
  const key = decimals === '' && Math.abs(value) < KEPT ? `${name} ${value}` : undefined;
  const made = key === undefined ? undefined : speller.made.get(key);
  if (made !== undefined) {
    return made;
  }
  const spelled = spelledAnew(speller, name, value, decimals, depth);
  if (key !== undefined) {
    speller.made.set(key, spelled);
  }
  return spelled;
}

/** More digits than a number keeps behind its decimal mark. */
const MOST_DECIMALS = 20;

function decimalsOf(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    return '';
  }
  const plain = String(value);
  const written = plain.includes('e') ? value.toFixed(MOST_DECIMALS).replace(/0+$/u, '') : plain;
  return written.split('.')[1] ?? '';
}

function spelledAnew(speller: Speller, name: string, value: number, decimals: string, depth: number): string {
  const set = speller.sets.get(name);
  if (set === undefined || depth > DEEPEST) {
    return String(value);
  }
  const again: Again = (next, part, behind) =>
    spell(speller, next === '' ? name : next, part, depth + 1, behind);
  if (value < 0 || decimals !== '') {
    return spelledUneven(speller, set, value, decimals, again);
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
  return substituted(chosen(rule.body, rest !== 0, speller.plural(quotient)), {
    left: (next) => said(next, quotient, again),
    right: (next) => said(next, rest, again),
    same: (next) => said(next, value, again),
  });
}

/** What a part of a number is by another rule set, which is the same one where it has no name. */
type Again = (name: string, part: number, decimals?: string) => string;

function said(name: string, part: number, again: Again): string {
  return /^[#0]/.test(name) ? String(part) : again(name, part);
}

/** A number below zero or with decimals, by the rules for those, which may be another set's. */
function spelledUneven(
  speller: Speller,
  set: RuleSet,
  value: number,
  decimals: string,
  again: Again,
): string {
  const other = /^=(%[^=]+)=$/.exec(set.rules[0]?.body ?? '')?.[1];
  const rule = value < 0 ? set.negative : set.decimal;
  if (rule === undefined && other !== undefined) {
    return again(other, value, decimals);
  }
  const whole = Math.trunc(value);
  const inDigits = decimals === '' ? String(value) : `${whole}.${decimals}`;
  const same = (name: string): string => (/^[#0]/.test(name) ? inDigits : again(name, value, decimals));
  if (value < 0) {
    const positive = (name: string): string => again(name, -value, decimals);
    return substituted(rule ?? '−→→', { left: positive, right: positive, same });
  }
  return substituted(chosen(rule ?? '←←.→→', whole !== 0, speller.plural(whole)), {
    left: (name) => said(name, whole, again),
    right: (name) =>
      fractionOf(speller, name, decimals, again) ??
      [...decimals].map((digit) => again('', Number(digit))).join(' '),
    same,
  });
}

/** Decimals as a fraction, where a rule set names what they are parts of, in each plural form: tenths, hundredths. */
function fractionOf(speller: Speller, name: string, decimals: string, again: Again): string | undefined {
  const parts = speller.sets.get(name)?.rules.find(({ base }) => base === 10 ** decimals.length);
  if (parts === undefined || !parts.body.includes('$(')) {
    return undefined;
  }
  const above = Number(decimals);
  const how = (next: string): string => said(next, above, again);
  return substituted(chosen(parts.body, true, speller.plural(above)), { left: how, right: how, same: how });
}

/** `body` with what it says only of some numbers, `[…]`, and with its words in the plural form that is asked for. */
function chosen(body: string, whole: boolean, category: string): string {
  return body
    .replace(/\[([^\]]*)\]/g, whole ? '$1' : '')
    .replace(/\$\((?:cardinal|ordinal),(?:plural,)?([^)]*)\)\$/g, (_, forms: string) =>
      formOf(forms, category),
    );
}

/** One of `one{…}few{…}other{…}`. */
function formOf(forms: string, category: string): string {
  const all = new Map(
    [...forms.matchAll(/(\w+)\{([^}]*)\}/g)].map(([, name = '', form = '']) => [name, form]),
  );
  return all.get(category) ?? all.get('other') ?? '';
}

/** What the three places of a rule are said as: what was divided, what is left, all of it. */
interface Places {
  readonly left: (name: string) => string;
  readonly right: (name: string) => string;
  readonly same: (name: string) => string;
}

function substituted(body: string, { left, right, same }: Places): string {
  return body.replace(
    /←([^←]*)←|→([^→]*)→→?|=([^=]*)=/g,
    (_, before?: string, behind?: string, all?: string) =>
      before !== undefined ? left(before) : behind !== undefined ? right(behind) : same(all ?? ''),
  );
}
