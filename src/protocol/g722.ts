/**
 * G.722 at 64 kbit/s to linear PCM at 16 kHz. Source: ITU-T G.722 (2012), the fixed-point description of clause 6; blocks
 * have its names. Each byte holds two samples: six bits for the band below 4 kHz, two for the one above.
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
const MIRROR = Int16Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
const LOW_SCALE_LIMIT = 18_432;
const HIGH_SCALE_LIMIT = 22_528;

/** One band's adaptive predictor and scale, the same in a coder. */
export class G722Band {
  /** The step of the quantiser. */
  step: number;
  /** What is expected of the next sample. */
  expected = 0;
  readonly #growth: Int16Array;
  readonly #scaleLimit: number;
  readonly #scaleShift: number;
  #scale = 0;
  /** The zeros' part of what is expected. */
  #ofZeros = 0;
  readonly #differences = new Int32Array(7);
  readonly #zeros = new Int32Array(7);
  readonly #poles = new Int32Array(3);
  readonly #reconstructed = new Int32Array(3);
  readonly #partial = new Int32Array(3);

  constructor(band: 'low' | 'high') {
    const low = band === 'low';
    this.step = low ? 32 : 8;
    this.#growth = low ? LOW_GROWTH : HIGH_GROWTH;
    this.#scaleLimit = low ? LOW_SCALE_LIMIT : HIGH_SCALE_LIMIT;
    this.#scaleShift = low ? 8 : 10;
  }

  /** Goes on by one sample. @param code what was sent of it: four bits of the lower band, two of the higher. */
  advance(code: number): void {
    const multipliers = this.#growth === LOW_GROWTH ? LOW_4_BITS : HIGH_2_BITS;
    const difference = (this.step * at(multipliers, code)) >> 15;
    this.#rescale(code);
    this.#adapt(difference);
  }

  /** LOGSCL, SCALEL. */
  #rescale(code: number): void {
    const scale = ((this.#scale * 127) >> 7) + at(this.#growth, code);
    this.#scale = Math.min(this.#scaleLimit, Math.max(0, scale));
    const shift = this.#scaleShift - (this.#scale >> 11);
    const power = at(POWERS, (this.#scale >> 6) & 31);
    this.step = (shift < 0 ? power << -shift : power >> shift) << 2;
  }

  /** UPPOL2, UPPOL1, UPZERO, DELAYA, FILTEP, FILTEZ, PREDIC: how the predictor follows what came. */
  #adapt(difference: number): void {
    const poles = this.#poles;
    const zeros = this.#zeros;
    const differences = this.#differences;
    const partial = this.#partial;
    const reconstructed = this.#reconstructed;
    partial[0] = saturate(this.#ofZeros + difference);
    reconstructed[0] = saturate(this.expected + difference);
    differences[0] = difference;

    const same1 = at(partial, 0) >> 15 === at(partial, 1) >> 15;
    const same2 = at(partial, 0) >> 15 === at(partial, 2) >> 15;
    const first = saturate(at(poles, 1) * 4);
    const turned = same1 ? Math.min(32_767, -first) : first;
    const second = clamp((same2 ? 128 : -128) + (turned >> 7) + ((at(poles, 2) * 32_512) >> 15), 12_288);
    const limit = saturate(15_360 - second);
    poles[1] = clamp(saturate((same1 ? 192 : -192) + ((at(poles, 1) * 32_640) >> 15)), limit);
    poles[2] = second;

    const growth = difference === 0 ? 0 : 128;
    for (let i = 6; i > 0; i -= 1) {
      const same = at(differences, i) >> 15 === difference >> 15;
      zeros[i] = saturate((same ? growth : -growth) + ((at(zeros, i) * 32_640) >> 15));
    }
    // By hand: copyWithin() of a few values takes ten times as long.
    for (let i = 6; i > 0; i -= 1) {
      differences[i] = at(differences, i - 1);
    }
    for (let i = 2; i > 0; i -= 1) {
      reconstructed[i] = at(reconstructed, i - 1);
      partial[i] = at(partial, i - 1);
    }

    let ofZeros = 0;
    for (let i = 6; i > 0; i -= 1) {
      ofZeros += (at(zeros, i) * saturate(2 * at(differences, i))) >> 15;
    }
    this.#ofZeros = saturate(ofZeros);
    const ofPoles =
      ((at(poles, 1) * saturate(2 * at(reconstructed, 1))) >> 15) +
      ((at(poles, 2) * saturate(2 * at(reconstructed, 2))) >> 15);
    this.expected = saturate(saturate(ofPoles) + this.#ofZeros);
  }
}

/** The band below 4 kHz alone, at 8 kHz. */
export class G722LowBand {
  readonly #band = new G722Band('low');

  /** The next sample, of 15 bits. */
  next(code: number): number {
    const low = code & 0x3f;
    const sample = this.#band.expected + ((this.#band.step * at(LOW_6_BITS, low)) >> 15);
    this.#band.advance(low >> 2);
    return limit15(sample);
  }
}

/** Decodes one direction of one call; it remembers what came before. */
export class G722Decoder {
  readonly #low = new G722LowBand();
  readonly #high = new G722Band('high');
  /** Sums and differences of the bands, a ring of twelve each, the newest at `#newest`. */
  readonly #sums = new Int32Array(12);
  readonly #differences = new Int32Array(12);
  #newest = 0;

  /** Decodes `codes`, two samples each; the result, at 16,000 Hz, belongs to the caller. */
  decode(codes: Uint8Array): Int16Array {
    const pcm = new Int16Array(2 * codes.length);
    for (let index = 0; index < codes.length; index += 1) {
      const code = at(codes, index);
      const low = this.#low.next(code);
      const highCode = code >> 6;
      const high = limit15(this.#high.expected + ((this.#high.step * at(HIGH_2_BITS, highCode)) >> 15));
      this.#high.advance(highCode);
      this.#newest = (this.#newest + 1) % 12;
      this.#sums[this.#newest] = low + high;
      this.#differences[this.#newest] = low - high;
      let first = 0;
      let second = 0;
      for (let tap = 0, place = this.#newest; tap < 12; tap += 1) {
        place = place === 11 ? 0 : place + 1;
        first += at(this.#differences, place) * at(MIRROR, 11 - tap);
        second += at(this.#sums, place) * at(MIRROR, tap);
      }
      pcm[2 * index] = saturate(first >> 11);
      pcm[2 * index + 1] = saturate(second >> 11);
    }
    return pcm;
  }
}

function at(values: Int16Array | Int32Array | Uint8Array, index: number): number {
  return values[index] ?? 0;
}

function saturate(value: number): number {
  return Math.min(32_767, Math.max(-32_768, value));
}

function clamp(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}

/** RECONS' limit of a band, 15 bits. */
function limit15(value: number): number {
  return Math.min(16_383, Math.max(-16_384, value));
}
