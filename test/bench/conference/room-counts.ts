/**
 * What vendors were asked for, against what was said: pure. A clause is found on any wire by the word that only it
 * has, so for each clause and each language that somebody listens in there must be one translation and one synthesis,
 * however many listen. Text without such a word is the beginning of a clause whose end is counted.
 */

import { translate } from '../interpret/pseudo-translation.ts';
import { bareWord, wordsOf } from '../interpret/word-truth.ts';
import type { Asked, RoomVendorFacts } from './room-facts.ts';
import { clausesOf, otherLanguages, type RoomScript, speakersOf, streamsWanted } from './room-script.ts';

/**
 * A translation that is not there by then is asked for a second time, after 400 ms; less, so that no timer is too
 * early.
 */
const HEDGED_AFTER_MS = 300;

/** Translations, or syntheses. */
export interface Tally {
  /** What was asked for in all. */
  readonly asked: number;
  /** Segments that were asked for, each in as many languages as its speaker needs: so many of both together. */
  readonly wanted: number;
  /** Requests for these. 1 for each of them, where nothing is repeated. */
  readonly counted: number;
  /** What was said and not asked for: the language, and the word that only this clause has. */
  readonly missing: readonly string[];
  /** Requests for what had been asked for already in that language. */
  readonly repeated: number;
  /** Of what was asked for already, those that came because the answer was late. */
  readonly again: number;
  /** Requests in a language that nobody in the room listens in. */
  readonly strange: number;
}

export interface RoomCounts {
  readonly clauses: number;
  readonly streamsWanted: number;
  readonly streamsOpened: number;
  /** Streams that were given nothing to hear. */
  readonly streamsIdle: number;
  /** What was said with these is not known, so as much may be missing. */
  readonly brokenSounds: number;
  readonly translations: Tally;
  readonly syntheses: Tally;
  readonly overlaps: number;
}

/**
 * Counts what `facts` has of the run.
 * @param before what they were before anybody called: a server tries its engines when it starts.
 */
export function countRun(script: RoomScript, facts: RoomVendorFacts, before: RoomVendorFacts): RoomCounts {
  const streamsHeardMs = facts.streamsHeardMs.slice(before.streamsHeardMs.length);
  const languages = new Map(
    clausesOf(speakersOf(script)).map(({ code, speaker }) => [
      code,
      otherLanguages(script, speaker.language),
    ]),
  );
  return {
    clauses: languages.size,
    streamsWanted: streamsWanted(script),
    streamsOpened: streamsHeardMs.length,
    streamsIdle: streamsHeardMs.filter((heardMs) => heardMs === 0).length,
    brokenSounds: facts.brokenSounds - before.brokenSounds,
    translations: tallyOf(facts.translations, languages, (word) => word),
    // A translated word has a letter in front.
    syntheses: tallyOf(facts.syntheses, languages, (word) => word.slice(1)),
    overlaps: facts.overlaps,
  };
}

/** Whether everything that was said has been asked for. */
export function isWhole({ translations, syntheses }: RoomCounts): boolean {
  return translations.missing.length === 0 && syntheses.missing.length === 0;
}

/** How long it took to ask for the speech of a translation that had been given, in ms, of all that were. */
export function toSpeechMs({ translations, syntheses }: RoomVendorFacts): readonly number[] {
  const askedMs = new Map(
    syntheses.map(({ text, language, askedMs: atMs }) => [`${language} ${text}`, atMs]),
  );
  return translations.flatMap(({ text, language, answeredMs }) => {
    const atMs = askedMs.get(`${language} ${translate(text)}`);
    return atMs === undefined || answeredMs === undefined ? [] : [atMs - answeredMs];
  });
}

function tallyOf(
  requests: readonly Asked[],
  languages: ReadonlyMap<string, readonly string[]>,
  sourceOf: (word: string) => string,
): Tally {
  /** By language and clause, the first request for it. */
  const first = new Map<string, Asked>();
  const segments = new Map<string, number>();
  let [counted, repeated, again, strange] = [0, 0, 0, 0];
  for (const asked of requests) {
    const codes = wordsOf(asked.text)
      .map((word) => sourceOf(bareWord(word)))
      .filter((word) => languages.has(word));
    const wanted = languages.get(codes[0] ?? '');
    if (wanted === undefined) {
      continue;
    }
    const keys = codes.map((code) => `${asked.language} ${code}`);
    const before = keys.map((key) => first.get(key)).find((one) => one !== undefined);
    segments.set(codes.join(' '), wanted.length);
    if (!wanted.includes(asked.language)) {
      strange += 1;
    } else if (before === undefined) {
      counted += 1;
    } else if (asked.askedMs - before.notBeforeMs >= HEDGED_AFTER_MS) {
      again += 1;
    } else {
      counted += 1;
      repeated += 1;
    }
    for (const key of keys) {
      first.set(key, first.get(key) ?? asked);
    }
  }
  const missing = [...languages].flatMap(([code, wanted]) =>
    wanted.map((language) => `${language} ${code}`).filter((key) => !first.has(key)),
  );
  const wanted = [...segments.values()].reduce((sum, count) => sum + count, 0);
  return { asked: requests.length, wanted, counted, missing, repeated, again, strange };
}
