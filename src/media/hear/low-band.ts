/**
 * A stream of sound at 2 kHz, with some of its past: what the echo gate compares. The strongest partials of a voice are
 * below 1 kHz, and at 2 kHz half a second is 1,000 samples. The spectrum's slope is taken out (each sample less 0.4 of
 * the one before), so that a correlation has narrow peaks.
 */

import { Resampler, SPEECH_QUALITY } from '../dsp/resampler.ts';
import type { MediaModules } from '../dsp/wasm.ts';

const LOW_HZ = 2_000;
/** Samples of one frame: 2,000 Hz * 0.020 s. */
export const LOW_FRAME_SAMPLES = 40;

const SLOPE = 0.4;
/** What is kept at least: 0.6 s of lags, 0.2 s of lateness, 0.2 s of window and decay. 2 s is enough. */
const KEPT_SAMPLES = 4_000;
/** The buffer is moved to its beginning when it is full: once in 2 s. */
const BUFFER_SAMPLES = 8_000;

export class LowBand {
  /** The stream's past; {@link end} is the place after its newest sample. */
  readonly samples = new Float32Array(BUFFER_SAMPLES);
  readonly #modules: MediaModules;
  #resampler: Resampler | undefined;
  #end = KEPT_SAMPLES;
  #before = 0;

  constructor(modules: MediaModules) {
    this.#modules = modules;
  }

  get end(): number {
    return this.#end;
  }

  /** Adds one frame of 20 ms at any rate; 2 us at 8 kHz, 4 us at 16 kHz. */
  push(pcm: Int16Array, rateHz: number): void {
    if (this.#resampler?.fromHz !== rateHz) {
      this.#resampler?.close();
      this.#resampler = new Resampler(this.#modules, rateHz, LOW_HZ, SPEECH_QUALITY);
    }
    const low = this.#resampler.process(pcm);
    const from = this.#room();
    for (let i = 0; i < LOW_FRAME_SAMPLES; i += 1) {
      const sample = low[i] ?? 0;
      this.samples[from + i] = sample - SLOPE * this.#before;
      this.#before = sample;
    }
  }

  /** Adds a frame as if it were silence, at no cost. */
  skip(): void {
    const from = this.#room();
    this.samples.fill(0, from, from + LOW_FRAME_SAMPLES);
    this.#before = 0;
  }

  /** Makes place for a frame; returns where it begins. */
  #room(): number {
    if (this.#end + LOW_FRAME_SAMPLES > BUFFER_SAMPLES) {
      this.samples.copyWithin(0, this.#end - KEPT_SAMPLES, this.#end);
      this.#end = KEPT_SAMPLES;
    }
    const from = this.#end;
    this.#end += LOW_FRAME_SAMPLES;
    return from;
  }

  /** Frees the library's memory. */
  close(): void {
    this.#resampler?.close();
    this.#resampler = undefined;
  }
}

/** The sum of squares of `count` samples from `from` on. */
export function energyOf(samples: Float32Array, from: number, count: number): number {
  let energy = 0;
  for (let i = from; i < from + count; i += 1) {
    const sample = samples[i] ?? 0;
    energy += sample * sample;
  }
  return energy;
}
