/** Times of the day in words: "14:30", "17 h", "2:05 PM". */

import { baseLanguage, type Language } from '../../base/language.ts';

/** How a language puts a time together. */
interface Clockwork {
  /** After the hour, minutes or not. */
  readonly hour?: string;
  /** Between the hour and its minutes. */
  readonly joint?: string;
  /** After the minutes. */
  readonly minute?: string;
  /** After a full hour alone. */
  readonly full?: string;
  /** Whether all is written in one. */
  readonly unspaced?: boolean;
}

const CLOCKWORKS: ReadonlyMap<string, Clockwork> = new Map(
  Object.entries({
    en: { full: 'o’clock' },
    de: { hour: 'Uhr' },
    fr: { hour: 'heures' },
    nl: { hour: 'uur' },
    es: { joint: 'y' },
    it: { joint: 'e' },
    pt: { joint: 'e' },
    zh: { hour: '点', minute: '分', unspaced: true },
    ja: { hour: '時', minute: '分', unspaced: true },
  }),
);

const COLON_TIME =
  /(?<![\d:.,])(?<hours>[01]?\d|2[0-4]):(?<minutes>[0-5]\d)(?![\d:])(?:\s*(?:Uhr|uur|h)(?!\p{L}))?(?<half>\s*[ap]\.?\s?m(?:\.|(?!\p{L})))?/giu;
/** A full stop between hours and minutes, before the word that says that it is a time. */
const DOT_TIME = /(?<![\d:.,])(?<hours>[01]?\d|2[0-4])\.(?<minutes>[0-5]\d)\s*(?:Uhr|uur)(?!\p{L})/gu;
const LETTER_TIME = /(?<![\d:.,])(?<hours>[01]?\d|2[0-4])\s?h(?:\s?(?<minutes>[0-5]\d))?(?![\p{L}\d])/gu;

/** Languages that write times with an "h". */
const WITH_LETTER: ReadonlySet<string> = new Set(['fr', 'pt', 'es', 'ca', 'gl']);

/** `text` with its times in words. */
export function timesInWords(text: string, language: Language, say: (value: number) => string): string {
  const base = baseLanguage(language);
  const inWords = (_: string, ...rest: readonly unknown[]): string => {
    const groups = rest.at(-1);
    const part = (name: string): string => {
      const value: unknown =
        typeof groups === 'object' && groups !== null ? Reflect.get(groups, name) : undefined;
      return typeof value === 'string' ? value : '';
    };
    return timeInWords(Number(part('hours')), Number(part('minutes')), part('half'), base, say);
  };
  const dotted = text.replace(COLON_TIME, inWords).replace(DOT_TIME, inWords);
  return WITH_LETTER.has(base) ? dotted.replace(LETTER_TIME, inWords) : dotted;
}

function timeInWords(
  hours: number,
  minutes: number,
  half: string,
  base: string,
  say: (value: number) => string,
): string {
  const { hour, joint, minute, full, unspaced = false } = CLOCKWORKS.get(base) ?? {};
  const few = base === 'en' && minutes < 10 ? ['oh'] : [];
  const parts =
    minutes === 0
      ? [say(hours), hour, half === '' ? full : undefined]
      : [say(hours), hour, joint, ...few, say(minutes), minute];
  return `${parts.filter((part) => part !== undefined).join(unspaced ? '' : ' ')}${half}`;
}
