/**
 * G.722 at 64 kbit/s to linear PCM at 16 kHz. Source: ITU-T G.722 (2012), clause 6. Each byte holds two samples: six bits
 * for the band below 4 kHz, two for the one above.
 */

import { G722Band, saturate } from './g722-band.ts';

/** Samples of before that the mirror filter needs, of twelve. */
export const BEFORE = 11;

/** The band below 4 kHz alone, at 8 kHz. */
export class G722LowBand {
  readonly #band = new G722Band('low');

  /** Its samples, of 15 bits; the result belongs to the caller. */
  decode(codes: Uint8Array): Int16Array {
    const samples = new Int32Array(codes.length);
    this.#band.decode(codes, samples);
    return Int16Array.from(samples);
  }
}

/** Decodes one direction of one call; it remembers what came before. */
export class G722Decoder {
  readonly #low = new G722Band('low');
  readonly #high = new G722Band('high');
  readonly #sums = new MirrorHalf();
  readonly #differences = new MirrorHalf();
  #lows = new Int32Array(0);
  #highs = new Int32Array(0);

  /** Decodes `codes`, two samples each; the result, at 16,000 Hz, belongs to the caller. */
  decode(codes: Uint8Array): Int16Array {
    const { length } = codes;
    if (this.#lows.length < length) {
      this.#lows = new Int32Array(length);
      this.#highs = new Int32Array(length);
    }
    const [lows, highs] = [this.#lows, this.#highs];
    this.#low.decode(codes, lows);
    this.#high.decode(codes, highs);
    const sums = this.#sums.room(length);
    const differences = this.#differences.room(length);
    for (let index = 0; index < length; index += 1) {
      sums[BEFORE + index] = (lows[index] ?? 0) + (highs[index] ?? 0);
      differences[BEFORE + index] = (lows[index] ?? 0) - (highs[index] ?? 0);
    }
    const pcm = new Int16Array(2 * length);
    for (let index = 0; index < length; index += 1) {
      pcm[2 * index] = saturate(backward(differences, index) >> 11);
      pcm[2 * index + 1] = saturate(forward(sums, index) >> 11);
    }
    this.#sums.keep(length);
    this.#differences.keep(length);
    return pcm;
  }
}

/** What one half of the filter takes that puts the bands together, or takes them apart. */
export class MirrorHalf {
  #samples = new Int32Array(BEFORE);

  /** The last 11 samples, and room after them for `count` more, which the caller puts there. */
  room(count: number): Int32Array {
    if (this.#samples.length < BEFORE + count) {
      const samples = new Int32Array(BEFORE + count);
      samples.set(this.#samples.subarray(0, BEFORE));
      this.#samples = samples;
    }
    return this.#samples;
  }

  /** The samples that were put there are those of before from now on. */
  keep(count: number): void {
    this.#samples.copyWithin(0, count, count + BEFORE);
  }
}

/** The sum of twelve samples from `at` on, the oldest by the first tap. */
export function forward(line: Int32Array, at: number): number {
  return (
    3 * (line[at] ?? 0) -
    11 * (line[at + 1] ?? 0) +
    12 * (line[at + 2] ?? 0) +
    32 * (line[at + 3] ?? 0) -
    210 * (line[at + 4] ?? 0) +
    951 * (line[at + 5] ?? 0) +
    3_876 * (line[at + 6] ?? 0) -
    805 * (line[at + 7] ?? 0) +
    362 * (line[at + 8] ?? 0) -
    156 * (line[at + 9] ?? 0) +
    53 * (line[at + 10] ?? 0) -
    11 * (line[at + 11] ?? 0)
  );
}

/** The sum of twelve samples from `at` on, the newest by the first tap. */
export function backward(line: Int32Array, at: number): number {
  return (
    -11 * (line[at] ?? 0) +
    53 * (line[at + 1] ?? 0) -
    156 * (line[at + 2] ?? 0) +
    362 * (line[at + 3] ?? 0) -
    805 * (line[at + 4] ?? 0) +
    3_876 * (line[at + 5] ?? 0) +
    951 * (line[at + 6] ?? 0) -
    210 * (line[at + 7] ?? 0) +
    32 * (line[at + 8] ?? 0) +
    12 * (line[at + 9] ?? 0) -
    11 * (line[at + 10] ?? 0) +
    3 * (line[at + 11] ?? 0)
  );
}
