/**
 * Sentences with numbers in twenty languages, each with a right translation and a wrong one: dates, times, amounts,
 * counts in digits and in words, telephone numbers, written by ICU and CLDR as each language writes them.
 */

import { spelledNumbers } from '../../../src/interpret/text/spelled-numbers.ts';
import { Random } from '../interpret/random.ts';

export interface NumberSentence {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly right: string;
  readonly wrong: string;
}

/** "It is about …", so that a value of any kind fits. */
const FRAMES: Readonly<Record<string, string>> = {
  en: 'We spoke about {} with Ana.',
  de: 'Wir sprachen mit Ana über {}.',
  fr: 'Nous avons parlé de {} avec Ana.',
  es: 'Hablamos con Ana sobre {}.',
  it: 'Abbiamo parlato con Ana di {}.',
  pt: 'Falamos com a Ana sobre {}.',
  nl: 'Wij spraken met Ana over {}.',
  sv: 'Vi talade med Ana om {}.',
  da: 'Vi talte med Ana om {}.',
  fi: 'Puhuimme Anan kanssa: {}.',
  pl: 'Rozmawialiśmy z Aną: {}.',
  cs: 'Mluvili jsme s Anou: {}.',
  hu: 'Anával erről beszéltünk: {}.',
  ru: 'Мы говорили с Анной: {}.',
  uk: 'Ми говорили з Анною: {}.',
  tr: 'Ana ile konuştuk: {}.',
  ar: 'تحدثنا مع آنا عن {}.',
  hi: 'हमने आना से बात की: {}.',
  ja: 'アナさんと{}について話しました。',
  zh: '我们和安娜谈了{}。',
};
const LANGUAGES = Object.keys(FRAMES);
const CURRENCIES = ['EUR', 'USD', 'GBP', 'JPY'];

/** How a value is written in a language; undefined where the language does not write it so. */
type Written = (language: string) => string | undefined;

interface Drawn {
  readonly kind: string;
  readonly right: Written;
  readonly wrong: Written;
}

export function numberSentences(wanted: number, seed: number): readonly NumberSentence[] {
  const random = new Random(seed);
  const sentences: NumberSentence[] = [];
  for (let index = 0; sentences.length < wanted; index += 1) {
    const from = LANGUAGES[index % LANGUAGES.length] ?? 'en';
    const to =
      LANGUAGES[(index + 1 + Math.floor(random.unit() * (LANGUAGES.length - 1))) % LANGUAGES.length] ?? 'de';
    const { kind, right, wrong } = drawn(index, random);
    const [source, target, other] = [right(from), right(to), wrong(to)];
    if (from !== to && source !== undefined && target !== undefined && other !== undefined) {
      sentences.push({
        kind,
        from,
        to,
        source: framed(from, source),
        right: framed(to, target),
        wrong: framed(to, other),
      });
    }
  }
  return sentences;
}

function framed(language: string, value: string): string {
  return (FRAMES[language] ?? '{}').replace('{}', value);
}

function drawn(index: number, random: Random): Drawn {
  const upTo = (most: number): number => Math.floor(random.unit() * most);
  switch (index % 7) {
    case 0:
    case 1: {
      const length = index % 2 === 0 ? ('long' as const) : ('short' as const);
      const day = Date.UTC(2020 + upTo(9), upTo(12), 1 + upTo(28));
      const other = day + 86_400_000 * (1 + upTo(400));
      // Short dates give the year in two figures and the month and the day in either order: long ones in the target.
      return {
        kind: `date, ${length}`,
        right: (language) => date(day, language, length),
        wrong: (language) => date(other, language, 'long'),
      };
    }
    case 2: {
      const minutes = upTo(24 * 60);
      const other = (minutes + 7 + upTo(600)) % 1_440;
      return {
        kind: 'time',
        right: (language) => time(minutes, language),
        wrong: (language) => time(other, language),
      };
    }
    case 3: {
      const currency = CURRENCIES[upTo(4)] ?? 'EUR';
      const amount = currency === 'JPY' ? 3 + upTo(90_000) : Math.round(300 + random.unit() * 9e5) / 100;
      return {
        kind: 'money',
        right: (language) => money(amount, currency, language),
        wrong: (language) => money(amount * 10, currency, language),
      };
    }
    case 4: {
      const value = 1_000 + upTo(9_000_000);
      return {
        kind: 'count',
        right: (language) => count(value, language),
        wrong: (language) => count(value + 1 + upTo(99), language),
      };
    }
    case 5: {
      const value = 13 + upTo(987);
      let asked = 0;
      // In digits on one side, in words on the other.
      return {
        kind: 'words',
        right: (language) => (asked++ === 0 ? count(value, language) : words(value, language)),
        wrong: (language) => words(value === 999 ? 998 : value + 1, language),
      };
    }
    default: {
      const digits = Array.from({ length: 9 }, () => String(upTo(10))).join('');
      const swapped = `${digits.slice(0, 5)}${(Number(digits[5]) + 1) % 10}${digits.slice(6)}`;
      let asked = 0;
      return {
        kind: 'telephone',
        right: () => grouped(`0${digits}`, asked++ === 0 ? 2 : 3),
        wrong: () => grouped(`0${swapped}`, 3),
      };
    }
  }
}

function date(ms: number, language: string, length: 'long' | 'short'): string {
  const options =
    length === 'long'
      ? { dateStyle: 'long' as const }
      : ({ day: 'numeric', month: 'numeric', year: 'numeric' } as const);
  return new Intl.DateTimeFormat(`${language}-u-ca-gregory`, { ...options, timeZone: 'UTC' }).format(
    new Date(ms),
  );
}

function time(minutes: number, language: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' }).format(
    new Date(minutes * 60_000),
  );
}

function money(amount: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay: 'name' }).format(
    amount,
  );
}

function count(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

function words(value: number, language: string): string | undefined {
  const speller = spelledNumbers(language);
  const name = speller?.cardinals.find((each) => !each.includes('days'));
  return name === undefined ? undefined : speller?.spell(value, name);
}

function grouped(digits: string, size: number): string {
  return digits.replace(new RegExp(`(\\d{${size}})(?=\\d)`, 'g'), '$1 ');
}
