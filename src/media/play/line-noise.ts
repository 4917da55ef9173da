/**
 * How loud a partner's line is when nobody speaks on it, for the noise that stands in for it: the least power of the
 * last 1.44 s, since a speaker pauses at least for a moment in any such time. One number a frame goes in; what comes
 * out changes each 240 ms.
 */

import { powerAt } from '../dsp/sound.ts';

/** The level in dBFS before it is known. */
const DEFAULT_NOISE_DBFS = -60;
export const LEAST_NOISE_DBFS = -65;
const MOST_NOISE_DBFS = -50;
/** 6 windows of 12 frames are 1.44 s. */
const WINDOWS = 6;
const WINDOW_FRAMES = 12;
/** The power of noise differs from frame to frame; each counts this much, so that one low frame is not the floor. */
const SMOOTHING = 0.3;
/** The least of 72 smoothed frames of noise is this much below their mean. */
const BIAS_DB = 0.6;

export class LineNoise {
  readonly #least = new Float64Array(WINDOWS).fill(Number.POSITIVE_INFINITY);
  #window = 0;
  #frames = 0;
  #smoothed: number | undefined;
  #dbfs = DEFAULT_NOISE_DBFS;

  /** The level in dBFS, from {@link LEAST_NOISE_DBFS} to {@link MOST_NOISE_DBFS}. */
  get dbfs(): number {
    return this.#dbfs;
  }

  /** Takes the power of the next frame, the mean of its samples' squares. */
  push(power: number): void {
    const before = this.#smoothed ?? power;
    const smoothed = before + SMOOTHING * (power - before);
    this.#smoothed = smoothed;
    this.#least[this.#window] = Math.min(this.#least[this.#window] ?? smoothed, smoothed);
    this.#frames += 1;
    if (this.#frames === WINDOW_FRAMES) {
      this.#frames = 0;
      this.#judge();
      this.#window = (this.#window + 1) % WINDOWS;
      this.#least[this.#window] = Number.POSITIVE_INFINITY;
    }
  }

  /** Once all windows have been filled, the oldest among them, the level is known. */
  #judge(): void {
    const oldest = this.#least[(this.#window + 1) % WINDOWS] ?? Number.POSITIVE_INFINITY;
    if (oldest < Number.POSITIVE_INFINITY) {
      const dbfs = 10 * Math.log10(Math.min(...this.#least) / powerAt(0)) + BIAS_DB;
      this.#dbfs = Math.max(LEAST_NOISE_DBFS, Math.min(MOST_NOISE_DBFS, dbfs));
    }
  }
}
