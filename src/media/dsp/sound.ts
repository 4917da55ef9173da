/**
 * Small sums over samples that several lanes need: is this silence, how loud is it, add with a ceiling, fade.
 */

/** Frames whose loudest sample is at most this are silence to the ear: -50 dB relative to full scale. */
export const SILENCE_PEAK = 103;

const FULL_SCALE = 32_768;

/** Samples of a wire or a lane, or a sum of several that is still to be brought below full scale. */
export type Samples = Int16Array | Float32Array;

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

/** The loudest sample of `pcm`, without its sign. */
export function peakOf(pcm: Int16Array): number {
  let peak = 0;
  for (let i = 0; i < pcm.length; i += 1) {
    peak = Math.max(peak, Math.abs(pcm[i] ?? 0));
  }
  return peak;
}

/** The mean of the squares of `pcm`: its power. 0 for no samples. */
export function powerOf(pcm: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < pcm.length; i += 1) {
    const sample = pcm[i] ?? 0;
    sum += sample * sample;
  }
  return pcm.length === 0 ? 0 : sum / pcm.length;
}

/** The power of samples whose root mean square is `levelDbfs` dB relative to full scale. */
export function powerAt(levelDbfs: number): number {
  return FULL_SCALE ** 2 * 10 ** (levelDbfs / 10);
}

/** The root mean square, in samples, of `levelDbfs` dB relative to full scale; also the peak of that level. */
export function amplitudeAt(levelDbfs: number): number {
  return FULL_SCALE * 10 ** (levelDbfs / 20);
}

/** What samples are multiplied by to be `db` dB louder. */
export function gainOf(db: number): number {
  return db === 0 ? 1 : 10 ** (db / 20);
}

/** Adds `sample` to `out[index]`; samples of 16 bits stop at full scale, a sum does not. */
export function addSample(out: Samples, index: number, sample: number): void {
  const sum = (out[index] ?? 0) + sample;
  out[index] = out instanceof Float32Array ? sum : Math.max(-32_768, Math.min(32_767, sum));
}

/** Adds `pcm` to `mix` at a gain that moves evenly from `from` to `to` over its length. */
export function addAt(mix: Float32Array, pcm: Int16Array, from: number, to: number): void {
  const step = (to - from) / pcm.length;
  for (let i = 0; i < pcm.length; i += 1) {
    mix[i] = (mix[i] ?? 0) + (pcm[i] ?? 0) * (from + step * i);
  }
}

/** A gain from 0 to 1 along half a cosine, `sample` samples into an edge of `edgeSamples`. */
export function cosineEdge(sample: number, edgeSamples: number): number {
  return sample >= edgeSamples ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * sample) / edgeSamples);
}

/** The bytes of samples, as a view: the memory stays the samples'. */
export function bytesOf(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}
