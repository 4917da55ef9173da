/**
 * Brings a sum of voices below -3 dB of full scale. Its gain falls at once when a sample would pass the ceiling and
 * comes back evenly, so that what is heard neither clips nor jumps; below the ceiling it passes samples untouched.
 */

/** -3 dB relative to full scale. */
export const CEILING = 23_197;
/** How long the gain takes from 0 to 1, in ms; from the 3 dB that a full-scale voice costs it is back in 60 ms. */
const RELEASE_MS = 200;

export class Limiter {
  #gain = 1;

  /** Whether it would pass the next soft sample untouched. */
  get atRest(): boolean {
    return this.#gain === 1;
  }

  /** Rounds `mix` into `out`, of the same length, no sample above {@link CEILING}. */
  limit(mix: Float32Array, out: Int16Array, rateHz: number): void {
    const release = 1_000 / (RELEASE_MS * rateHz);
    let gain = this.#gain;
    for (let i = 0; i < out.length; i += 1) {
      const sample = mix[i] ?? 0;
      const magnitude = Math.abs(sample);
      gain = Math.min(1, gain + release);
      if (magnitude * gain > CEILING) {
        gain = CEILING / magnitude;
      }
      out[i] = Math.round(sample * gain);
    }
    this.#gain = gain;
  }
}
