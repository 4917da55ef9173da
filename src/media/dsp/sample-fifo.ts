/**
 * Samples in, samples out, in any lengths: what joins stages whose pieces have different sizes. Its owner bounds
 * it by asking `length` before it adds.
 */

export class SampleFifo {
  #samples: Int16Array;
  #start = 0;
  #end = 0;

  constructor(capacitySamples = 2_048) {
    this.#samples = new Int16Array(capacitySamples);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies `pcm` to the end; grows when there is no room. */
  push(pcm: Int16Array): void {
    if (this.#end + pcm.length > this.#samples.length) {
      const needed = this.length + pcm.length;
      const target =
        needed > this.#samples.length
          ? new Int16Array(Math.max(needed, this.#samples.length * 2))
          : this.#samples;
      target.set(this.#samples.subarray(this.#start, this.#end));
      this.#samples = target;
      this.#end -= this.#start;
      this.#start = 0;
    }
    this.#samples.set(pcm, this.#end);
    this.#end += pcm.length;
  }

  /** Moves up to `out.length` of the oldest samples into `out`; returns how many. */
  take(out: Int16Array): number {
    const samples = Math.min(out.length, this.length);
    out.set(this.#samples.subarray(this.#start, this.#start + samples));
    this.#start += samples;
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
    }
    return samples;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
  }
}
