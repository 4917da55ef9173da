/**
 * Linear PCM at 16 kHz to G.722 at 64 kbit/s, the other half of `g722.ts`. Source: ITU-T G.722 (2012), clause 6.
 */

import { G722Band } from './g722.ts';

/** Limits between the steps of the lower band's quantiser. */
const LOW_LIMITS = Int32Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121],
  ...[1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);
const HIGH_LIMIT = 564;
/** One half of the mirror filter; the other is the same backwards. */
const MIRROR = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);

/** Encodes one direction of one call; it remembers what came before. */
export class G722Encoder {
  readonly #low = new G722Band('low');
  readonly #high = new G722Band('high');
  /** The last twelve pairs of samples, a ring of each half, the newest at `#newest`. */
  readonly #firsts = new Int32Array(12);
  readonly #seconds = new Int32Array(12);
  #newest = 0;

  /** Encodes `pcm`, an even number of samples at 16,000 Hz, two a code; the result belongs to the caller. */
  encode(pcm: Int16Array): Uint8Array {
    const codes = new Uint8Array(pcm.length >> 1);
    for (let index = 0; index < codes.length; index += 1) {
      this.#newest = this.#newest === 11 ? 0 : this.#newest + 1;
      this.#firsts[this.#newest] = at(pcm, 2 * index);
      this.#seconds[this.#newest] = at(pcm, 2 * index + 1);
      let odd = 0;
      let even = 0;
      for (let tap = 0, place = this.#newest; tap < 12; tap += 1) {
        place = place === 11 ? 0 : place + 1;
        odd += at(this.#firsts, place) * at(MIRROR, tap);
        even += at(this.#seconds, place) * at(MIRROR, 11 - tap);
      }
      const low = lowCodeOf(saturate(((even + odd) >> 14) - this.#low.expected), this.#low.step);
      this.#low.advance(low >> 2);
      const high = highCodeOf(saturate(((even - odd) >> 14) - this.#high.expected), this.#high.step);
      this.#high.advance(high);
      codes[index] = (high << 6) | low;
    }
    return codes;
  }
}

/** QUANTL: the highest level whose limit is not above the error. */
function lowCodeOf(error: number, step: number): number {
  const size = error >= 0 ? error : -(error + 1);
  let level = 1;
  while (level < 30 && size >= (at(LOW_LIMITS, level) * step) >> 12) {
    level += 1;
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

function at(values: Int16Array | Int32Array, index: number): number {
  return values[index] ?? 0;
}

function saturate(value: number): number {
  return Math.min(32_767, Math.max(-32_768, value));
}
