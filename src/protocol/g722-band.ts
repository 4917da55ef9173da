/**
 * One band of G.722: its quantiser, its adaptive predictor and scale, the same in a coder and a decoder. Source: ITU-T
 * G.722 (2012), the fixed-point description of clause 6; blocks have its names. A call goes on by many samples with all
 * that the band remembers in local variables: that is twice as fast as to keep it in fields, and of a leg over RTP this
 * is most of the work.
 */

/** Multipliers of the lower band's quantiser, by all six bits and by the upper four of them. */
const LOW_6_BITS = Int32Array.of(
  ...[-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360],
  ...[
    -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
  ],
  ...[-1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856],
  ...[
    7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
  ],
  ...[-432, -136],
);
const LOW_4_BITS = Int32Array.of(
  ...[0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0],
);
const HIGH_2_BITS = Int32Array.of(-7408, -1616, 7408, 1616);
/** How the scale of a band grows with what is said, by its upper four bits, or both. */
const LOW_GROWTH = Int32Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60],
);
const HIGH_GROWTH = Int32Array.of(798, -214, 798, -214);
/** 2 to the power of a 32nd, times 2,048. */
const POWERS = Int32Array.from({ length: 32 }, (_, step) => Math.floor(2_048 * 2 ** (step / 32) + 0.5));
/** Limits between the steps of the lower band's quantiser. */
const LOW_LIMITS = Int32Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121],
  ...[1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);
const HIGHEST_LOW_LIMIT = 2_919;
/** The level of what is compared with the limits: one more than there are limits up to it. */
const LOW_LEVELS = Uint8Array.from(
  { length: HIGHEST_LOW_LIMIT + 1 },
  (_, against) => LOW_LIMITS.filter((limit) => limit <= against).length,
);
const HIGH_LIMIT = 564;
const LOW_SCALE_LIMIT = 18_432;
const HIGH_SCALE_LIMIT = 22_528;

/** What tells the bands apart. */
interface BandKind {
  /** Where a byte has the band's bits. */
  readonly shift: number;
  readonly mask: number;
  /** How many of these, the lowest, only the decoded sample follows, and not the predictor. */
  readonly fineBits: number;
  readonly decoded: Int32Array;
  readonly multipliers: Int32Array;
  readonly growth: Int32Array;
  readonly scaleLimit: number;
  readonly scaleShift: number;
  readonly firstStep: number;
  readonly codeOf: (error: number, step: number) => number;
}

const LOW: BandKind = {
  ...{ shift: 0, mask: 0x3f, fineBits: 2, decoded: LOW_6_BITS, multipliers: LOW_4_BITS, growth: LOW_GROWTH },
  ...{ scaleLimit: LOW_SCALE_LIMIT, scaleShift: 8, firstStep: 32, codeOf: lowCodeOf },
};
const HIGH: BandKind = {
  ...{ shift: 6, mask: 3, fineBits: 0, decoded: HIGH_2_BITS, multipliers: HIGH_2_BITS, growth: HIGH_GROWTH },
  ...{ scaleLimit: HIGH_SCALE_LIMIT, scaleShift: 10, firstStep: 8, codeOf: highCodeOf },
};

/** Numbers that a band remembers from call to call. */
const REMEMBERED = 21;

export class G722Band {
  readonly #kind: BandKind;
  readonly #state = new Int32Array(REMEMBERED);

  constructor(band: 'low' | 'high') {
    this.#kind = band === 'low' ? LOW : HIGH;
    this.#state[0] = this.#kind.firstStep;
  }

  /** The samples, of 15 bits, of this band's part of `codes`, into the beginning of `samples`. */
  decode(codes: Uint8Array, samples: Int32Array): void {
    this.#run(codes, samples, false);
  }

  /** Adds this band's part to each of `codes`, which are 0 there, of as many samples from the beginning of `samples`. */
  encode(samples: Int32Array, codes: Uint8Array): void {
    this.#run(codes, samples, true);
  }

