/** Numbers in words: money, measures, percentages, ranges, codes and telephone numbers digit by digit. */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Reads } from '../../engines/tts/tts-engine.ts';
import { separatorsOf } from './digits.ts';

const CURRENCIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    $: 'USD',
    '€': 'EUR',
    '£': 'GBP',
    '¥': 'JPY',
    '₹': 'INR',
    '₽': 'RUB',
    '₩': 'KRW',
    '₺': 'TRY',
  }),
);
const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '%': 'percent',
    km: 'kilometer',
    'km/h': 'kilometer-per-hour',
    cm: 'centimeter',
    mm: 'millimeter',
    m: 'meter',
    kg: 'kilogram',
    g: 'gram',
    l: 'liter',
    ml: 'milliliter',
    '°C': 'celsius',
    '°F': 'fahrenheit',
    '°': 'degree',
    min: 'minute',
    GB: 'gigabyte',
    MB: 'megabyte',
  }),
);
/** What "+" is called before a number, and "-" between two. */
const PLUS_AND_TO: ReadonlyMap<string, readonly [plus: string, to: string]> = new Map([
  ['en', ['plus', 'to']],
  ['de', ['plus', 'bis']],
  ['fr', ['plus', 'à']],
  ['es', ['más', 'a']],
  ['it', ['più', 'a']],
  ['pt', ['mais', 'a']],
  ['nl', ['plus', 'tot']],
  ['pl', ['plus', 'do']],
  ['cs', ['plus', 'až']],
  ['sv', ['plus', 'till']],
]);

/** Where the digits stood that are said in words; no text holds it. */
const HOLE = '\ue000';

/** A row of digits that is read digit by digit. */
const SHORTEST_CODE = 7;

/** Groups of digits with blanks, hyphens or brackets between, which are not thousands. */
const TELEPHONE =
  /(?<![\d.,\p{L}-])(?!\d{1,3}(?: \d{3})+(?![\d-]))(?:\+\s?)?\(?\d{1,5}\)?(?:[ /-]\(?\d{1,7}\)?){1,6}(?![\d.,]?\d|-\p{L})/gu;
const RANGE = /(?<![\d.,\p{L}-])(\d{1,4}(?:[.,]\d+)?)\s?-\s?(?=\d{1,4}(?![\d-]))/gu;
/** Words that make a number greater, after which its currency is said. */
const SCALE = String.raw`\s(?:million|billion|trillion|thousand|Million(?:en)?|Milliarden?|millones|millón|millions|milliards?|milioni|milione|miliardi|milhões|milhão|bilhões|miljoen|miljard)(?!\p{L})`;
const SIGNS = '$€£¥₹₽₩₺';
const AMOUNT = new RegExp(
  // A fraction is left to the engine: what it is called is no language's rule.
  String.raw`(?<minus>(?<![\p{L}\p{N})])-)?(?<sign>[${SIGNS}])?\s?(?<![\d.,]|\d\/)(?!\d+\/\d)` +
    String.raw`(?<number>\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)` +
    String.raw`(?:(?<scale>${SCALE})?\s?(?<unit>[${SIGNS}%]|km\/h|km|cm|mm|kg|ml|°C|°F|°|GB|MB|m|g|l|min)(?![\p{L}\p{N}])` +
    String.raw`|(?<=[${SIGNS}]\s?[\d.,' ]+)(?<after>${SCALE}))?`,
  'gu',
);

/** Letters that are written with blanks between words; a number beside one is a word of its own. */
const SPACED_LETTER = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u;

/** `text` with its numbers in words; for an engine that reads plain ones, only those that are more than that. */
export function amountsInWords(
  text: string,
  language: Language,
  say: (value: number) => string,
  reads: Exclude<Reads, 'everything'>,
): string {
  const [plus = '', to] = PLUS_AND_TO.get(baseLanguage(language)) ?? [];
  const called = text.replace(TELEPHONE, (all) => telephoneInWords(all, plus, say));
  const ranged = to === undefined ? called : called.replace(RANGE, `$1 ${to} `);
  return ranged.replace(AMOUNT, (all: string, ...rest: readonly unknown[]) => {
    const [offset, whole, groups] = [rest.at(-3), rest.at(-2), rest.at(-1)];
    const words = amountInWords(all, groups, language, say, reads);
    return typeof offset === 'number' && typeof whole === 'string' && words !== all
      ? besideWords(words, whole.slice(0, offset).at(-1) ?? '', whole[offset + all.length] ?? '')
      : words;
  });
}

