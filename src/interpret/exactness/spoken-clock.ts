/**
 * Times that are said as minutes before or after an hour, or a half of one: "zwanzig nach drei", "twenty to four", "tien
 * voor half vier".
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import type { Said } from './reading.ts';

const HALF_DAY = 720;
/** Languages in which minutes may be those of the hour that has begun: "двадцать минут четвёртого" is 3:20. */
const OF_NEXT_HOUR: ReadonlySet<string> = new Set(['ru', 'uk', 'be']);

/**
 * Whether `words`, two numbers of `language`, may say the time that `time` is; `perhaps` when one number is all that
 * could be read, and is one of its minutes.
 */
export function saysTime(
  time: Said,
  words: readonly Said[],
  language: Language,
): 'surely' | 'perhaps' | 'no' {
  const wanted = time.readings.flatMap((reading) =>
    reading.type === 'time' && reading.minutes % 60 !== 0 ? [reading.minutes % HALF_DAY] : [],
  );
  const [one, other, ...more] = words;
  if (wanted.length === 0 || one === undefined || more.length > 0) {
    return 'no';
  }
  if (other === undefined) {
    const minutes = minutesOf(one);
    return minutes.some((each) => wanted.some((at) => isMinuteOf(each, at))) ? 'perhaps' : 'no';
  }
  const said = [...timesOf(one, other, language), ...timesOf(other, one, language)];
  return said.some((each) => wanted.includes((each + HALF_DAY) % HALF_DAY)) ? 'surely' : 'no';
}

function isMinuteOf(minutes: number, at: number): boolean {
  const past = at % 60;
  return minutes > 0 && [past, 60 - past, Math.abs(30 - past)].includes(minutes);
}

function timesOf(hour: Said, minute: Said, language: Language): readonly number[] {
  return hoursOf(hour).flatMap((at) =>
    minutesOf(minute).flatMap((minutes) => [
      at + minutes,
      at - minutes,
      ...(OF_NEXT_HOUR.has(baseLanguage(language)) ? [at - 60 + minutes] : []),
    ]),
  );
}

function hoursOf({ readings }: Said): readonly number[] {
  return readings.flatMap((reading) =>
    reading.type === 'time'
      ? [reading.minutes % HALF_DAY]
      : reading.type === 'number' &&
          Number.isInteger(reading.value) &&
          reading.value > 0 &&
          reading.value <= 24
        ? [(reading.value * 60) % HALF_DAY]
        : [],
  );
}

/** "Cuatro menos veinte": what is a minus elsewhere is a way to an hour here. */
function minutesOf({ readings }: Said): readonly number[] {
  return readings.flatMap((reading) => {
    const minutes = reading.type === 'number' ? Math.abs(reading.value) : 0;
    return Number.isInteger(minutes) && minutes > 0 && minutes < 60 ? [minutes] : [];
  });
}