  #run(codes: Uint8Array, samples: Int32Array, encodes: boolean): void {
    const { shift, mask, fineBits, decoded, multipliers, growth, scaleLimit, scaleShift, codeOf } =
      this.#kind;
    const state = this.#state;
    /** The step of the quantiser. */
    let step = state[0] ?? 0;
    /** What is expected of the next sample, and the zeros' part of it. */
    let expected = state[1] ?? 0;
    let ofZeros = state[2] ?? 0;
    let scale = state[3] ?? 0;
    let zero1 = state[4] ?? 0;
    let zero2 = state[5] ?? 0;
    let zero3 = state[6] ?? 0;
    let zero4 = state[7] ?? 0;
    let zero5 = state[8] ?? 0;
    let zero6 = state[9] ?? 0;
    /** The last differences, twice each, as the filter takes them. */
    let difference1 = state[10] ?? 0;
    let difference2 = state[11] ?? 0;
    let difference3 = state[12] ?? 0;
    let difference4 = state[13] ?? 0;
    let difference5 = state[14] ?? 0;
    let difference6 = state[15] ?? 0;
    let pole1 = state[16] ?? 0;
    let pole2 = state[17] ?? 0;
    /** The last reconstructed sample, twice. */
    let reconstructed1 = state[18] ?? 0;
    let partial1 = state[19] ?? 0;
    let partial2 = state[20] ?? 0;
    for (let index = 0; index < codes.length; index += 1) {
      let code = ((codes[index] ?? 0) >> shift) & mask;
      if (encodes) {
        code = codeOf(saturate((samples[index] ?? 0) - expected), step);
        codes[index] = (codes[index] ?? 0) | (code << shift);
      } else {
        samples[index] = limit15(expected + (Math.imul(step, decoded[code] ?? 0) >> 15));
      }
      code >>= fineBits;
      const difference = Math.imul(step, multipliers[code] ?? 0) >> 15;

      // LOGSCL, SCALEL.
      scale = (Math.imul(scale, 127) >> 7) + (growth[code] ?? 0);
      scale = scale < 0 ? 0 : scale > scaleLimit ? scaleLimit : scale;
      const down = scaleShift - (scale >> 11);
      const power = POWERS[(scale >> 6) & 31] ?? 0;
      step = (down < 0 ? power << -down : power >> down) << 2;

      // UPPOL2, UPPOL1, UPZERO, DELAYA, FILTEP, FILTEZ, PREDIC: how the predictor follows what came.
      const partial = saturate(ofZeros + difference);
      const reconstructed = saturate(2 * saturate(expected + difference));
      // 0 where the signs are the same, else -1. Signs come as they like, and a branch that is guessed wrong takes as long
      // as the arithmetic of three taps: so there are none.
      const other1 = (partial ^ partial1) >> 31;
      const other2 = (partial ^ partial2) >> 31;
      const first = saturate(pole1 * 4);
      const turned = Math.min((first ^ ~other1) - ~other1, 32_767);
      pole2 = clamp(128 + (other2 & -256) + (turned >> 7) + (Math.imul(pole2, 32_512) >> 15), 12_288);
      pole1 = clamp(192 + (other1 & -384) + (Math.imul(pole1, 32_640) >> 15), 15_360 - pole2);
      const grows = difference === 0 ? 0 : -1;
      zero1 =
        (Math.imul(zero1, 32_640) >> 15) + ((128 + (((difference1 ^ difference) >> 31) & -256)) & grows);
      zero2 =
        (Math.imul(zero2, 32_640) >> 15) + ((128 + (((difference2 ^ difference) >> 31) & -256)) & grows);
      zero3 =
        (Math.imul(zero3, 32_640) >> 15) + ((128 + (((difference3 ^ difference) >> 31) & -256)) & grows);
      zero4 =
        (Math.imul(zero4, 32_640) >> 15) + ((128 + (((difference4 ^ difference) >> 31) & -256)) & grows);
      zero5 =
        (Math.imul(zero5, 32_640) >> 15) + ((128 + (((difference5 ^ difference) >> 31) & -256)) & grows);
      zero6 =
        (Math.imul(zero6, 32_640) >> 15) + ((128 + (((difference6 ^ difference) >> 31) & -256)) & grows);
      difference6 = difference5;
      difference5 = difference4;
      difference4 = difference3;
      difference3 = difference2;
      difference2 = difference1;
      difference1 = saturate(2 * difference);
      ofZeros = saturate(
        (Math.imul(zero1, difference1) >> 15) +
          (Math.imul(zero2, difference2) >> 15) +
          (Math.imul(zero3, difference3) >> 15) +
          (Math.imul(zero4, difference4) >> 15) +
          (Math.imul(zero5, difference5) >> 15) +
          (Math.imul(zero6, difference6) >> 15),
      );
      const ofPoles = (Math.imul(pole1, reconstructed) >> 15) + (Math.imul(pole2, reconstructed1) >> 15);
      expected = saturate(saturate(ofPoles) + ofZeros);
      reconstructed1 = reconstructed;
      partial2 = partial1;
      partial1 = partial;
    }
    state.set([step, expected, ofZeros, scale, zero1, zero2, zero3, zero4, zero5, zero6]);
    state.set([difference1, difference2, difference3, difference4, difference5, difference6], 10);
    state.set([pole1, pole2, reconstructed1, partial1, partial2], 16);
  }
}

/**
 * QUANTL: the first level whose limit is above the error; the last one has none. The error is at or above a limit's part
 * of the step, `limit * step >> 12`, as long as the limit is not above what the error is compared with here.
 */
function lowCodeOf(error: number, step: number): number {
  const size = error ^ (error >> 31);
  const against = Math.min((((size + 1) * 4_096 - 1) / step) | 0, HIGHEST_LOW_LIMIT);
  const level = LOW_LEVELS[against] ?? 0;
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

/** The nearest number of 16 bits. */
export function saturate(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

function clamp(value: number, limit: number): number {
  return value > limit ? limit : value < -limit ? -limit : value;
}

/** RECONS' limit of a band, 15 bits. */
function limit15(value: number): number {
  return value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value;
}
