/**
 * Cuts the silence a synthesiser puts before its first sound: played, it is nothing but latency. A little is
 * left, so that the first sound does not begin with a click.
 */

/** Louder than this is sound: -60 dBFS, 32,768 * 0.001. */
const SOUND_LEVEL = 33;

/** Left before the first sound, in ms. */
const KEPT_MS = 5;

export class LeadingSilence {
  readonly #keptSamples: number;
  #tail: Int16Array = new Int16Array(0);
  #heard = false;

  constructor(rateHz: number) {
    this.#keptSamples = Math.round((rateHz * KEPT_MS) / 1_000);
  }

  /** What of `pcm` is to be played, perhaps nothing; may return `pcm` itself or a view of it. */
  push(pcm: Int16Array): Int16Array {
    if (this.#heard) {
      return pcm;
    }
    const first = pcm.findIndex((sample) => sample > SOUND_LEVEL || sample < -SOUND_LEVEL);
    if (first === -1) {
      this.#tail = lastSamples(this.#tail, pcm, this.#keptSamples);
      return new Int16Array(0);
    }
    this.#heard = true;
    const lead = lastSamples(this.#tail, pcm.subarray(0, first), this.#keptSamples);
    return joined(lead, pcm.subarray(first));
  }
}

function lastSamples(before: Int16Array, pcm: Int16Array, count: number): Int16Array {
  const all = joined(before, pcm);
  return all.subarray(Math.max(0, all.length - count));
}

function joined(first: Int16Array, second: Int16Array): Int16Array {
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
