/**
 * What numbers count, as far as it can be told from the word beside them: money by its currency, in any of the
 * languages most spoken, and measures and spans of time that translators convert, by ICU's names and by other names
 * of theirs.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { CURRENCY_SIGN, currencyOf, dollarIsPeso } from '../text/currencies.ts';
import { unitAt } from './unit-names.ts';

export interface Measure {
  /** Two measures of one kind can be compared once they are scaled. */
  readonly kind: 'money' | 'length' | 'mass' | 'volume' | 'temperature' | 'speed' | 'span' | 'share';
  /** A currency, or a unit. `part` is the hundredth of any currency. */
  readonly name: string;
  /** In metres, kilograms, litres, km/h, days; hundredths for money. */
  readonly scale: number;
}

interface Row extends Measure {
  readonly words: RegExp;
}

function row(kind: Measure['kind'], name: string, scale: number, words: string): Row {
  return { kind, name, scale, words: new RegExp(`^(?:${words})`, 'iu') };
}

/** A word ends here; scripts that join endings to words go on. */
const END = '(?![\\p{L}\\p{M}])';

const ROWS: readonly Row[] = [
  row(
    'money',
    'part',
    0.01,
    `cents?${END}|céntimos?|centavos?|centimes?|centesimi|cêntimos?|öre|øre|копе|копій|セント|美分|센트|सेंट|पैसे|پیسے|kuruş|grosz|pence|penny|سنت`,
  ),
  row(
    'money',
    'euro',
    1,
    `€|euros?${END}|eur${END}|евро|євро|ευρώ|ユーロ|欧元|歐元|유로|यूरो|يورو|یورو|ยูโร|eura?${END}|eurót?|avro|אירו`,
  ),
  row(
    'money',
    'dollar',
    1,
    `\\$|us\\$|usd|dollar|dólar|dolar|dòlar|доллар|долар|δολάρι|ドル|美元|달러|डॉलर|دولار|دلار|ดอลลาร์|đô la|דולר`,
  ),
  row(
    'money',
    'pound',
    1,
    `£|gbp|pounds?( sterling)?${END}|libras?|livres? sterling|sterlin|pfund${END}|funt|фунт|ポンド|英镑|英鎊|파운드|पाउंड|جنيه|پوند`,
  ),
  row('money', 'yen', 1, `¥|jpy|yens?${END}|円|日元|엔${END}|иен|ієн|ين|येन|เยน|jen(y|ów)?${END}`),
  row('money', 'yuan', 1, `cny|yuan|юан|元|人民币|위안|युआन|یوان|يوان|หยวน`),
  row('money', 'rupee', 1, `₹|inr|rupees?|rupias?|roupies?|rupien?|рупи|ルピー|卢比|루피|रुपय|रुपए|روپے|روبية`),
  row('money', 'ruble', 1, `₽|rub${END}|rubl|rubel|rublo|rouble|рубл|руб|ルーブル|卢布|루블|روبل`),
  row('money', 'franc', 1, `chf|franken|francs?${END}|francos?|franchi|франк|スイスフラン|瑞士法郎|프랑`),
  row(
    'money',
    'krona',
    1,
    `kr${END}|sek${END}|nok${END}|dkk${END}|kronor|kroner|krona|crowns?${END}|coronas|couronnes|kronen|крон|クローナ`,
  ),
  row('money', 'zloty', 1, `pln|zł|złot|zloty|злот|ズウォティ`),
  row('money', 'real', 1, `brl|reais|real${END}|reals${END}|reales|réis|реал|レアル|雷亚尔|헤알`),
  row('money', 'won', 1, `₩|krw|원${END}|won${END}|ウォン|韩元|вон${END}`),
  row('money', 'peso', 1, `mxn|pesos?${END}|песо|ペソ|比索`),
  row('money', 'lira', 1, `₺|try${END}|lira|лир|リラ|里拉`),
  row(
    'length',
    'kilometre',
    1_000,
    `km${END}|kilomet|kilómet|kilòmet|quilômet|quilómet|chilomet|киломе|кілом|χιλιόμε|キロメートル|公里|千米|킬로미터|किलोमीटर|كيلومتر|کیلومتر|กิโลเมตร`,
  ),
  row(
    'length',
    'centimetre',
    0.01,
    `cm${END}|centim[eè]t|centím|zentimet|сантиме|センチ|厘米|公分|센티|सेंटीमीटर|سنتيمتر|سانتی`,
  ),
  row(
    'length',
    'mile',
    1_609.34,
    `miles?${END}|meilen?${END}|millas?|milles?${END}|miglia|milhas?|мил[ьия]|マイル|英里|마일|मील|ميل`,
  ),
  row(
    'length',
    'foot',
    0.3048,
    `ft${END}|feet|foot|fuß|pieds?${END}|pies${END}|piedi|pés${END}|фут|フィート|英尺|피트|फुट|फ़ीट|قدم`,
  ),
  row('length', 'inch', 0.0254, `inch|zoll${END}|pouces?|pulgadas?|pollici|polegadas?|дюйм|インチ|英寸|인치`),
  row('length', 'yard', 0.9144, `yards?${END}|yardas?|ярд|ヤード|码`),
  row(
    'length',
    'metre',
    1,
    `m${END}|met(er|re)|mètre|metros?${END}|metri${END}|метр|μέτρ|メートル|米|미터|मीटर|متر|เมตร`,
  ),
  row(
    'mass',
    'kilogram',
    1,
    `kg${END}|kilo|quilo|chilo|килог|кілог|κιλ|キロ|公斤|千克|킬로|किलो|كيلو|کیلو|กิโล`,
  ),
  row(
    'mass',
    'milligram',
    1e-6,
    `mg${END}|mil+igram|милиграм|миллиграм|міліграм|χιλιοστόγραμμ|ミリグラム|毫克|밀리그램|मिलीग्राम|ملغ|میلی‌?گرم|มิลลิกรัม|มก`,
  ),
  row('mass', 'gram', 0.001, `gr?${END}`),
  row('mass', 'quintal', 100, `quintal|quintaux|क्विंटल|центнер`),
  row('mass', 'jin', 0.5, `斤`),
  row('length', 'li', 500, `里(?![面程拉])|華里|华里`),
  row('mass', 'pound-mass', 0.4536, `lbs?${END}|磅`),
  row('mass', 'ounce', 0.02835, `oz${END}|ounces?|unzen?|onzas?|onces?|unci`),
  row('volume', 'litre', 1, `l${END}|lit(er|re)|litros?|litri|литр|літр|リットル|升|리터|लीटर|لتر`),
  row('volume', 'gallon', 3.785, `gal${END}|gallon|galone|галлон|ガロン|加仑`),
  row(
    'temperature',
    'fahrenheit',
    1,
    `°\\s?f${END}|degrees fahrenheit|grad(i|os|us)? fahrenheit|fahrenheit|華氏|华氏`,
  ),
  row(
    'temperature',
    'celsius',
    1,
    `°\\s?c${END}|degrees (celsius|centigrade)|grad(i|os|us)? (celsius|centígrados)|celsius|摂氏|摄氏`,
  ),
  row(
    'share',
    'percent',
    1,
    `%|per ?cent|prozent|pro ?cent|por ?cien|pour ?cent|procent|prosent|százalék|процент|відсот|τοις εκατό|パーセント|퍼센트|प्रतिशत|फ़ीसदी|फीसदी|بالمئة|بالمائة|في المئة|في المائة|درصد|เปอร์เซ็นต์|phần trăm|persen|peratus`,
  ),
  row('speed', 'mile-an-hour', 1.60934, `mph${END}|miles (per|an) hour|millas por hora|meilen pro stunde`),
  row('speed', 'kilometre-an-hour', 1, `km/h|kmh|kilomet\\w+ (per|an|pro|à l’|all'|por) `),
];

