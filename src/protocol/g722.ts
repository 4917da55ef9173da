/**
 * G.722 at 64 kbit/s to linear PCM at 16 kHz. Source: ITU-T G.722 (2012), the fixed-point description of clause 6;
 * blocks have its names. Each byte holds two samples: six bits for the band below 4 kHz, two for the one above.
 */

/** Multipliers of the lower band's quantiser, by all six bits and by the upper four of them. */
const LOW_6_BITS = Int16Array.of(
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
const LOW_4_BITS = Int16Array.of(
  ...[0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0],
);
const HIGH_2_BITS = Int16Array.of(-7408, -1616, 7408, 1616);
/** How the scale of a band grows with what is said, by its upper four bits, or both. */
const LOW_GROWTH = Int16Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60],
);
const HIGH_GROWTH = Int16Array.of(798, -214, 798, -214);
/** 2 to the power of a 32nd, times 2,048. */
const POWERS = Int16Array.from({ length: 32 }, (_, step) => Math.floor(2_048 * 2 ** (step / 32) + 0.5));
/** One half of the mirror filter; the other is the same backwards. */
const MIRROR = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
const TAPS = 12;
const LOW_SCALE_LIMIT = 18_432;
const HIGH_SCALE_LIMIT = 22_528;

/**
 * One band's adaptive predictor and scale, the same in a coder. What it remembers are plain numbers, not arrays: that
 * makes it three times as fast, and there is one for each band, direction and leg.
 */
export class G722Band {
  /** The step of the quantiser. */
  step: number;
  /** What is expected of the next sample. */
  expected = 0;
  readonly #multipliers: Int16Array;
  readonly #growth: Int16Array;
  readonly #scaleLimit: number;
  readonly #scaleShift: number;
  #scale = 0;
  /** The zeros' part of what is expected. */
  #ofZeros = 0;
  #zero1 = 0;
  #zero2 = 0;
  #zero3 = 0;
  #zero4 = 0;
  #zero5 = 0;
  #zero6 = 0;
  /** The last differences, twice each, as the filter takes them. */
  #difference1 = 0;
  #difference2 = 0;
  #difference3 = 0;
  #difference4 = 0;
  #difference5 = 0;
  #difference6 = 0;
  #pole1 = 0;
  #pole2 = 0;
  /** The last reconstructed sample, twice. */
  #reconstructed1 = 0;
  #partial1 = 0;
  #partial2 = 0;

  constructor(band: 'low' | 'high') {
    const low = band === 'low';
    this.step = low ? 32 : 8;
    this.#multipliers = low ? LOW_4_BITS : HIGH_2_BITS;
    this.#growth = low ? LOW_GROWTH : HIGH_GROWTH;
    this.#scaleLimit = low ? LOW_SCALE_LIMIT : HIGH_SCALE_LIMIT;
    this.#scaleShift = low ? 8 : 10;
  }

