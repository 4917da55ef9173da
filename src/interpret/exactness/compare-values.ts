/**
 * Whether a translation says the numbers that its source says. Three answers: the same, another value, cannot tell.
 * Only what is surely wrong is called another value; what may be said in a way that is not known here is left alone.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { numberWordsOf, phraseKey } from '../text/number-words.ts';
import { type Measure, sameAmount } from './measures.ts';
import type { Reading, Said } from './reading.ts';
import { monthCalled } from './said-dates.ts';
import { saidValues } from './said-values.ts';
import { saysTime } from './spoken-clock.ts';

export interface Compared {
  readonly outcome: 'same' | 'another' | 'unknown';
  /** What the source says and the translation does not. */
  readonly lost: readonly Said[];
  /** What the translation says and the source does not. */
  readonly added: readonly Said[];
  /** What of the translation the source says, too, where something was lost. */
  readonly kept: readonly Said[];
}

const SAME: Compared = { outcome: 'same', lost: [], added: [], kept: [] };

/** Words that say a number without a number: halves and quarters, noon, dozens, pairs. */
const ROUNDABOUT =
  /(?<!\p{L})(?:half|halves|quarters?|noon|midday|midnight|dozens?|couples?|both|twice|once|pairs?|fortnights?|double|halb|halbe[nrs]?|halbjahr\p{L}*|(?:drei)?viertel(?:stunden?|jahr\p{L}*)?|mittags?|mitternacht|dutzend|beide[nrs]?|anderthalb|eineinhalb|medi[oa]s?|cuartos?|mediodía|medianoche|docenas?|ambos|ambas|demie?s?|quarts?|midi|minuit|douzaines?|quinzaines?|mezz[oaei]|mezz(?=['’])|quarti|mezzogiorno|mezzanotte|dozzina|mei[oa]s?|quartos?|dúzias?|kwart|kwartier\p{L}*|half(?:uur|jaar)?|halve|beide|dozijn|halv|halvt|halvtim\p{L}*|halvår\p{L}*|kvart|trekvart|kvarter|begge|båda|dussin|puoli|vartti|pół|kwadrans\p{L}*|południ[ea]|północ|oba|obie|půl|pol|s[ei]mestr\p{L}*|trimestr\p{L}*|čtvrt\p{L}*|tři čtvrtě|пол\p{L}*|четверт\p{L}*|полдень|полночь|дюжин\p{L}*|оба|обе|пів|чверт\p{L}*|півдні|buçuk\p{L}*|çeyre[kğ]\p{L}*|yarım\p{L}*|yarısı|fél\p{L}{0,4}|negyed\p{L}*|háromnegyed\p{L}*|tucat\p{L}*|puol\p{L}{0,4}|vartti\p{L}*|tusina\p{L}*|polovin\p{L}*|połow\p{L}*|tucet\p{L}*|poledn\p{L}*|půlnoc\p{L}*|jumătate|sfert|μισή|μισό|τέταρτο|و?(?:ال)?نصف|و?(?:ال)?ربع|و?(?:ال)?ثلث|إلا ربعا?|إلا ثلثا?|نیم|ו?חצי|ו?רבע|[ובלכמש]?(?:יומיים|שבועיים|שעתיים|חודשיים|שנתיים|פעמיים|אלפיים|מאתיים)|[وبل]?(?:ال)?(?:يوم|أسبوع|ساعت|شهر|سنت|دقيقت|مرت|عام)(?:ين|ان)|आधा|आधी|साढ़े|डेढ़|ढाई|पौने|सवा|ครึ่ง|rưỡi|nửa|setengah|separuh|절반)(?!\p{L})|半|半分|正午|刻|ครึ่ง|เที่ยง|(?<=[시월년개간 ])반|정오|자정/iu;
/** What is measured in ways that are not known here: squares and cubes, spoons and cups, packs. */
const CONVERTED =
  /(?<!\p{L})(?:square|sq\.?|cubic|quadrat\p{L}*|carrés?|carrées?|cuadrad\p{L}*|quadrad\p{L}*|quadrat[oi]|vierkante|kvadrat\p{L}*|kwadrat\p{L}*|čtvereční\p{L}*|квадрат\p{L}*|neliö\p{L}*|négyzet\p{L}*|metrekare|tablespoons?|teaspoons?|cups?|acres?|hectares?|stones?|pints?|quarts?|esslöffel|teelöffel|cuillères?|cucharad\p{L}*)(?!\p{L})|[²³]|平方|平米|坪|亩|畝|大さじ|小さじ|カップ|평|제곱/iu;
/** Below freezing, said elsewhere in the sentence. */
const BELOW =
  /below zero|below freezing|unter null|bajo cero|sous zéro|sotto (?:lo )?zero|abaixo de zero|onder nul|under noll|under null|ниже нуля|нижче нуля|poniżej zera|pod nulou|sıfırın altında|fagypont|pakkas|氷点下|تحت الصفر|زیر صفر|शून्य से नीचे/iu;
/** CLDR has their number words in all forms that a sentence needs, so that a number that is not there is lost. */
const WELL_KNOWN: ReadonlySet<string> = new Set(
  'en es fr de it pt nl sv da nb no ca tr id ms vi hu fi'.split(' '),
);
/** What has few forms and many ways around it. */
const SMALL = 2;
const SPOKEN = 12;

export function compareValues(source: string, from: Language, translation: string, to: Language): Compared {
  const said = saidValues(source, from);
  const heard = saidValues(translation, to);
  if (said.every(({ firm }) => !firm) && heard.every(({ inDigits }) => !inDigits)) {
    return SAME;
  }
  const signed = !BELOW.test(source) && !BELOW.test(translation);
  const left = new Set(heard);
  const lost: Said[] = [];
  const pairs: (readonly [Said, Said])[] = [];
  // What has one reading is laid first, so that it is not taken by what has many.
  for (const each of [...said].sort(
    (a, b) => a.readings.length - b.readings.length || Number(b.firm) - Number(a.firm),
  )) {
    const same = [...left].find((other) => agrees(each, other, !signed));
    if (same !== undefined) {
      left.delete(same);
      pairs.push([each, same]);
    } else if (each.firm) {
      lost.push(each);
    }
  }
  const added = [...left].filter(({ firm }) => firm);
  const swapped = lost.length === 0 ? crossed(pairs) : [];
  if (swapped.length > 0) {
    return {
      outcome: 'another',
      lost: swapped.map(([one]) => one),
      added: swapped.map(([, other]) => other),
      kept: pairs.filter((pair) => !swapped.includes(pair)).map(([, other]) => other),
    };
  }
  const words = [...left].filter(({ inDigits }) => !inDigits);
  const clock =
    lost.length === 1 && lost[0] !== undefined
      ? saysTime(lost[0], words, to)
      : added.length === 1 && added[0] !== undefined && lost.every(({ inDigits }) => !inDigits)
        ? saysTime(added[0], lost, from)
        : 'no';
  if (
    lost.length === 0 ||
    clock === 'surely' ||
    sameSum(lost, added) ||
    sameDigits(lost, added, source, translation, said, heard)
  ) {
    return SAME;
  }
  lost.sort((a, b) => a.start - b.start);
  const kept = pairs.map(([, other]) => other);
  const isUnsure = clock === 'perhaps' || lost.every(({ loose }) => loose === true);
  const outcome = isUnsure ? 'unknown' : judged(source, translation, to, lost, added);
  return { outcome, lost, added, kept };
}

function judged(
  source: string,
  translation: string,
  to: Language,
  lost: readonly Said[],
  added: readonly Said[],
): 'another' | 'unknown' {
  if (isOneTime(lost) && isOneTime(added)) {
    return 'another';
  }
  if (added.some(({ inDigits }) => inDigits)) {
    const roundabout = ROUNDABOUT.test(source) !== ROUNDABOUT.test(translation) && lost.every(isTimeOrSmall);
    return roundabout || CONVERTED.test(source) || CONVERTED.test(translation) ? 'unknown' : 'another';
  }
  if (lost.every((each) => isPartOfWord(each, translation, to))) {
    return 'unknown';
  }
  if (ROUNDABOUT.test(translation) || ROUNDABOUT.test(source)) {
    return 'unknown';
  }
  if (added.length > 0 && lost.some(({ inDigits }) => inDigits)) {
    return 'another';
  }
  // Nothing stands where it should: lost, unless there are words for it that are not known here.
  const surely = lost.some(
    (each) => each.inDigits && !isUpTo(each, WELL_KNOWN.has(baseLanguage(to)) ? SMALL : SPOKEN),
  );
  return surely ? 'another' : 'unknown';
}

/**
 * Whether a word of `text` says the number within itself, as "Sechserpack" does, or the month of a date whose day has
 * endings that are not known here.
 */
function isPartOfWord({ readings }: Said, text: string, language: Language): boolean {
  const plain = phraseKey(text);
  const words = plain.split(/[^\p{L}\p{M}]+/u);
  return readings.some((reading) =>
    reading.type === 'date'
      ? reading.day !== undefined && words.some((word) => monthCalled(word, language) === reading.month)
      : reading.type === 'number' &&
        [...numberWordsOf(language).phrases].some(
          ([word, { value }]) =>
            value === reading.value && word.length >= SHORTEST_PART && plain.includes(word),
        ),
  );
}

/** A shorter number word may be part of any word. */
const SHORTEST_PART = 4;

function isTimeOrSmall({ readings }: Said): boolean {
  return readings.some(
    (reading) => reading.type === 'time' || (reading.type === 'number' && Math.abs(reading.value) <= SPOKEN),
  );
}

/** Whether `all` is one time of the day and can be nothing else: "halb acht" is none of "7:00". */
function isOneTime(all: readonly Said[]): boolean {
  return all.length === 1 && all.every(({ readings }) => readings.every(({ type }) => type === 'time'));
}

/** Numbers of one measure that have each other's: "2 tablets in 8 hours" as "8 tablets in 2 hours". */
function crossed(pairs: readonly (readonly [Said, Said])[]): readonly (readonly [Said, Said])[] {
  const measured = pairs.flatMap((pair) => {
    const [one, other] = [countedBy(pair[0]), countedBy(pair[1])];
    return one !== undefined && other !== undefined && one.value === other.value
      ? [{ pair, value: one.value, source: one.name, target: other.name }]
      : [];
  });
  return measured
    .filter((a) =>
      measured.some(
        (b) =>
          a.value !== b.value &&
          ((a.source !== undefined &&
            a.source === b.target &&
            a.target === undefined &&
            b.source === undefined) ||
            (a.target !== undefined &&
              a.target === b.source &&
              a.source === undefined &&
              b.target === undefined)),
      ),
    )
    .map(({ pair }) => pair);
}

/** A number and the name of what it counts: "2 horas" may be a time, and are hours. */
function countedBy({
  readings,
}: Said): { readonly value: number; readonly name: string | undefined } | undefined {
  const number = readings.find((reading) => reading.type === 'number');
  const name = number?.measure?.name ?? (readings[0]?.type === 'time' ? 'hour' : undefined);
  return number === undefined ? undefined : { value: number.value, name };
}

/** Whether what is measured is the same together: feet and inches as metres. */
function sameSum(lost: readonly Said[], added: readonly Said[]): boolean {
  const [one, other] = [sumOf(lost), sumOf(added)];
  return lost.length + added.length > 2 && one !== undefined && other !== undefined && one.kind === other.kind
    ? sameAmount(one.sum, { ...one, name: 'sum', scale: 1 }, other.sum, { ...other, name: 'other', scale: 1 })
    : false;
}

function sumOf(all: readonly Said[]): { readonly kind: Measure['kind']; readonly sum: number } | undefined {
  const parts = all.map(({ readings: [first] }) => (first?.type === 'number' ? first : undefined));
  const kind = parts[0]?.measure?.kind;
  return kind !== undefined &&
    kind !== 'money' &&
    kind !== 'temperature' &&
    kind !== 'share' &&
    parts.every((part) => part?.measure?.kind === kind)
    ? { kind, sum: parts.reduce((sum, part) => sum + (part?.value ?? 0) * (part?.measure?.scale ?? 0), 0) }
    : undefined;
}

function isUpTo({ readings }: Said, most: number): boolean {
  return readings.some(
    (reading) =>
      reading.type === 'number' && Math.abs(reading.value) <= most && reading.measure === undefined,
  );
}

function agrees(a: Said, b: Said, anySign: boolean): boolean {
  return a.readings.some((one) => b.readings.some((other) => sameReading(one, other, anySign)));
}

function sameReading(a: Reading, b: Reading, anySign: boolean): boolean {
  switch (a.type) {
    case 'number':
      return b.type === 'number'
        ? sameAmount(a.value, a.measure, b.value, b.measure) ||
            (anySign && sameAmount(-a.value, a.measure, b.value, b.measure))
        : b.type !== 'code' && sameReading(b, a, anySign);
    case 'code':
      return b.type === 'code' && a.digits === b.digits;
    case 'date':
      return b.type === 'date'
        ? sameDate(a, b)
        : b.type === 'number' && a.day === undefined && a.month === undefined && a.year === b.value;
    case 'time':
      if (b.type === 'number') {
        const hour = Number.isInteger(b.value) && b.value >= 0 && b.value <= 24 && isClock(b.measure);
        return hour && sameTime(a, { type: 'time', minutes: b.value * 60, half: undefined });
      }
      return b.type === 'time' && sameTime(a, b);
  }
}

/** "Восемь часов" may be an hour of the day and a span of hours. */
function isClock(measure: Measure | undefined): boolean {
  return measure === undefined || measure.name === 'hour';
}

type DateReading = Extract<Reading, { readonly type: 'date' }>;
type TimeReading = Extract<Reading, { readonly type: 'time' }>;

function sameDate(a: DateReading, b: DateReading): boolean {
  const pairs = [
    [a.day, b.day],
    [a.month, b.month],
    [a.year, b.year],
  ] as const;
  const shared = pairs.filter(([one, other]) => one !== undefined && other !== undefined);
  return shared.length > 0 && shared.every(([one, other]) => one === other);
}

function sameTime(a: TimeReading, b: TimeReading): boolean {
  if ((a.minutes - b.minutes) % 720 !== 0) {
    return false;
  }
  const [one, other] = [halfOf(a), halfOf(b)];
  return one === undefined || other === undefined || one === other;
}

/** Which half of the day, as far as it was said: from 13 on it is. */
function halfOf({ minutes, half }: TimeReading): 'am' | 'pm' | undefined {
  // Only clocks of 24 hours have an hour of nought.
  return minutes >= 780 ? 'pm' : minutes > 0 && minutes < 60 ? 'am' : half;
}

/**
 * Whether what is left on both sides is the same row of digits, as numbers of telephones and cards are grouped anew.
 */
function sameDigits(
  lost: readonly Said[],
  added: readonly Said[],
  source: string,
  translation: string,
  said: readonly Said[],
  heard: readonly Said[],
): boolean {
  if ([...lost, ...added].some(({ readings }) => readings.some(({ type }) => type === 'date'))) {
    return false;
  }
  const all = digitsOf(source, said);
  const both = all === digitsOf(translation, heard);
  const left = digitsOf(source, lost);
  // Separators may have moved the decimal point: only numbers in several groups are codes.
  const grouped =
    Math.max(lost.length, added.length) > 1 ||
    /^[^.,]*\d[\s()/-]+\d[^.,]*$|^0\d/u.test(source.slice(lost[0]?.start, lost.at(-1)?.end));
  const spelled = rowOf(source, said);
  const digitByDigit =
    spelled.length === SHORTEST_SPELLED && [said, heard].some((all) => all.length === spelled.length);
  if (
    Math.max(said.length, heard.length) > 2 &&
    (spelled.length > SHORTEST_SPELLED || digitByDigit) &&
    spelled === rowOf(translation, heard)
  ) {
    return true;
  }
  const shortest = /^0/.test(left) ? 1 : 3;
  return grouped && left.length >= shortest && (left === digitsOf(translation, added) || both);
}

/** Three digits are a number that is dialled only where they are said one by one. */
const SHORTEST_SPELLED = 3;

function digitsOf(text: string, said: readonly Said[]): string {
  const sorted = [...said].filter(({ inDigits }) => inDigits).sort((a, b) => a.start - b.start);
  return sorted
    .map(({ start, end }) => text.slice(start, end).normalize('NFKC').replace(/\D/gu, ''))
    .join('');
}

/** All that is said as one row of digits, number words among them: "four seven one one". */
function rowOf(text: string, said: readonly Said[]): string {
  return said
    .map(({ inDigits, start, end, readings: [first] }) =>
      inDigits
        ? text.slice(start, end).normalize('NFKC').replace(/\D/gu, '')
        : first?.type === 'number'
          ? String(first.value)
          : '',
    )
    .join('');
}
