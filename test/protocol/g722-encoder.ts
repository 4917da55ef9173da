/** Linear PCM at 16 kHz to G.722 at 64 kbit/s, as a phone sends it. Source: ITU-T G.722 (2012), clause 6. */

import { G722Band } from '../../src/protocol/g722.ts';

/** Limits between the steps of the lower band's quantiser. */
const LOW_LIMITS = [
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121],
  ...[1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
];
const HIGH_LIMIT = 564;
const MIRROR = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/** Encodes `pcm`, an even number of samples at 16,000 Hz. */
export function encodeG722(pcm: Int16Array): Uint8Array {
  const low = new G722Band('low');
  const high = new G722Band('high');
  const delay = new Int32Array(24);
  return Uint8Array.from({ length: pcm.length >> 1 }, (_, index) => {
    delay.copyWithin(0, 2);
    delay[22] = pcm[2 * index] ?? 0;
    delay[23] = pcm[2 * index + 1] ?? 0;
    let odd = 0;
    let even = 0;
    for (let tap = 0; tap < 12; tap += 1) {
      odd += (delay[2 * tap] ?? 0) * (MIRROR[tap] ?? 0);
      even += (delay[2 * tap + 1] ?? 0) * (MIRROR[11 - tap] ?? 0);
    }
    const lowCode = lowCodeOf(saturate(((even + odd) >> 14) - low.expected), low.step);
    low.advance(lowCode >> 2);
    const highCode = highCodeOf(saturate(((even - odd) >> 14) - high.expected), high.step);
    high.advance(highCode);
    return (highCode << 6) | lowCode;
  });
}

function lowCodeOf(error: number, step: number): number {
  const size = error >= 0 ? error : -(error + 1);
  let level = 1;
  while (level < 30 && size >= ((LOW_LIMITS[level] ?? 0) * step) >> 12) {
    level += 1;
  }
  if (error >= 0) {
    return 62 - level;
  }
  return level < 3 ? 64 - level : 34 - level;
}

function highCodeOf(error: number, step: number): number {
  const size = error >= 0 ? error : -(error + 1);
  const large = size >= (HIGH_LIMIT * step) >> 12;
  if (error < 0) {
    return large ? 0 : 1;
  }
  return large ? 2 : 3;
}

function saturate(value: number): number {
  return Math.min(32_767, Math.max(-32_768, value));
}
