/**
 * Chance that can be had again: a stream of numbers per seed, and draws that depend on a text alone, so that two
 * policies who ask an engine the same question wait for its answer equally long.
 */

import { seededRandom } from '../../asterisk/audio.ts';

export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** From 0 to below 1. */
  unit(): number {
    return this.#next();
  }

  /** From `from` to below `to`. */
  between(from: number, to: number): number {
    return from + (to - from) * this.#next();
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  /** One of `choices`, which must not be empty. */
  pick<T>(choices: readonly T[]): T {
    const picked = choices[Math.floor(this.#next() * choices.length)];
    if (picked === undefined) {
      throw new RangeError('there is nothing to pick from');
    }
    return picked;
  }

  /** Normally distributed, mean 0 and deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#next())) * Math.cos(2 * Math.PI * this.#next());
  }

  /** Lognormally distributed. @param sigma the deviation of the logarithm. */
  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }
}

/** The chance that belongs to `text`: the same each time, whoever asks. */
export function randomOf(seed: number, text: string): Random {
  let hash = seed | 0;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  return new Random(hash);
}
