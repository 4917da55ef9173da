/**
 * How long a recogniser is usually silent, and from when on its silence is strange: before the first sign of life in an
 * utterance, between two of them, before a final. Nothing is strange before it is known what is usual: some recognisers
 * say nothing before the end, and some sounds have no words. Pure.
 */

import type { AwaitedSign } from '../stt/stt-engine.ts';

/** Silence of so long is strange, in ms, or so many times the usual where that is longer. */
const STRANGE_MS = 1_200;
const TIMES_USUAL = 3;
/** The longest silences of utterances are no averages: twice as long is strange. */
const TIMES_LONGEST = 2;
/** Utterances of which it is learned what is usual, and from how many on. */
const LEARNED = 20;
const FEWEST = 3;
/**
 * Doubts without a reason double the time, up to so often; each {@link LEARNED} utterances heard in time take one
 * back.
 */
const MOST_DOUBLINGS = 2;

export class UsualSilence {
  readonly #firstSigns = new Latest();
  readonly #longest = new Latest();
  #doublings = 0;
  #inTime = 0;

  /** @param finalMs how long a final usually takes; undefined while that is not known. */
  strangeAfterMs(before: AwaitedSign, finalMs: number | undefined): number | undefined {
    const firstSignMs = this.#firstSigns.share(0.5);
    if (firstSignMs === undefined) {
      return undefined;
    }
    const usual = TIMES_USUAL * firstSignMs;
    switch (before) {
      case 'first-sign':
        return this.#atLeast(usual);
      case 'next-sign': {
        const longestMs = this.#longest.share(0.9);
        return this.#atLeast(longestMs === undefined ? 2 * usual : TIMES_LONGEST * longestMs);
      }
      case 'final':
        return this.#atLeast(finalMs === undefined ? 2 * usual : TIMES_USUAL * finalMs);
    }
  }

  heardFirst(afterMs: number): void {
    this.#firstSigns.add(afterMs);
    this.#inTime += 1;
    if (this.#inTime >= LEARNED) {
      this.#inTime = 0;
      this.#doublings = Math.max(0, this.#doublings - 1);
    }
  }

  /** In an utterance, between two signs of life. */
  paused(longestMs: number): void {
    this.#longest.add(longestMs);
  }

  doubtedRightly(): void {
    this.#doublings = 0;
  }

  doubtedForNothing(): void {
    this.#inTime = 0;
    this.#doublings = Math.min(this.#doublings + 1, MOST_DOUBLINGS);
  }

  #atLeast(ms: number): number {
    return Math.max(STRANGE_MS, ms) * 2 ** this.#doublings;
  }
}

/** The latest values of something. */
class Latest {
  readonly #values: number[] = [];

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > LEARNED) {
      this.#values.shift();
    }
  }

  /** The value that so large a share is below, 0 to 1; undefined of too few. */
  share(share: number): number | undefined {
    return this.#values.length < FEWEST
      ? undefined
      : this.#values.toSorted((a, b) => a - b)[Math.floor(this.#values.length * share)];
  }
}
