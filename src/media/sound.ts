/**
 * Small sums over samples that several lanes need: is this silence, add with a ceiling, fade.
 */

/** Frames whose loudest sample is below this are silence to the ear: -50 dB relative to full scale. */
const SILENCE_PEAK = 103;

/** Whether no sample of `pcm` is loud enough to be missed. */
export function isSilence(pcm: Int16Array): boolean {
  for (let i = 0; i < pcm.length; i += 1) {
    const sample = pcm[i] ?? 0;
    if (sample > SILENCE_PEAK || sample < -SILENCE_PEAK) {
      return false;
    }
  }
  return true;
}

/** Adds `sample` to `out[index]`, stopping at full scale. */
export function addSample(out: Int16Array, index: number, sample: number): void {
  const sum = (out[index] ?? 0) + sample;
  out[index] = Math.max(-32_768, Math.min(32_767, sum));
}

/** Multiplies `pcm` in place by a gain that moves evenly from `from` to `to` over its length. */
export function fade(pcm: Int16Array, from: number, to: number): void {
  const step = (to - from) / pcm.length;
  for (let i = 0; i < pcm.length; i += 1) {
    pcm[i] = (pcm[i] ?? 0) * (from + step * i);
  }
}

/** The bytes of samples, as a view: the memory stays the samples'. */
export function bytesOf(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}
