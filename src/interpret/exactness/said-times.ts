/**
 * Times of the day in a text: in digits with their words and marks, in Chinese and Korean with their hours, with what
 * says the half of the day, before or after them.
 */

import type { Language } from '../../base/language.ts';
import { dayPeriods, halfIn } from '../text/day-periods.ts';
import { separatorsOf } from '../text/digits.ts';
import { cjkValue } from './cjk-numbers.ts';
import { type Reading, type Said, saidInDigits } from './reading.ts';

/** What says the half of the day right behind an hour, beside ICU's words for it. */
const HALF =
  '\\s*(?<half>a\\.?\\s?m\\b\\.?|p\\.?\\s?m\\b\\.?|da manhã|da tarde|da noite|de la mañana|de la tarde|de la noche|in the (?:morning|afternoon|evening)|утра|вечера|дня)';
/**
 * Where a full stop is no decimal mark, nothing but the place of the dot tells a time from other numbers; English
 * writes so, too, but its decimals are the same.
 */
const DOTTED = /(?<![\d:.,])(?<h>\d{1,2})\.(?<m>[0-5]\d)(?!\d|[.,:]\d|\s?[%\p{Sc}])/gu;
const CJK_HOUR = '\\d{1,2}|[一二三四五六七八九十两兩]{1,3}|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열한|열두|열';
const CJK_MINUTE =
  '\\d{1,2}|[〇零一二三四五六七八九十]{1,4}|이십오|삼십오|사십오|오십오|십오|이십|삼십|사십|오십|십|오';
const NATIVE_HOURS: readonly string[] = [
  ...['한', '두', '세', '네', '다섯', '여섯', '일곱', '여덟', '아홉', '열', '열한', '열두'],
];
const SINO_MINUTES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    오: 5,
    십: 10,
    십오: 15,
    이십: 20,
    이십오: 25,
    삼십: 30,
    삼십오: 35,
    사십: 40,
    사십오: 45,
    오십: 50,
    오십오: 55,
  }),
);
const TIMES: readonly RegExp[] = [
  new RegExp(
    `(?<![\\d:.,])(?<h>\\d{1,2})\\s?[:hH]\\s?(?<m>[0-5]\\d)(?![\\d])(?::\\d{2})?(?:${HALF})?`,
    'giu',
  ),
  new RegExp(`(?<![\\d:.,])(?<h>\\d{1,2})(?:\\.(?<m>[0-5]\\d))?${HALF}`, 'giu'),
  /(?<![\d:.,])(?<h>\d{1,2})[.](?<m>[0-5]\d)\s*(?:uhr|klo|o'clock|h\b)/giu,
  DOTTED,
  /(?<![\d:.,])(?<h>\d{1,2})\s*(?:uhr|heures?|horas?|h|ore|o'clock|uur|часов|часа|час|годин[аиі]?|giờ|óra(?:kor)?|hodin[ay]?|น\.|โมง|นาฬิกา)(?:\s+(?:e\s+|y\s+|et\s+)?(?<m>[0-5]\d)(?:\s*(?:minut\w*|мин\w*|phút|perc\w*))?)?(?!\p{L})/giu,
  /(?:(?:kl\.?|klo|klockan|klokken|klokka|at|pukul|jam|เวลา|lúc|saat|godz\.?|godzinie|ώρα|στις|ora|ore|ساعت|الساعة|שעה|בשעה|बजे)\s+)(?<h>\d{1,2})(?:[:.](?<m>[0-5]\d))?(?!\d|\s?(?:%|\p{Sc})|[.,]\d)/giu,
  new RegExp(
    `(?<early>上午|早上|凌晨|清晨|午前|오전)?(?<late>下午|晚上|傍晚|午後|오후|저녁|夜)?\\s*(?<h>${CJK_HOUR})\\s*[点點時时시](?!間|间)` +
      `(?:\\s?(?<n>半|반)|(?<quarter>[一三])刻|\\s*(?<m>${CJK_MINUTE})\\s*(?:[分분](?<before>前|전)?)?)?`,
    'gu',
  ),
];

export function times(text: string, language: Language): readonly Said[] {
  const dotted = separatorsOf(language).decimal === ',';
  const patterns = dotted ? TIMES : TIMES.filter((each) => each !== DOTTED);
  const found = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap((match) => timeOf(match, text, language)),
  );
  return found.sort((a, b) => b.end - b.start - (a.end - a.start));
}

function timeOf(match: RegExpExecArray, text: string, language: Language): readonly Said[] {
  const { h = '', m, half, early, late, n, quarter, before } = match.groups ?? {};
  const native = NATIVE_HOURS.indexOf(h) + 1;
  const hours = native > 0 ? native : (cjkValue(h) ?? 0);
  const past = n !== undefined ? 30 : quarter !== undefined ? 15 * (cjkValue(quarter) ?? 0) : minutesOf(m);
  if (hours > 24 || past > 59) {
    return [];
  }
  const [start, end] = [match.index, match.index + match[0].length];
  const said12 = early !== undefined || /^(a|da manhã|de la mañana|in the morning|утра)/iu.test(half ?? '');
  const spoken = said12 ? 'am' : late !== undefined || half !== undefined ? 'pm' : undefined;
  const minutes = (hours % 24) * 60 + (before === undefined ? past : -past);
  const time = {
    type: 'time' as const,
    minutes: (minutes + 1_440) % 1_440,
    half: spoken ?? (hours > 12 ? undefined : halfBeside(text, start, end, hours, language)),
  };
  const number: Reading = { type: 'number', value: hours, measure: undefined };
  const alone = m === undefined && n === undefined && quarter === undefined && half === undefined;
  const decimal: Reading = { type: 'number', value: Number(`${h}.${m}`), measure: undefined };
  // 十点五 may be a time and 10.5.
  const chinese = /[点點][〇零一二三四五六七八九]+$/u.test(match[0]) ? Number(`${hours}.${past}`) : undefined;
  return [
    saidInDigits(start, end, [
      time,
      ...(alone && time.half === undefined ? [number] : []),
      ...(/^\d+\.\d+/.test(match[0]) ? [decimal] : []),
      ...(chinese === undefined ? [] : [{ type: 'number' as const, value: chinese, measure: undefined }]),
    ]),
  ];
}

function minutesOf(text: string | undefined): number {
  return text === undefined ? 0 : (SINO_MINUTES.get(text) ?? cjkValue(text) ?? 0);
}

/** How far from an hour the word stands that says its half of the day, in characters. */
const BESIDE = 18;

/** The half of the day that a word beside an hour says. */
function halfBeside(
  text: string,
  start: number,
  end: number,
  hour: number,
  language: Language,
): 'am' | 'pm' | undefined {
  // Another number, or the end of a clause, ends what belongs to this one.
  const after = /^[^\d,;!?。，]{0,18}/u.exec(text.slice(end, end + BESIDE).toLowerCase())?.[0] ?? '';
  const before =
    /[^\d,;!?。，]{0,18}$/u.exec(text.slice(Math.max(0, start - BESIDE), start).toLowerCase())?.[0] ?? '';
  for (const beside of [after, before]) {
    const period = dayPeriods(language).find(({ word }) => hasWord(beside, word));
    if (period !== undefined) {
      return halfIn(period, hour);
    }
  }
  return undefined;
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const alphabetic =
      /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}]/u.test(word);
    if (
      !alphabetic ||
      (!/\p{L}$/u.test(text.slice(0, at)) && !/^\p{L}/u.test(text.slice(at + word.length)))
    ) {
      return true;
    }
  }
  return false;
}
