/**
 * Linear PCM at 16 kHz to G.722 at 64 kbit/s, the other half of `g722.ts`. Source: ITU-T G.722 (2012), clause 6.
 */

import { G722Band, MirrorHalf, saturate } from './g722.ts';

/** Limits between the steps of the lower band's quantiser. */
const LOW_LIMITS = Int32Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121],
  ...[1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);
const HIGH_LIMIT = 564;
/** Encodes one direction of one call; it remembers what came before. */
export class G722Encoder {
  readonly #low = new G722Band('low');
  readonly #high = new G722Band('high');
  readonly #firsts = new MirrorHalf();
  readonly #seconds = new MirrorHalf();

  /** Encodes `pcm`, an even number of samples at 16,000 Hz, two a code; the result belongs to the caller. */
  encode(pcm: Int16Array): Uint8Array {
    const codes = new Uint8Array(pcm.length >> 1);
    for (let index = 0; index < codes.length; index += 1) {
      const odd = this.#firsts.forward(pcm[2 * index] ?? 0);
      const even = this.#seconds.backward(pcm[2 * index + 1] ?? 0);
      const low = lowCodeOf(saturate(((even + odd) >> 14) - this.#low.expected), this.#low.step);
      this.#low.advance(low >> 2);
      const high = highCodeOf(saturate(((even - odd) >> 14) - this.#high.expected), this.#high.step);
      this.#high.advance(high);
      codes[index] = (high << 6) | low;
    }
    return codes;
  }
}

/** QUANTL: the first level whose limit is above the error; the last one has none. */
function lowCodeOf(error: number, step: number): number {
  const size = error >= 0 ? error : -(error + 1);
  // Halved five times: 30 levels.
  let level = 1;
  let above = 30;
  while (level < above) {
    const middle = (level + above) >> 1;
    if (size >= ((LOW_LIMITS[middle] ?? 0) * step) >> 12) {
      level = middle + 1;
    } else {
      above = middle;
    }
  }
  if (error >= 0) {
    return 62 - level;
  }
  return level < 3 ? 64 - level : 34 - level;
}

/** QUANTH. */
function highCodeOf(error: number, step: number): number {
  const size = error >= 0 ? error : -(error + 1);
  const large = size >= (HIGH_LIMIT * step) >> 12;
  if (error < 0) {
    return large ? 0 : 1;
  }
  return large ? 2 : 3;
}
