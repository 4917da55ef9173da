/**
 * Dates in a text: in digits in every order, with the names of months, in Chinese characters with and without eras,
 * years of the Buddhist and the Iranian calendar beside ours.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { declines } from '../text/declension.ts';
import { separatorsOf } from '../text/digits.ts';
import { monthNames } from '../text/month-names.ts';
import { cjkValue } from './cjk-numbers.ts';
import { code, type Reading, type Said, saidInDigits } from './reading.ts';

const ERAS: ReadonlyMap<string, number> = new Map([
  ['令和', 2018],
  ['平成', 1988],
  ['昭和', 1925],
  ['民國', 1911],
  ['民国', 1911],
]);
const CJK = '(?:\\d+|[〇零一二三四五六七八九十]+)';
const CJK_DATE = new RegExp(
  `(?:(令和|平成|昭和|民國|民国)?\\s*(\\d{1,4}|[〇零一二三四五六七八九十元]{1,4})\\s*[年년])?\\s*(?:(${CJK})\\s*[月월](?!間|间))?\\s*(?:(${CJK})\\s*[日号號일](?!間|间))?`,
  'gu',
);

export function cjkDates(text: string): readonly Said[] {
  return [...text.matchAll(CJK_DATE)].flatMap((match) => {
    const [all, era, year, month, day] = match;
    // A number of days or months alone is no date, and one of years only with an era or four digits.
    const dated = month !== undefined || (year !== undefined && (era !== undefined || year.length === 4));
    if (!dated || all.trim() === '') {
      return [];
    }
    const counted = year === '元' ? 1 : yearOf(year);
    const start = match.index + (all.length - all.trimStart().length);
    return [
      saidInDigits(start, match.index + all.length, [
        {
          type: 'date',
          day: day === undefined ? undefined : cjkValue(day),
          month: month === undefined ? undefined : cjkValue(month),
          year: counted === undefined ? undefined : counted + (ERAS.get(era ?? '') ?? 0),
        },
      ]),
    ];
  });
}

function yearOf(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  // Years are read digit by digit: 二〇二四.
  const digits = [...text].map((digit) => '〇一二三四五六七八九'.indexOf(digit === '零' ? '〇' : digit));
  return digits.length === 4 && digits.every((digit) => digit >= 0)
    ? Number(digits.join(''))
    : cjkValue(text);
}

const NUMERIC_DATE = /(?<![\d.,/-])(\d{1,4})\u200f?([./-])\s?(\d{1,2})\u200f?\2\s?(\d{4}|\d{1,2})(?![\d])/gu;
/** "3.10." and "am 3.10. um neun": a day and a month, where a full stop is no decimal mark. */
const DAY_AND_MONTH = /(?<![\d.,/-])(\d{1,2})\.\s?(\d{1,2})\.(?!\d)/gu;
/** "3/10": a day and a month in either order, or a fraction. */
const SLASHED = /(?<![\d.,/-])(\d{1,2})\/(\d{1,2})(?![\d/.,-]\d)/gu;
/** Years of other calendars that are written in a language, less ours. */
const OTHER_YEARS: ReadonlyMap<string, readonly number[]> = new Map([
  ['th', [543]],
  ['fa', [-621, -622]],
  ['lo', [543]],
]);

/** What else the year `year` may be in ours. */
export function otherYears(year: number, language: Language): readonly number[] {
  return (OTHER_YEARS.get(baseLanguage(language)) ?? []).map((less) => year - less);
}