  /** Goes on by one sample. @param code what was sent of it: four bits of the lower band, two of the higher. */
  advance(code: number): void {
    const difference = (this.step * (this.#multipliers[code] ?? 0)) >> 15;
    this.#rescale(code);
    this.#adapt(difference);
  }

  /** LOGSCL, SCALEL. */
  #rescale(code: number): void {
    const scale = ((this.#scale * 127) >> 7) + (this.#growth[code] ?? 0);
    this.#scale = Math.min(this.#scaleLimit, Math.max(0, scale));
    const shift = this.#scaleShift - (this.#scale >> 11);
    const power = POWERS[(this.#scale >> 6) & 31] ?? 0;
    this.step = (shift < 0 ? power << -shift : power >> shift) << 2;
  }

  /** UPPOL2, UPPOL1, UPZERO, DELAYA, FILTEP, FILTEZ, PREDIC: how the predictor follows what came. */
  #adapt(difference: number): void {
    const partial = saturate(this.#ofZeros + difference);
    const reconstructed = saturate(2 * saturate(this.expected + difference));

    const same1 = (partial ^ this.#partial1) >= 0;
    const same2 = (partial ^ this.#partial2) >= 0;
    const first = saturate(this.#pole1 * 4);
    const turned = same1 ? Math.min(32_767, -first) : first;
    const pole2 = clamp((same2 ? 128 : -128) + (turned >> 7) + ((this.#pole2 * 32_512) >> 15), 12_288);
    const limit = saturate(15_360 - pole2);
    const pole1 = clamp(saturate((same1 ? 192 : -192) + ((this.#pole1 * 32_640) >> 15)), limit);

    const growth = difference === 0 ? 0 : 128;
    this.#zero1 = followed(this.#zero1, this.#difference1, difference, growth);
    this.#zero2 = followed(this.#zero2, this.#difference2, difference, growth);
    this.#zero3 = followed(this.#zero3, this.#difference3, difference, growth);
    this.#zero4 = followed(this.#zero4, this.#difference4, difference, growth);
    this.#zero5 = followed(this.#zero5, this.#difference5, difference, growth);
    this.#zero6 = followed(this.#zero6, this.#difference6, difference, growth);
    this.#difference6 = this.#difference5;
    this.#difference5 = this.#difference4;
    this.#difference4 = this.#difference3;
    this.#difference3 = this.#difference2;
    this.#difference2 = this.#difference1;
    this.#difference1 = saturate(2 * difference);
    this.#ofZeros = saturate(
      ((this.#zero1 * this.#difference1) >> 15) +
        ((this.#zero2 * this.#difference2) >> 15) +
        ((this.#zero3 * this.#difference3) >> 15) +
        ((this.#zero4 * this.#difference4) >> 15) +
        ((this.#zero5 * this.#difference5) >> 15) +
        ((this.#zero6 * this.#difference6) >> 15),
    );

    const ofPoles = ((pole1 * reconstructed) >> 15) + ((pole2 * this.#reconstructed1) >> 15);
    this.expected = saturate(saturate(ofPoles) + this.#ofZeros);
    this.#pole1 = pole1;
    this.#pole2 = pole2;
    this.#reconstructed1 = reconstructed;
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
  }
}

/** The band below 4 kHz alone, at 8 kHz. */
export class G722LowBand {
  readonly #band = new G722Band('low');

  /** The next sample, of 15 bits. */
  next(code: number): number {
    const low = code & 0x3f;
    const sample = this.#band.expected + ((this.#band.step * (LOW_6_BITS[low] ?? 0)) >> 15);
    this.#band.advance(low >> 2);
    return limit15(sample);
  }
}

/** Decodes one direction of one call; it remembers what came before. */
export class G722Decoder {
  readonly #low = new G722LowBand();
  readonly #high = new G722Band('high');
  readonly #sums = new MirrorHalf();
  readonly #differences = new MirrorHalf();

  /** Decodes `codes`, two samples each; the result, at 16,000 Hz, belongs to the caller. */
  decode(codes: Uint8Array): Int16Array {
    const pcm = new Int16Array(2 * codes.length);
    for (let index = 0; index < codes.length; index += 1) {
      const code = codes[index] ?? 0;
      const low = this.#low.next(code);
      const highCode = code >> 6;
      const high = limit15(this.#high.expected + ((this.#high.step * (HIGH_2_BITS[highCode] ?? 0)) >> 15));
      this.#high.advance(highCode);
      pcm[2 * index] = saturate(this.#differences.backward(low - high) >> 11);
      pcm[2 * index + 1] = saturate(this.#sums.forward(low + high) >> 11);
    }
    return pcm;
  }
}

/** One half of the filter that puts the bands together, or takes them apart: it goes on by a sample a call. */
export class MirrorHalf {
  /** The last twelve samples, twice, so that they lie in one piece wherever the newest is. */
  readonly #samples = new Int32Array(2 * TAPS);
  #newest = 0;

  /** The sum of the last samples, the oldest by the first tap. */
  forward(sample: number): number {
    const oldest = this.#push(sample);
    const samples = this.#samples;
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) {
      sum += (samples[oldest + tap] ?? 0) * (MIRROR[tap] ?? 0);
    }
    return sum;
  }

  /** The sum of the last samples, the newest by the first tap. */
  backward(sample: number): number {
    const oldest = this.#push(sample);
    const samples = this.#samples;
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) {
      sum += (samples[oldest + tap] ?? 0) * (MIRROR[TAPS - 1 - tap] ?? 0);
    }
    return sum;
  }

  /** Where the oldest sample lies then. */
  #push(sample: number): number {
    this.#newest = this.#newest === TAPS - 1 ? 0 : this.#newest + 1;
    this.#samples[this.#newest] = sample;
    this.#samples[this.#newest + TAPS] = sample;
    return this.#newest + 1;
  }
}

/** How one of the zeros follows the sign of a difference; it cannot leave 16 bits. */
function followed(zero: number, before: number, difference: number, growth: number): number {
  return ((zero * 32_640) >> 15) + ((before ^ difference) >= 0 ? growth : -growth);
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
