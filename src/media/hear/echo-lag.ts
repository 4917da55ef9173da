/**
 * How late an echo is: the lag at which what is heard resembles most what was played, by the normalised correlation
 * of the last 100 ms or so. The sums for all lags are kept and each frame adds its own, so that a frame costs 45,000
 * multiplications, about 10 us.
 */

import { correlate, PRODUCT_SUMS, SOUND, STRETCH } from '../dsp/correlation.ts';
import { LOW_FRAME_SAMPLES } from './low-band.ts';

/** Lags looked at, in samples of 0.5 ms: up to 560 ms. */
const MOST_LAG_SAMPLES = 1_120;

/** What a frame keeps of the sums before it: half of them is gone after 3 frames. */
const KEEP = 0.8;
/** Squares of the played sound below this are no sound: 1 in a sample of 16 bits, over a frame. */
const LEAST_PLAYED = 40;

/**
 * The sum of squares before each sample of what was played for a frame, at all lags: the same memory for all legs of a
 * thread, since nothing in it outlives a call.
 */
const SQUARES = new Float64Array(MOST_LAG_SAMPLES + LOW_FRAME_SAMPLES + 1);

export interface LagFound {
  readonly lagSamples: number;
  /** The square of the normalised correlation, 0 to 1. */
  readonly likeness: number;
}

export class EchoLag {
  readonly #products = new Float32Array(MOST_LAG_SAMPLES);
  readonly #playedEnergy = new Float32Array(MOST_LAG_SAMPLES);
  #heardEnergy = 0;
  #frames = 0;

  /** Forgets what was heard. */
  clear(): void {
    this.#products.fill(0);
    this.#playedEnergy.fill(0);
    this.#heardEnergy = 0;
  }

  /** Call it for a frame that is not looked at, so that what came before counts for less. */
  skip(): void {
    this.#frames += 1;
  }

  /**
   * Adds a frame and finds the lag.
   * @param heardFrom where it begins in `heard`; @param playedFrom the place in `played` that is its lag 0.
   */
  find(heard: Float32Array, heardFrom: number, played: Float32Array, playedFrom: number): LagFound {
    const keep = KEEP ** (this.#frames + 1);
    this.#frames = 0;
    this.#heardEnergy = this.#heardEnergy * keep + loadHeard(heard, heardFrom);
    loadPlayed(played, playedFrom - MOST_LAG_SAMPLES + 1);
    correlate(LOW_FRAME_SAMPLES, MOST_LAG_SAMPLES);
    return this.#add(keep);
  }

  /**
   * Adds products and what was played at each lag, which is the place before the last by as many samples, and finds
   * the best one. Fractions are compared without dividing.
   */
  #add(keep: number): LagFound {
    let over = 0;
    let under = 1;
    let lagSamples = 0;
    for (let lag = 0; lag < MOST_LAG_SAMPLES; lag += 1) {
      const place = MOST_LAG_SAMPLES - 1 - lag;
      const product = (this.#products[lag] ?? 0) * keep + (PRODUCT_SUMS[place] ?? 0);
      const played = (SQUARES[place + LOW_FRAME_SAMPLES] ?? 0) - (SQUARES[place] ?? 0);
      const energy = (this.#playedEnergy[lag] ?? 0) * keep + played;
      this.#products[lag] = product;
      this.#playedEnergy[lag] = energy;
      const square = product * product;
      if (square * under > over * (energy + LEAST_PLAYED)) {
        over = square;
        under = energy + LEAST_PLAYED;
        lagSamples = lag;
      }
    }
    return { lagSamples, likeness: over / under / Math.max(1, this.#heardEnergy) };
  }
}

/** Takes the frame that is heard; returns its energy. */
function loadHeard(heard: Float32Array, from: number): number {
  let energy = 0;
  for (let i = 0; i < LOW_FRAME_SAMPLES; i += 1) {
    const sample = heard[from + i] ?? 0;
    STRETCH[i] = sample;
    energy += sample * sample;
  }
  return energy;
}

/** Takes what was played from the greatest lag on. */
function loadPlayed(played: Float32Array, from: number): void {
  let squares = 0;
  for (let i = 0; i < MOST_LAG_SAMPLES + LOW_FRAME_SAMPLES; i += 1) {
    const sample = played[from + i] ?? 0;
    SOUND[i] = sample;
    squares += sample * sample;
    SQUARES[i + 1] = squares;
  }
}