export function numericDates(text: string, language: Language): readonly Said[] {
  const short = separatorsOf(language).decimal === ',' ? [...text.matchAll(DAY_AND_MONTH)] : [];
  const days = [...short, ...text.matchAll(SLASHED)].flatMap((match): readonly Said[] => {
    const [all, a, b] = match;
    const [first, second] = [Number(a), Number(b)];
    const both = [
      ...dates(first, second, undefined, language),
      ...(all.includes('/') ? dates(second, first, undefined, language) : []),
    ];
    const fraction: Reading = { type: 'number', value: first / second, measure: undefined };
    const time: Reading = { type: 'time', minutes: (first % 24) * 60 + second, half: undefined };
    return both.length === 0
      ? []
      : [
          saidInDigits(match.index, match.index + all.length, [
            ...both,
            code(all),
            ...(all.includes('/') ? [fraction] : second >= 10 ? [time] : []),
          ]),
        ];
  });
  const whole = [...text.matchAll(NUMERIC_DATE)].flatMap((match) => {
    const [all, a, mark, b, c] = match;
    const [first, second, third] = [Number(a), Number(b), Number(c)];
    const dayFirst = a?.length === 4 ? [] : dates(first, second, century(c ?? ''), language);
    // Who writes full stops writes the day first.
    const monthFirst =
      a?.length === 4 || (mark === '.' && dayFirst.length > 0)
        ? []
        : dates(second, first, century(c ?? ''), language);
    const yearFirst = a?.length === 4 ? dates(third, second, first, language) : [];
    const readings = [...yearFirst, ...dayFirst, ...monthFirst];
    return readings.length === 0
      ? []
      : [saidInDigits(match.index, match.index + all.length, [...readings, code(all)])];
  });
  return [...whole, ...days];
}

function century(year: string): number {
  return year.length === 2 ? 2_000 + Number(year) : Number(year);
}

function dates(day: number, month: number, year: number | undefined, language: Language): readonly Reading[] {
  if (day < 1 || day > 31 || month < 1 || month > 12) {
    return [];
  }
  const others = year === undefined ? [] : otherYears(year, language);
  return [
    ...[year, ...others].map((each): Reading => ({ type: 'date', day, month, year: each })),
    ...iranianDates(day, month, year, language),
  ];
}

/** A day of the Iranian calendar as days of ours: its year begins on 20 or 21 March, with six months of 31 days. */
function iranianDates(
  day: number,
  month: number,
  year: number | undefined,
  language: Language,
): readonly Reading[] {
  if (baseLanguage(language) !== 'fa' || year === undefined || year < 1_300 || year > 1_500) {
    return [];
  }
  const days = (month <= 7 ? (month - 1) * 31 : 186 + (month - 7) * 30) + day - 1;
  return [20, 21].map((first): Reading => {
    const date = new Date(Date.UTC(year + 621, 2, first + days));
    return {
      type: 'date',
      day: date.getUTCDate(),
      month: date.getUTCMonth() + 1,
      year: date.getUTCFullYear(),
    };
  });
}

/** A name without its last letter says what month it is; an ending is no longer than this. */
const SHORTEST_DECLINED = 5;

const WORD = /[\p{L}\p{M}]{2,}/gu;

/** The month that `name` is, as it is written or declined. */
export function monthCalled(name: string, language: Language): number | undefined {
  const months = monthNames(language);
  const lower = name.toLowerCase();
  const exact = months.get(lower);
  if (exact !== undefined || name.length < 2) {
    return exact;
  }
  if (baseLanguage(language) === 'he') {
    return months.get(lower.replace(/^[בהלמ]/u, ''));
  }
  if (!declines(language)) {
    return undefined;
  }
  const written = lower.replaceAll('i\u0307', 'i');
  const known = stemsOf(language);
  const shortest = Math.max(3, written.length - MOST_ENDING);
  for (let length = Math.min(written.length, LONGEST_STEM); length >= shortest; length -= 1) {
    const month = known.get(written.slice(0, length));
    if (month !== undefined) {
      return month;
    }
  }
  return undefined;
}

const LONGEST_STEM = 14;
const MOST_ENDING = 4;
const stems = new Map<Language, ReadonlyMap<string, number>>();

function stemsOf(language: Language): ReadonlyMap<string, number> {
  const known = stems.get(language);
  const made =
    known ??
    new Map(
      [...monthNames(language)]
        .filter(([name]) => name.length >= 4)
        .map(([name, month]) => [stemOf(name), month]),
    );
  stems.set(language, made);
  return made;
}

function stemOf(name: string): string {
  return name.length >= SHORTEST_DECLINED ? name.slice(0, -1) : name;
}

const namedPatterns = new Map<Language, RegExp>();

