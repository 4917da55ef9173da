/**
 * The soft noise of a line on which nobody speaks: without it, silence sounds like a call that was dropped. A second of
 * noise is made once per rate and thread, darker than white as the noise of rooms is; a leg reads it from a place of
 * its own.
 */

import { amplitudeAt } from '../dsp/sound.ts';

/** Above this the noise falls by 6 dB an octave. */
const CORNER_HZ = 500;
/** White noise left in it, so that a narrow line hears it as a hiss and not as a rumble. */
const WHITE_SHARE = 0.3;
/** How much of the way to its new loudness the noise moves in a frame: nine tenths in 100 ms. */
const APPROACH = 0.37;
/** Noise softer than this, in samples of root mean square, is none. */
const LEAST_AMPLITUDE = 0.5;

/** By rate in Hz: noise with a root mean square of 1. */
const noises = new Map<number, Float32Array>();

export class ComfortNoise {
  readonly #random: () => number;
  #at = 0;
  #rateHz = 0;
  #noise: Float32Array = new Float32Array(0);
  #amplitude = 0;

  /** @param random 0 to below 1: where in the second of noise a leg begins. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Whether any of it is heard now. */
  get sounding(): boolean {
    return this.#amplitude > 0;
  }

  /** Adds a frame of noise to `mix`, on its way to `levelDbfs`; undefined: to none. */
  mixInto(mix: Float32Array, rateHz: number, levelDbfs: number | undefined): void {
    const from = this.#amplitude;
    const to = approach(from, levelDbfs === undefined ? 0 : amplitudeAt(levelDbfs));
    this.#amplitude = to;
    if (from === 0 && to === 0) {
      return;
    }
    if (rateHz !== this.#rateHz) {
      this.#rateHz = rateHz;
      this.#noise = noiseAt(rateHz);
      this.#at = Math.floor(this.#random() * this.#noise.length);
    }
    const noise = this.#noise;
    const step = (to - from) / mix.length;
    let at = this.#at;
    for (let i = 0; i < mix.length; i += 1) {
      mix[i] = (mix[i] ?? 0) + (noise[at] ?? 0) * (from + step * i);
      at = at + 1 === noise.length ? 0 : at + 1;
    }
    this.#at = at;
  }

  /** Is silent at once. */
  stop(): void {
    this.#amplitude = 0;
  }
}

function approach(amplitude: number, target: number): number {
  const next = amplitude + APPROACH * (target - amplitude);
  return Math.abs(next - target) < LEAST_AMPLITUDE ? target : next;
}

function noiseAt(rateHz: number): Float32Array {
  const known = noises.get(rateHz);
  if (known !== undefined) {
    return known;
  }
  const made = makeNoise(rateHz);
  noises.set(rateHz, made);
  return made;
}

/** A second of noise that goes on without a seam from its end to its beginning. */
function makeNoise(samples: number): Float32Array {
  const noise = new Float32Array(samples);
  const share = 1 - Math.exp((-2 * Math.PI * CORNER_HZ) / samples);
  let low = 0;
  // The second time round the filter has the end of the noise in it.
  for (let round = 0; round < 2; round += 1) {
    let state = 1;
    for (let i = 0; i < samples; i += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      const white = state / 2 ** 31;
      low += share * (white - low);
      noise[i] = low + WHITE_SHARE * share * white;
    }
  }
  const power = noise.reduce((sum, sample) => sum + sample * sample, 0) / samples;
  return noise.map((sample) => sample / Math.sqrt(power));
}