/** The measure that begins `text`, blanks before it aside; speeds before the lengths they begin with. */
export function measureAt(text: string, language: Language): Measure | undefined {
  const from = text.replace(/^[\s-]+/u, '');
  if (from === '' || /^(?!%)[\p{P}\p{N}]/u.test(from)) {
    return undefined;
  }
  const rows = BY_LETTER.get(from.slice(0, 1).toLowerCase()) ?? [];
  const measureOf = (kinds: readonly Measure['kind'][]): Measure | undefined =>
    rows.find(({ kind, words }) => kinds.includes(kind) && words.test(from));
  // Speeds come before the lengths they begin with.
  return measureOf(['speed']) ?? measureOf(['money']) ?? unitAt(from, language) ?? measureOf(OTHERS);
}

const OTHERS: readonly Measure['kind'][] = ['length', 'mass', 'volume', 'temperature', 'share'];
/**
 * The rows that have a word with a letter; most words begin none, and all patterns together cost as much as all else.
 */
const BY_LETTER = rowsByLetter();

function rowsByLetter(): ReadonlyMap<string, readonly Row[]> {
  const rows = new Map<string, Row[]>();
  for (const each of ROWS) {
    const inside = each.words.source.slice(4, -1);
    for (const letter of new Set(
      withoutGroups(inside)
        .split('|')
        .map((word) => firstLetter(word)),
    )) {
      rows.set(letter, [...(rows.get(letter) ?? []), each]);
    }
  }
  return rows;
}