export function namedDates(text: string, language: Language): readonly Said[] {
  // The pattern costs as much as all other searches together, and few texts name a month.
  const named =
    baseLanguage(language) === 'vi'
      ? text.includes('tháng')
      : text.match(WORD)?.some((word) => monthCalled(word, language) !== undefined);
  if (named !== true) {
    return [];
  }
  const pattern = namedPatterns.get(language) ?? namedPattern([...monthNames(language).keys()], language);
  namedPatterns.set(language, pattern);
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [all, yearFirst, dayFirst, name = '', dayLast, yearLast] = match;
    const month = /^\d+$/.test(name) ? Number(name) : monthCalled(name, language);
    const day = dayFirst ?? dayLast;
    const year = yearFirst ?? yearLast;
    if (month === undefined || (day === undefined && year === undefined)) {
      return [];
    }
    const start = match.index + (all.length - all.trimStart().length);
    const end = match.index + all.trimEnd().length;
    const parsed = year === undefined ? undefined : Number(year);
    const whole = day === undefined ? [] : dates(Number(day), month, parsed, language);
    return [
      saidInDigits(
        start,
        end,
        whole.length > 0 ? whole : [{ type: 'date', day: undefined, month, year: parsed }],
      ),
    ];
  });
}

function namedPattern(names: readonly string[], language: Language): RegExp {
  const base = baseLanguage(language);
  const months = [...names]
    .sort((a, b) => b.length - a.length)
    .map((name) => {
      const declined = declines(language) && name.length >= 4;
      const written = (declined ? stemOf(name) : name).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return declined ? `${written}\\p{L}{0,4}` : base === 'he' ? `[בהלמ]?${written}` : written;
    });
  const name = base === 'vi' ? '\\d{1,2}' : months.length === 0 ? '(?!)' : months.join('|');
  const before =
    base === 'vi'
      ? '\\s+tháng\\s+'
      : "(?:st|nd|rd|th|er|ère|º|ª|°|\\.|e|-?[а-я]{1,2}|a)?\\s*(?:of\\s+|d'|de\\s+|del\\s+|di\\s+|-an\\s+|na\\s+)?";
  const after = base === 'vi' ? '(?:\\s+năm\\s+|/)' : '\\.?,?\\s*(?:of\\s+|de\\s+|del\\s+|do\\s+|,\\s*)?';
  return new RegExp(
    `(?<!\\d)(?:(\\d{4})[.,]?\\s*(?:de\\s+|m\\.\\s+)?)?(?:(\\d{1,2})${before})?(?<!\\p{L})(${name})(?!\\p{L})` +
      `(?:\\.?,?\\s+(?:the\\s+)?(\\d{1,2})(?:st|nd|rd|th|\\.)?(?![\\d:]|\\s?%))?(?:${after}(\\d{4})(?!\\d))?`,
    'giu',
  );
}

/** How far from a day the name of its month ends, in characters. */
const BESIDE = 24;
const DATE_JOINT = /^(?:\s*(?:of|de|d'|del|di|-an|na))?\s*$/iu;
const AFTER_MONTH = /^[.,]?\s*(?:the\s*)?$/iu;

/** Days in words with the month beside them: "quince de marzo", "pierwszego czerwca", "May the first". */
export function withMonths(found: readonly Said[], text: string, language: Language): readonly Said[] {
  return found.map((said) => {
    const [first] = said.readings;
    if (first?.type !== 'number' || !Number.isInteger(first.value) || first.value < 1 || first.value > 31) {
      return said;
    }
    const after = /^(\P{L}*(?:\p{L}{1,3}'?\s)?\s*)([\p{L}\p{M}]+)/u.exec(
      text.slice(said.end, said.end + BESIDE),
    );
    const before = /([\p{L}\p{M}]+)(\P{L}*(?:the\s)?)$/u.exec(
      text.slice(Math.max(0, said.start - BESIDE), said.start),
    );
    const month =
      (after !== null && DATE_JOINT.test(after[1] ?? '')
        ? monthCalled(after[2] ?? '', language)
        : undefined) ??
      (before !== null && AFTER_MONTH.test(before[2] ?? '')
        ? monthCalled(before[1] ?? '', language)
        : undefined);
    return month === undefined
      ? said
      : { ...said, firm: true, readings: [{ type: 'date', day: first.value, month, year: undefined }] };
  });
}
