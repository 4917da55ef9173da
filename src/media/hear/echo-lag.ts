/**
 * How late an echo is: the lag at which what is heard resembles most what was played, by the normalised correlation
 * of the last 100 ms or so. The sums for all lags are kept and each frame adds its own, so that a frame costs 45,000
 * multiplications, about 40 us.
 */

import { energyOf, LOW_FRAME_SAMPLES } from './low-band.ts';

/** Lags looked at, in samples of 0.5 ms: up to 560 ms. */
const MOST_LAG_SAMPLES = 1_120;

/** What a frame keeps of the sums before it: half of them is gone after 3 frames. */
const KEEP = 0.8;
/** Squares of the played sound below this are no sound: 1 in a sample of 16 bits, over a frame. */
const LEAST_PLAYED = 40;

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
    this.#heardEnergy = this.#heardEnergy * keep + energyOf(heard, heardFrom, LOW_FRAME_SAMPLES);
    this.#addEnergies(played, playedFrom, keep);
    this.#addProducts(heard, heardFrom, played, playedFrom, keep);
    return this.#best();
  }

  #addEnergies(played: Float32Array, playedFrom: number, keep: number): void {
    const sums = this.#playedEnergy;
    let energy = energyOf(played, playedFrom, LOW_FRAME_SAMPLES);
    for (let lag = 0; lag < MOST_LAG_SAMPLES; lag += 1) {
      sums[lag] = (sums[lag] ?? 0) * keep + Math.max(0, energy);
      const comes = played[playedFrom - lag - 1] ?? 0;
      const goes = played[playedFrom - lag + LOW_FRAME_SAMPLES - 1] ?? 0;
      energy += comes * comes - goes * goes;
    }
  }

  /** Four lags at a time, so that each sample heard is loaded once for them. */
  #addProducts(
    heard: Float32Array,
    heardFrom: number,
    played: Float32Array,
    playedFrom: number,
    keep: number,
  ): void {
    const sums = this.#products;
    for (let lag = 0; lag < MOST_LAG_SAMPLES; lag += 4) {
      const from = playedFrom - lag;
      let first = 0;
      let second = 0;
      let third = 0;
      let fourth = 0;
      let p1 = played[from - 1] ?? 0;
      let p2 = played[from - 2] ?? 0;
      let p3 = played[from - 3] ?? 0;
      for (let i = 0; i < LOW_FRAME_SAMPLES; i += 1) {
        const sample = heard[heardFrom + i] ?? 0;
        const p0 = played[from + i] ?? 0;
        first += sample * p0;
        second += sample * p1;
        third += sample * p2;
        fourth += sample * p3;
        p3 = p2;
        p2 = p1;
        p1 = p0;
      }
      sums[lag] = (sums[lag] ?? 0) * keep + first;
      sums[lag + 1] = (sums[lag + 1] ?? 0) * keep + second;
      sums[lag + 2] = (sums[lag + 2] ?? 0) * keep + third;
      sums[lag + 3] = (sums[lag + 3] ?? 0) * keep + fourth;
    }
  }

  #best(): LagFound {
    let best = 0;
    let lagSamples = 0;
    for (let lag = 0; lag < MOST_LAG_SAMPLES; lag += 1) {
      const product = this.#products[lag] ?? 0;
      const likeness = (product * product) / ((this.#playedEnergy[lag] ?? 0) + LEAST_PLAYED);
      if (likeness > best) {
        best = likeness;
        lagSamples = lag;
      }
    }
    return { lagSamples, likeness: best / Math.max(1, this.#heardEnergy) };
  }
}