function withoutGroups(pattern: string): string {
  const shorter = pattern.replace(/\((?:[^()\\]|\\.)*\)/gu, '');
  return shorter === pattern ? pattern : withoutGroups(shorter);
}

function firstLetter(word: string): string {
  return word.replace(/^\\/u, '').slice(0, 1).toLowerCase();
}

/** What a sign of money means by its currency; those that are not here are no measure. */
const BY_CODE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{
      EUR: 'euro',
      GBP: 'pound',
      JPY: 'yen',
      CNY: 'yuan',
      INR: 'rupee',
      RUB: 'ruble',
      KRW: 'won',
      TRY: 'lira',
    },
    ...{
      BRL: 'real',
      MXN: 'peso',
      ARS: 'peso',
      CLP: 'peso',
      COP: 'peso',
      UYU: 'peso',
      DOP: 'peso',
      PHP: 'peso',
    },
    ...{
      USD: 'dollar',
      AUD: 'dollar',
      CAD: 'dollar',
      NZD: 'dollar',
      SGD: 'dollar',
      HKD: 'dollar',
      TWD: 'dollar',
    },
  }),
);
const SIGN_BEFORE = new RegExp(`(${CURRENCY_SIGN})\\s?-?$`, 'u');
const SIGN_BEHIND = new RegExp(`^\\s?(${CURRENCY_SIGN})`, 'u');
const CODE_BEFORE = /\b(?:eur|usd|gbp|jpy|chf|rs\.?|inr|cny|pln)\s?$/iu;

/** What a number between `before` and `behind` counts, each way it can be read; `[undefined]` where nothing says it. */
export function measuresOf(
  before: string,
  behind: string,
  language: Language,
): readonly (Measure | undefined)[] {
  // Few numbers have a sign, and this is asked for each.
  const sign =
    (/\p{Sc}\s?-?$/u.test(before) ? SIGN_BEFORE.exec(before)?.[1] : undefined) ??
    (/^.{0,5}\p{Sc}/u.test(behind) ? SIGN_BEHIND.exec(behind)?.[1] : undefined);
  if (sign !== undefined) {
    return moneyOf(sign, language);
  }
  const code = CODE_BEFORE.exec(before)?.[0].trim().toLowerCase();
  return [
    code === undefined
      ? measureAt(behind, language)
      : ROWS.find(({ kind, words }) => kind === 'money' && words.test(code.replace(/^rs\.?/, 'inr'))),
  ];
}

