/** Whether one recording holds a piece of another, after codecs and a telephone system in between. */

/** Where a piece was found. */
export interface Likeness {
  /** 0 to 1: the correlation of the piece with what is there. Below 0.3 it is not there. */
  readonly share: number;
  /** Where the piece begins in the recording. */
  readonly atMs: number;
}

/**
 * The place in `pcm`, between `fromMs` and `toMs`, that is most like `piece`; both are of `rateHz`. All places are
 * compared at once, by Fourier transform: ten seconds of 16 kHz take some 100 ms.
 */
export function mostLike(
  pcm: Int16Array,
  piece: Int16Array,
  rateHz: number,
  fromMs: number,
  toMs: number,
): Likeness {
  const from = Math.max(0, Math.round((fromMs * rateHz) / 1_000));
  const last = Math.min(pcm.length - piece.length, Math.round((toMs * rateHz) / 1_000));
  let best: Likeness = { share: 0, atMs: fromMs };
  if (last < from) {
    return best;
  }
  const searched = pcm.subarray(from, last + piece.length);
  const products = correlation(searched, piece);
  const pieceEnergy = piece.reduce((sum, sample) => sum + sample * sample, 0);
  // Sums of squares of 16 bits stay whole numbers, so that what is added can be taken away again.
  let energy = searched.subarray(0, piece.length).reduce((sum, sample) => sum + sample * sample, 0);
  for (let start = 0; start <= last - from; start += 1) {
    const share = (products[start] ?? 0) / Math.sqrt((energy + 1) * (pieceEnergy + 1));
    if (share > best.share) {
      best = { share, atMs: ((from + start) * 1_000) / rateHz };
    }
    energy += (searched[start + piece.length] ?? 0) ** 2 - (searched[start] ?? 0) ** 2;
  }
  return best;
}

/** The sum of the products of `piece` with what is in `pcm` at each place. */
function correlation(pcm: Int16Array, piece: Int16Array): Float64Array {
  const length = 2 ** Math.ceil(Math.log2(pcm.length + piece.length));
  // One transform for both: one is the real part, the other the imaginary one.
  const real = new Float64Array(length);
  const imaginary = new Float64Array(length);
  real.set(pcm);
  imaginary.set(piece);
  transform(real, imaginary);
  const productReal = new Float64Array(length);
  const productImaginary = new Float64Array(length);
  for (let k = 0; k < length; k += 1) {
    const mirror = (length - k) % length;
    const [a, b] = [real[k] ?? 0, imaginary[k] ?? 0];
    const [c, d] = [real[mirror] ?? 0, imaginary[mirror] ?? 0];
    const [pcmReal, pcmImaginary] = [(a + c) / 2, (b - d) / 2];
    const [pieceReal, pieceImaginary] = [(b + d) / 2, (c - a) / 2];
    productReal[k] = pcmReal * pieceReal + pcmImaginary * pieceImaginary;
    // Conjugated, so that the same transform leads back.
    productImaginary[k] = pcmReal * pieceImaginary - pcmImaginary * pieceReal;
  }
  transform(productReal, productImaginary);
  return productReal.map((sum) => sum / length);
}

/** A Fourier transform in place, radix 2. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length;
  for (let i = 1, j = 0; i < length; i += 1) {
    let bit = length >> 1;
    for (; (j & bit) !== 0; bit >>= 1) {
      j ^= bit;
    }
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j] ?? 0, real[i] ?? 0];
      [imaginary[i], imaginary[j]] = [imaginary[j] ?? 0, imaginary[i] ?? 0];
    }
  }
  for (let half = 1; half < length; half *= 2) {
    for (let k = 0; k < half; k += 1) {
      const cosine = Math.cos((Math.PI * k) / half);
      const sine = -Math.sin((Math.PI * k) / half);
      for (let top = k; top < length; top += 2 * half) {
        const bottom = top + half;
        const turnedReal = cosine * (real[bottom] ?? 0) - sine * (imaginary[bottom] ?? 0);
        const turnedImaginary = cosine * (imaginary[bottom] ?? 0) + sine * (real[bottom] ?? 0);
        real[bottom] = (real[top] ?? 0) - turnedReal;
        imaginary[bottom] = (imaginary[top] ?? 0) - turnedImaginary;
        real[top] = (real[top] ?? 0) + turnedReal;
        imaginary[top] = (imaginary[top] ?? 0) + turnedImaginary;
      }
    }
  }
}
