/** Whether one recording holds a piece of another, after codecs and a telephone system in between. */

/** Where a piece was found. */
export interface Likeness {
  /** 0 to 1: the correlation of the piece with what is there. Below 0.3 it is not there. */
  readonly share: number;
  /** Where the piece begins in the recording. */
  readonly atMs: number;
}

/**
 * The place in `pcm`, between `fromMs` and `toMs`, that is most like `piece`; both are of `rateHz`. Cost: the product
 * of both lengths.
 */
export function mostLike(
  pcm: Int16Array,
  piece: Int16Array,
  rateHz: number,
  fromMs: number,
  toMs: number,
): Likeness {
  const last = Math.min(pcm.length - piece.length, Math.round((toMs * rateHz) / 1_000));
  const pieceEnergy = piece.reduce((sum, sample) => sum + sample * sample, 0);
  let best: Likeness = { share: 0, atMs: fromMs };
  for (let start = Math.round((fromMs * rateHz) / 1_000); start <= last; start += 1) {
    let product = 0;
    let energy = 1;
    for (let i = 0; i < piece.length; i += 1) {
      const sample = pcm[start + i] ?? 0;
      product += sample * (piece[i] ?? 0);
      energy += sample * sample;
    }
    const share = product / Math.sqrt(energy * pieceEnergy);
    if (share > best.share) {
      best = { share, atMs: (start * 1_000) / rateHz };
    }
  }
  return best;
}