function moneyOf(sign: string, language: Language): readonly (Measure | undefined)[] {
  const name = BY_CODE.get(currencyOf(sign, language) ?? '');
  const names =
    sign === '$' && dollarIsPeso(language)
      ? ['peso', 'dollar']
      : // Elsewhere than in China and Japan it may be either.
        sign === '¥' && !['zh', 'ja'].includes(baseLanguage(language))
        ? ['yen', 'yuan']
        : [name];
  return names.map((each) => ROWS.find(({ kind, name: known }) => kind === 'money' && known === each));
}

/** How far a converted value may be from the exact one. */
const ROUNDED = 0.04;

/** Whether `a` of one measure is `b` of the other, as far as that can be told. */
export function sameAmount(
  a: number,
  of: Measure | undefined,
  b: number,
  other: Measure | undefined,
): boolean {
  if (isPoundOfMass(of, other)) {
    return near(a * POUND_KILOGRAMS, b * (other?.scale ?? 1), POUND_ROUNDED);
  }
  if (isPoundOfMass(other, of)) {
    return near(a * (of?.scale ?? 1), b * POUND_KILOGRAMS, POUND_ROUNDED);
  }
  const only = of === undefined ? other : other === undefined ? of : undefined;
  if (only?.kind === 'temperature') {
    // "22 degrés" say of which scale they are by where they are said.
    return near(a, b, 1e-9) || isConverted(a, of, b) || isConverted(b, other, a);
  }
  if (of !== undefined && other !== undefined && areApart(of, other)) {
    return isFluidOunce(a, of, b, other) || isFluidOunce(b, other, a, of);
  }
  if (of === undefined || other === undefined || of.name === other.name || of.kind !== other.kind) {
    return (
      near(a, b, 1e-9) ||
      (of?.name === 'part' && near(a / 100, b, 1e-9)) ||
      (other?.name === 'part' && near(a, b / 100, 1e-9))
    );
  }
  switch (of.kind) {
    case 'money':
      return (of.name === 'part' || other.name === 'part') && near(a * of.scale, b * other.scale, 1e-9);
    case 'temperature':
      return isConverted(a, of, b);
    case 'span':
      return near(a * of.scale, b * other.scale, ROUNDED) || isWeekOfEight(a, of, b, other);
    default:
      return near(a * of.scale, b * other.scale, ROUNDED);
  }
}

/** Whether `b` degrees of the other scale are `a` of one. */
function isConverted(a: number, of: Measure | undefined, b: number): boolean {
  const exact = of?.name === 'fahrenheit' ? ((a - 32) * 5) / 9 : (a * 9) / 5 + 32;
  return of?.kind === 'temperature' && (near(exact, b, ROUNDED) || Math.abs(exact - b) <= 1);
}

/** Money and mass have one word in many languages, and pounds of mass are half a kilogram in some. */
const POUND_KILOGRAMS = 0.475;
const POUND_ROUNDED = 0.1;

function isPoundOfMass(of: Measure | undefined, other: Measure | undefined): boolean {
  return of?.name === 'pound' && other?.kind === 'mass';
}

/** What is one of these is none of the others; a name of lengths or of times may be another word's in other languages. */
const APART: ReadonlySet<Measure['kind']> = new Set(['mass', 'volume', 'share', 'temperature', 'money']);

function areApart(of: Measure, other: Measure): boolean {
  return of.kind !== other.kind && APART.has(of.kind) && APART.has(other.kind);
}

const FLUID_OUNCE_LITRES = 0.0296;

function isFluidOunce(a: number, of: Measure, b: number, other: Measure): boolean {
  return (
    of.name === 'ounce' && other.kind === 'volume' && near(a * FLUID_OUNCE_LITRES, b * other.scale, ROUNDED)
  );
}

/** "Quinze jours" are two weeks, "acht Tage" one: both ends are counted. */
function isWeekOfEight(a: number, of: Measure, b: number, other: Measure): boolean {
  const [weeks, days] = of.name === 'week' ? [a, b] : [b, a];
  return [of.name, other.name].sort().join() === 'day,week' && days === 7 * weeks + 1;
}

function near(a: number, b: number, share: number): boolean {
  return Math.abs(a - b) <= share * Math.max(Math.abs(a), Math.abs(b));
}
