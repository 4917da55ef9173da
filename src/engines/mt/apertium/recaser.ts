/**
 * Gives recognisers' lower-case text the capitals that the pair's own dictionary wants: `i`, `london` and
 * `monday` are unknown words to it, `I`, `London` and `Monday` are not. Without them "i would like" becomes
 * "i Gustaría". Text that has any capital was written with care and is left as it is.
 */

import { LRUCache } from 'lru-cache';
import type { NullFlushProcess } from './null-flush-process.ts';
import { escapeStream } from './stream-format.ts';

/** Words remembered: more than a speaker uses, about 1 MB. */
const REMEMBERED_WORDS = 10_000;

export class Recaser {
  readonly #spelling = new LRUCache<string, string>({ max: REMEMBERED_WORDS });

  /**
   * The text with capitals where only they make a known word.
   * @param analyser the pair's first stage.
   * @throws what the analyser throws; the signal's reason when it aborts first.
   */
  async recase(text: string, analyser: NullFlushProcess, signal: AbortSignal): Promise<string> {
    if (text !== text.toLowerCase()) {
      return text;
    }
    const words = text.split(/\s+/).filter((word) => word !== '');
    for (const word of words) {
      if (!this.#spelling.has(word)) {
        this.#spelling.set(word, await spell(word, analyser, signal));
      }
    }
    return words.map((word) => this.#spelling.get(word) ?? word).join(' ');
  }
}

async function spell(word: string, analyser: NullFlushProcess, signal: AbortSignal): Promise<string> {
  const capital = word.charAt(0).toUpperCase() + word.slice(1);
  if (capital === word || (await isKnown(word, analyser, signal))) {
    return word;
  }
  return (await isKnown(capital, analyser, signal)) ? capital : word;
}

/** An unknown word is analysed as itself with a star: `^london/*london$`. */
async function isKnown(word: string, analyser: NullFlushProcess, signal: AbortSignal): Promise<boolean> {
  return !(await analyser.ask(escapeStream(word), signal)).includes('/*');
}
