/** Times of the day in words: "14:30", "17 h", "2:05 PM", "kl. 14.30". */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Spoken } from './written-amounts.ts';

/** How a language puts a time together. */
interface Clockwork {
  /** After the hour, minutes or not. */
  readonly hour?: string;
  /** After an hour below two, where it is another word. */
  readonly oneHour?: string;
  /** Between the hour and its minutes. */
  readonly joint?: string;
  /** After the minutes. */
  readonly minute?: string;
  /** After a full hour alone. */
  readonly full?: string;
  /** Whether all is written in one. */
  readonly unspaced?: boolean;
  /** By which rules hours are counted, up to which one. */
  readonly counted?: readonly [ruleSet: string, last: number];
}

const DAY = 24;
const CLOCKWORKS: ReadonlyMap<string, Clockwork> = new Map<string, Clockwork>(
  Object.entries({
    en: { full: 'o’clock' },
    de: { hour: 'Uhr', counted: ['%spellout-cardinal-masculine', DAY] },
    fr: { hour: 'heures', oneHour: 'heure', counted: ['%spellout-cardinal-feminine', DAY] },
    nl: { hour: 'uur' },
    es: { joint: 'y', counted: ['%spellout-cardinal-feminine', DAY] },
    it: { joint: 'e', counted: ['%spellout-cardinal-feminine', 1] },
    pt: { joint: 'e', counted: ['%spellout-cardinal-feminine', DAY] },
    zh: { hour: '点', minute: '分', unspaced: true },
    ja: { hour: '時', minute: '分', unspaced: true },
    ko: { hour: '시', minute: '분', counted: ['%spellout-cardinal-native-attributive', 12] },
    th: { hour: 'นาฬิกา', minute: 'นาที', unspaced: true },
  } satisfies Readonly<Record<string, Clockwork>>),
);

const HOURS = String.raw`(?<![\d:.,])(?<hours>[01]?\d|2[0-4])`;
const MINUTES = '(?<minutes>[0-5]\\d)';
const HALF = String.raw`(?<half>\s*[ap]\.?\s?m(?:\.|(?!\p{L})))`;
const COLON_TIME = new RegExp(
  String.raw`${HOURS}:${MINUTES}(?![\d:])(?:\s*(?:Uhr|uur|h)(?!\p{L}))?${HALF}?`,
  'giu',
);
/** A full stop between hours and minutes, before what says that it is a time. */
const DOT_TIME = new RegExp(
  String.raw`${HOURS}\.${MINUTES}(?:\s*(?:Uhr|uur)(?!\p{L})|\s*น\.|${HALF})`,
  'giu',
);
/** What else may follow a time with a full stop: no third number, and nothing that is counted. */
const NO_COUNT = String.raw`(?!\d|[.,:]\d|\s?[%\p{Sc}°]|\s?(?:km|cm|mm|kg|ml|GB|MB|m|g|l)(?!\p{L})|\s(?:euro|dol|dól|pro ?[cz]ent|p[eo]r c|kron|grad|kilo|met|mil|mln|mio|mrd))`;
/** Words before a time, where a full stop is no decimal mark. */
const BEFORE_TIME: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    de: 'um|gegen',
    nl: 'om',
    sv: 'kl\\.?|klockan',
    nb: 'kl\\.?|klokka|klokken',
    no: 'kl\\.?|klokka|klokken',
    is: 'kl\\.?',
    it: 'alle|dalle|ore',
    es: 'las',
    pt: 'às|das',
    pl: 'o|godz\\.?|godzinie|godzina',
    et: 'kell',
    sl: 'ob',
    ro: 'ora',
    tr: 'saat',
    ms: 'pukul|jam',
  }).map(([language, words]) => [
    language,
    new RegExp(String.raw`(?<=(?<!\p{L})(?:${words})\s)${HOURS}\.${MINUTES}${NO_COUNT}`, 'giu'),
  ]),
);
/** Languages that write every time so, by ICU. */
const DOTTED: ReadonlySet<string> = new Set(['da', 'fi', 'id']);
const DOTTED_TIME = new RegExp(`${HOURS}\\.${MINUTES}${NO_COUNT}`, 'gu');
const LETTER_TIME = /(?<![\d:.,])(?<hours>[01]?\d|2[0-4])\s?h(?:\s?(?<minutes>[0-5]\d))?(?![\p{L}\d])/gu;

/** Languages that write times with an "h", or an hour alone with a word of its own. */
const WITH_WORD: ReadonlyMap<string, RegExp> = new Map([
  ...['fr', 'pt', 'es', 'ca', 'gl'].map((language) => [language, LETTER_TIME] as const),
  ['de', new RegExp(String.raw`${HOURS}\sUhr(?!\p{L})`, 'gu')],
  ['ko', new RegExp(String.raw`${HOURS}\s?시(?!간)`, 'gu')],
]);

/** `text` with its times in words. */
export function timesInWords(text: string, spoken: Spoken): string {
  const base = baseLanguage(spoken.language);
  const inWords = (_: string, ...rest: readonly unknown[]): string => {
    const groups = rest.at(-1);
    const part = (name: string): string => {
      const value: unknown =
        typeof groups === 'object' && groups !== null ? Reflect.get(groups, name) : undefined;
      return typeof value === 'string' ? value : '';
    };
    return timeInWords(Number(part('hours')), Number(part('minutes')), part('half'), spoken);
  };
  const dotted = DOTTED.has(base) ? DOTTED_TIME : BEFORE_TIME.get(base);
  const patterns = [COLON_TIME, DOT_TIME, dotted, WITH_WORD.get(base)];
  return patterns.reduce(
    (made: string, pattern) => (pattern === undefined ? made : made.replace(pattern, inWords)),
    text,
  );
}

function timeInWords(
  hours: number,
  minutes: number,
  half: string,
  { language, speller, say }: Spoken,
): string {
  const { hour: hourWord, oneHour, joint, minute, full, unspaced = false, counted } = clockworkOf(language);
  const hour = hours < 2 ? (oneHour ?? hourWord) : hourWord;
  const [ruleSet = '', last = 0] = counted ?? [];
  const saidHours =
    hours > 0 && hours <= last && speller.cardinals.includes(ruleSet)
      ? speller.spell(hours, ruleSet)
      : say(hours);
  // Where no word stands between, "14:05" would be heard as 14 and 5.
  const nought = baseLanguage(language) === 'en' ? 'oh' : (hour ?? joint ?? say(0));
  const few = minutes < 10 && nought !== (hour ?? joint) ? [nought] : [];
  const parts =
    minutes === 0
      ? [saidHours, hour, half === '' ? full : undefined]
      : [saidHours, hour, joint, ...few, say(minutes), minute];
  return `${parts.filter((part) => part !== undefined).join(unspaced ? '' : ' ')}${half.replace(/^\b/u, ' ')}`;
}

function clockworkOf(language: Language): Clockwork {
  return CLOCKWORKS.get(baseLanguage(language)) ?? {};
}
