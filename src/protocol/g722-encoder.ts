/**
 * Linear PCM at 16 kHz to G.722 at 64 kbit/s, the other half of `g722.ts`. Source: ITU-T G.722 (2012), clause 6.
 */

import { BEFORE, backward, forward, MirrorHalf } from './g722.ts';
import { G722Band } from './g722-band.ts';

/** Encodes one direction of one call; it remembers what came before. */
export class G722Encoder {
  readonly #low = new G722Band('low');
  readonly #high = new G722Band('high');
  readonly #firsts = new MirrorHalf();
  readonly #seconds = new MirrorHalf();
  #lows = new Int32Array(0);
  #highs = new Int32Array(0);

  /** Encodes `pcm`, an even number of samples at 16,000 Hz, two a code; the result belongs to the caller. */
  encode(pcm: Int16Array): Uint8Array {
    const codes = new Uint8Array(pcm.length >> 1);
    const { length } = codes;
    if (this.#lows.length < length) {
      this.#lows = new Int32Array(length);
      this.#highs = new Int32Array(length);
    }
    const firsts = this.#firsts.room(length);
    const seconds = this.#seconds.room(length);
    for (let index = 0; index < length; index += 1) {
      firsts[BEFORE + index] = pcm[2 * index] ?? 0;
      seconds[BEFORE + index] = pcm[2 * index + 1] ?? 0;
    }
    for (let index = 0; index < length; index += 1) {
      const odd = forward(firsts, index);
      const even = backward(seconds, index);
      this.#lows[index] = (even + odd) >> 14;
      this.#highs[index] = (even - odd) >> 14;
    }
    this.#firsts.keep(length);
    this.#seconds.keep(length);
    this.#low.encode(this.#lows, codes);
    this.#high.encode(this.#highs, codes);
    return codes;
  }
}
