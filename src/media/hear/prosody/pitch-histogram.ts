/**
 * How often each pitch was heard, in steps of a quarter of a semitone: its median and its range cost no memory and no
 * sorting, and one frame more costs one addition.
 */

import { HIGHEST_PITCH_HZ, LOWEST_PITCH_HZ } from './pitch-finder.ts';
import { semitonesBetween } from './prosody.ts';

const STEPS_PER_SEMITONE = 4;
const STEPS = Math.ceil(semitonesBetween(LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ) * STEPS_PER_SEMITONE) + 1;

export class PitchHistogram {
  readonly #counts = new Uint32Array(STEPS);
  #frames = 0;

  /** Frames with a pitch. */
  get frames(): number {
    return this.#frames;
  }

  /** Counts one frame at `hz`. */
  add(hz: number): void {
    const step = Math.round(semitonesBetween(LOWEST_PITCH_HZ, hz) * STEPS_PER_SEMITONE);
    const index = Math.max(0, Math.min(STEPS - 1, step));
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#frames += 1;
  }

  /** The pitch in Hz below which this share of the frames lies, 0 to 1; undefined when there are none. */
  quantileHz(share: number): number | undefined {
    let left = share * this.#frames;
    for (let index = 0; this.#frames > 0 && index < STEPS; index += 1) {
      left -= this.#counts[index] ?? 0;
      if (left <= 0) {
        return LOWEST_PITCH_HZ * 2 ** (index / STEPS_PER_SEMITONE / 12);
      }
    }
    return undefined;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#frames = 0;
  }
}
