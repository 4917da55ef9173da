/**
 * How many of many values there were up to each of some bounds, and their sum: a histogram in a few words of memory,
 * which a thread may share with another that reads it. It counts frames, so it adds without atomic operations, which
 * would cost ten times as much: were two threads to add in the same moment, as when one takes a leg over from the other,
 * a count might be lost.
 */

import type { Divided } from './counts.ts';

/** Where threads share them values are summed up in tenths: 32 bits of ms are full when one leg has waited for 5 days. */
const TENTHS = 10;
/** What the values above the last bound, and the sum, are called among {@link BucketCounts.entries}. */
export const ABOVE = '+Inf';
export const SUM = 'sum';

export class BucketCounts implements Divided {
  readonly #bounds: readonly number[];
  readonly #names: readonly string[];
  /** A word for each bound, one for what is above the last, one for the sum. */
  readonly #words: Int32Array | Float64Array;

  /**
   * @param bounds upper bounds, the lowest first.
   * @param words {@link bucketWords} of them; default memory of its own, whose sum has no end, as a process's needs it.
   */
  constructor(
    bounds: readonly number[],
    words: Int32Array | Float64Array = new Float64Array(bucketWords(bounds)),
  ) {
    this.#bounds = bounds;
    this.#names = namesOf(bounds);
    this.#words = words;
  }

  /** Counts a value of 0 or more. */
  add(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) {
      bucket += 1;
    }
    const words = this.#words;
    const sum = bounds.length + 1;
    words[bucket] = (words[bucket] ?? 0) + 1;
    words[sum] = (words[sum] ?? 0) + Math.round(value * TENTHS);
  }

  /** How many there were, by the bound they did not exceed and no lower one, then {@link ABOVE} and {@link SUM}. */
  entries(): readonly (readonly [string, number])[] {
    const sum = this.#bounds.length + 1;
    const wraps = this.#words instanceof Int32Array;
    return this.#names.map((name, word) => {
      const count = this.#words[word] ?? 0;
      return [name, word === sum ? (wraps ? count >>> 0 : count) / TENTHS : count];
    });
  }
}

/** By their bounds, since hundreds of legs have the same. */
const names = new WeakMap<readonly number[], readonly string[]>();

/** What each word is called. */
function namesOf(bounds: readonly number[]): readonly string[] {
  const known = names.get(bounds) ?? [...bounds.map(String), ABOVE, SUM];
  names.set(bounds, known);
  return known;
}

/** How many words of 32 bits a histogram needs. */
export function bucketWords(bounds: readonly number[]): number {
  return bounds.length + 2;
}
