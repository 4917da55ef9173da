/**
 * One track of a party as a sound without gaps, for who listens to it now: frames at their places on the call's clock,
 * silence where there are none, all at one rate. What comes so late that its place has been given away is left out.
 */

import { frameSamples } from '../../base/units.ts';
import { HEARD_QUALITY, Resampler } from '../../media/dsp/resampler.ts';
import type { MediaModules } from '../../media/dsp/wasm.ts';
import type { SoundPiece } from '../../protocol/recording/recorder-orders.ts';

export class ContinuousSound {
  readonly #modules: MediaModules;
  readonly #rateHz: number;
  /** The first place that was not given away. */
  #next: number;
  /** What is to be at which place, at our rate. */
  #pieces: { readonly frame: number; readonly pcm: Int16Array }[] = [];
  /** Set while what comes has another rate. */
  #resampler: Resampler | undefined;

  /** @param rateHz that it is to have. @param from the place that it begins at. */
  constructor(modules: MediaModules, rateHz: number, from: number) {
    this.#modules = modules;
    this.#rateHz = rateHz;
    this.#next = from;
  }

  /** Keeps `piece`. */
  add({ rateHz, frame, pcm }: Pick<SoundPiece, 'rateHz' | 'frame' | 'pcm'>): void {
    this.#pieces.push({ frame, pcm: rateHz === this.#rateHz ? pcm.slice() : this.#converted(pcm, rateHz) });
  }

  /** All up to the place `end`. */
  takeUpTo(end: number): Int16Array {
    const samples = frameSamples(this.#rateHz);
    const from = this.#next;
    const taken = new Int16Array(Math.max(0, end - from) * samples);
    for (const { frame, pcm } of this.#pieces) {
      const at = (frame - from) * samples;
      const heard = pcm.subarray(Math.max(0, -at), Math.max(0, taken.length - at));
      taken.set(heard, heard.length === 0 ? 0 : Math.max(0, at));
    }
    this.#next = Math.max(from, end);
    this.#pieces = this.#pieces.filter(({ frame, pcm }) => frame * samples + pcm.length > end * samples);
    return taken;
  }

  /** Frees the library's memory. Idempotent. */
  close(): void {
    this.#resampler?.close();
    this.#resampler = undefined;
  }

  #converted(pcm: Int16Array, rateHz: number): Int16Array {
    if (this.#resampler?.fromHz !== rateHz) {
      this.#resampler?.close();
      this.#resampler = new Resampler(this.#modules, rateHz, this.#rateHz, HEARD_QUALITY);
    }
    // Its result is a view of the library's memory.
    return this.#resampler.process(pcm).slice();
  }
}
