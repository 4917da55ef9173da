/**
 * How late an echo is: the lag at which what is heard resembles most what was played, by the normalised correlation
 * of the last 100 ms or so. The sums for all lags are kept and each frame adds its own, so that a frame costs 45,000
 * multiplications, about 25 us.
 */

import { LOW_FRAME_SAMPLES } from './low-band.ts';

/** Lags looked at, in samples of 0.5 ms: up to 560 ms. */
const MOST_LAG_SAMPLES = 1_120;

/** What a frame keeps of the sums before it: half of them is gone after 3 frames. */
const KEEP = 0.8;
/** Squares of the played sound below this are no sound: 1 in a sample of 16 bits, over a frame. */
const LEAST_PLAYED = 40;

/**
 * A frame that is heard, what was played for it at all lags, and the sum of squares before each of these samples: the
 * same memory for all legs of a thread, since nothing in it outlives a call. In 64 bits, because each sample is used 40
 * or 1,120 times, and taken out of 32 bits each time it would cost as much as its multiplication.
 */
const HEARD = new Float64Array(LOW_FRAME_SAMPLES);
const PLAYED = new Float64Array(MOST_LAG_SAMPLES + LOW_FRAME_SAMPLES);
const SQUARES = new Float64Array(PLAYED.length + 1);

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
    loadPlayed(played, playedFrom - MOST_LAG_SAMPLES);
    this.#addProducts(keep);
    return this.#addEnergies(keep);
  }

  /** Four lags and four samples at a time, so that each sample is loaded once for all that it is multiplied with. */
  #addProducts(keep: number): void {
    const sums = this.#products;
    for (let lag = 0; lag < MOST_LAG_SAMPLES; lag += 4) {
      const from = MOST_LAG_SAMPLES - lag;
      let first = 0;
      let second = 0;
      let third = 0;
      let fourth = 0;
      // Those played 1, 2 and 3 samples before the four of this round.
      let b1 = PLAYED[from - 1] ?? 0;
      let b2 = PLAYED[from - 2] ?? 0;
      let b3 = PLAYED[from - 3] ?? 0;
      for (let i = 0; i < LOW_FRAME_SAMPLES; i += 4) {
        const h0 = HEARD[i] ?? 0;
        const h1 = HEARD[i + 1] ?? 0;
        const h2 = HEARD[i + 2] ?? 0;
        const h3 = HEARD[i + 3] ?? 0;
        const p0 = PLAYED[from + i] ?? 0;
        const p1 = PLAYED[from + i + 1] ?? 0;
        const p2 = PLAYED[from + i + 2] ?? 0;
        const p3 = PLAYED[from + i + 3] ?? 0;
        first += h0 * p0 + h1 * p1 + (h2 * p2 + h3 * p3);
        second += h0 * b1 + h1 * p0 + (h2 * p1 + h3 * p2);
        third += h0 * b2 + h1 * b1 + (h2 * p0 + h3 * p1);
        fourth += h0 * b3 + h1 * b2 + (h2 * b1 + h3 * p0);
        b3 = p1;
        b2 = p2;
        b1 = p3;
      }
      sums[lag] = (sums[lag] ?? 0) * keep + first;
      sums[lag + 1] = (sums[lag + 1] ?? 0) * keep + second;
      sums[lag + 2] = (sums[lag + 2] ?? 0) * keep + third;
      sums[lag + 3] = (sums[lag + 3] ?? 0) * keep + fourth;
    }
  }

  /** Adds what was played at each lag, and finds the best one. Fractions are compared without dividing. */
  #addEnergies(keep: number): LagFound {
    let over = 0;
    let under = 1;
    let lagSamples = 0;
    for (let lag = 0; lag < MOST_LAG_SAMPLES; lag += 1) {
      const from = MOST_LAG_SAMPLES - lag;
      const energy = (SQUARES[from + LOW_FRAME_SAMPLES] ?? 0) - (SQUARES[from] ?? 0);
      const sum = (this.#playedEnergy[lag] ?? 0) * keep + energy;
      this.#playedEnergy[lag] = sum;
      const product = this.#products[lag] ?? 0;
      const square = product * product;
      if (square * under > over * (sum + LEAST_PLAYED)) {
        over = square;
        under = sum + LEAST_PLAYED;
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
    HEARD[i] = sample;
    energy += sample * sample;
  }
  return energy;
}

/** Takes what was played from the greatest lag on. */
function loadPlayed(played: Float32Array, from: number): void {
  let squares = 0;
  for (let i = 0; i < PLAYED.length; i += 1) {
    const sample = played[from + i] ?? 0;
    PLAYED[i] = sample;
    squares += sample * sample;
    SQUARES[i + 1] = squares;
  }
}
