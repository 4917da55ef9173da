/**
 * Finds the word that was stressed again in the translation of its segment. What has to be translated by itself for that
 * is asked for as soon as the segment is cut off, beside its translation, and of stressed segments alone; the sound waits
 * for it no longer than a moment.
 */

import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { Language } from '../../base/language.ts';
import type { Word } from '../../engines/stt/stt-engine.ts';
import { placeOf, probesFor } from '../manner/stress-alignment.ts';
import type { Noted } from '../noted.ts';

/** A cache or an engine of this machine answers in less, and a provider mostly, in ms. */
const PROBE_LIMIT_MS = 300;

/** Resolves with the part of a translation that is to be stressed; undefined: none. Never rejects. */
export type FindStress = (translation: string) => Promise<string | undefined>;

export interface StressFinderOptions {
  readonly from: Language;
  readonly to: Language;
  readonly clock: Clock;
  /** Which of the words was stressed, as far as is known now. */
  readonly stressed: (words: readonly Word[]) => number | undefined;
  readonly translate: (text: string, signal: AbortSignal) => Promise<string>;
  readonly note: (what: Noted, count: number) => void;
}

type Probed = readonly { readonly text: string; readonly led: boolean }[];

export class StressFinder {
  readonly #options: StressFinderOptions;

  constructor(options: StressFinderOptions) {
    this.#options = options;
  }

  /** @param words of the segment. @param signal ends what is asked for. */
  begin(words: readonly Word[], signal: AbortSignal): FindStress {
    const { to, stressed, note } = this.#options;
    const look = () => {
      const place = stressed(words);
      const word = place === undefined ? undefined : words[place]?.text;
      return place === undefined || word === undefined
        ? undefined
        : { word, probed: this.#probe(words, place, signal) };
    };
    let found = look();
    return async (translation) => {
      // The end of what was said may not have been measured when it was cut off.
      found ??= look();
      if (found === undefined) {
        return undefined;
      }
      const part = placeOf(found.word, translation, await found.probed, to);
      note(part === undefined ? 'stress-unplaced' : 'stressed', 1);
      return part;
    };
  }

  /** What comes of the probes in time; nothing of those that fail, of which the segment's own translation tells. */
  async #probe(words: readonly Word[], place: number, signal: AbortSignal): Promise<Probed> {
    const { from, clock, translate } = this.#options;
    const texts = words.map(({ text }) => text);
    const probes = await Promise.all(
      probesFor(texts, place, from).map(async ({ text, led }): Promise<Probed> => {
        try {
          const late = `a word was not translated by itself within ${PROBE_LIMIT_MS} ms`;
          const translated = await withDeadline(clock, PROBE_LIMIT_MS, late, signal, (inner) =>
            translate(text, inner),
          );
          return [{ text: translated, led }];
        } catch {
          return [];
        }
      }),
    );
    return probes.flat();
  }
}
