/**
 * A sound as the outline of its loudest samples: up along the maxima, back along the minima, as SVG path data. Each
 * sound is drawn at its own scale, so heights of different lanes do not compare.
 */

export interface WaveformBox {
  readonly left: number;
  readonly width: number;
  readonly middle: number;
  /** From the middle to the loudest sample, in the picture's units. */
  readonly height: number;
}

/** Sounds whose loudest sample is below this are drawn as quiet, not blown up: -30 dBFS. */
const LEAST_SCALE = 1_036;

/** The outline with one point per unit of width; empty for no samples. */
export function waveformPath(pcm: Int16Array, box: WaveformBox): string {
  const columns = Math.min(pcm.length, Math.floor(box.width));
  if (columns < 1) {
    return '';
  }
  let peak = LEAST_SCALE;
  for (const sample of pcm) {
    peak = Math.max(peak, Math.abs(sample));
  }
  const above: string[] = [];
  const below: string[] = [];
  for (let column = 0; column < columns; column += 1) {
    const first = Math.floor((column * pcm.length) / columns);
    const after = Math.floor(((column + 1) * pcm.length) / columns);
    let most = 0;
    let least = 0;
    for (let i = first; i < after; i += 1) {
      const sample = pcm[i] ?? 0;
      most = Math.max(most, sample);
      least = Math.min(least, sample);
    }
    const x = (box.left + (column * box.width) / columns).toFixed(1);
    // Half a unit more on each side, so that silence is a line and not nothing.
    above.push(`${x} ${(box.middle - 0.5 - (most / peak) * box.height).toFixed(1)}`);
    below.push(`${x} ${(box.middle + 0.5 - (least / peak) * box.height).toFixed(1)}`);
  }
  return `M${[...above, ...below.reverse()].join('L')}Z`;
}