/** "A320" is "A" and a number. */
function besideWords(words: string, before: string, after: string): string {
  const [start, end] = [
    /^\S/u.test(words) && SPACED_LETTER.test(before) ? ' ' : '',
    SPACED_LETTER.test(after) ? ' ' : '',
  ];
  return `${start}${words}${end}`;
}

function telephoneInWords(all: string, plus: string, say: (value: number) => string): string {
  const digits = all.replace(/\D/g, '');
  if (digits.length < SHORTEST_CODE && !all.includes('+')) {
    return all;
  }
  const groups = all.match(/\d+/g) ?? [];
  const said = groups.map((group) => [...group].map((digit) => say(Number(digit))).join(' ')).join(', ');
  return all.startsWith('+') ? `${plus} ${said}`.trim() : said;
}

function amountInWords(
  all: string,
  groups: unknown,
  language: Language,
  say: (value: number) => string,
  reads: Exclude<Reads, 'everything'>,
): string {
  const part = (name: string): string | undefined => {
    const value: unknown =
      typeof groups === 'object' && groups !== null ? Reflect.get(groups, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const written = part('number') ?? '';
  const before = /^\s*/u.exec(all)?.[0] ?? '';
  const amount = amountOf(written, language);
  const sign = part('sign') ?? part('unit') ?? '';
  if (amount === undefined || isCode(written)) {
    const digits = [...written].filter((digit) => /\d/.test(digit)).map((digit) => say(Number(digit)));
    return `${before}${digits.join(' ')}`;
  }
  const value = part('minus') === undefined ? amount : -amount;
  const name = nameOf(sign, language);
  if (name === undefined) {
    return reads === 'numbers' ? all : `${before}${say(value)}${sign}`;
  }
  const scale = part('scale') ?? part('after');
  if (scale !== undefined) {
    return `${before}${say(value)}${scale} ${name(1_000_000, '').trim()}`;
  }
  const whole = Math.trunc(value);
  const cents = CURRENCIES.has(sign) ? Math.round(Math.abs(value - whole) * 100) : 0;
  const counted = cents > 0 ? whole : value;
  return `${before}${name(counted, say(counted))}${cents > 0 ? ` ${say(cents)}` : ''}`;
}

/** By language and sign; both are few. */
const formats = new Map<string, Intl.NumberFormat>();

/** The name of a currency or unit in the form that its number asks for, with `words` where the number stands. */
function nameOf(sign: string, language: Language): ((value: number, words: string) => string) | undefined {
  const [currency, unit] = [CURRENCIES.get(sign), UNITS.get(sign)];
  if (currency === undefined && unit === undefined) {
    return undefined;
  }
  const style =
    currency === undefined
      ? { style: 'unit' as const, unit: unit ?? '', unitDisplay: 'long' as const }
      : { style: 'currency' as const, currency, currencyDisplay: 'name' as const, maximumFractionDigits: 0 };
  const key = `${language} ${sign}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(`${language}-u-nu-latn`, style);
  formats.set(key, format);
  return (value, words) =>
    format
      .formatToParts(value)
      .map(({ type, value: text }) =>
        type === 'integer' ? HOLE : ['group', 'decimal', 'fraction', 'minusSign'].includes(type) ? '' : text,
      )
      .join('')
      .replace(new RegExp(`${HOLE}+`, 'u'), words);
}

function isCode(written: string): boolean {
  return /^\d+$/.test(written) && (written.length >= SHORTEST_CODE || /^0\d/.test(written));
}

/** The value of a number as `language` writes it; undefined for versions, addresses and their like. */
function amountOf(written: string, language: Language): number | undefined {
  const point = separatorsOf(language).decimal === ',' ? ',' : '.';
  const group = point === ',' ? '.' : ',';
  const plain = written.replace(/[ ']/gu, '').replace(new RegExp(`[${group}](?=\\d{3}(?!\\d))`, 'gu'), '');
  return new RegExp(`^\\d+(?:[${point}]\\d+)?$`).test(plain) ? Number(plain.replace(point, '.')) : undefined;
}
