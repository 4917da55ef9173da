/**
 * Sound in frames of 20 ms and what to compare it by, for tests of the media floor.
 */

import { FRAME_MS, frameSamples } from '../../src/base/units.ts';
import { type FrameRingHandle, FrameRingReader } from '../../src/media/ring/frame-ring.ts';
import { concatPcm } from '../asterisk/audio.ts';

/** The whole frames of `pcm`, as views; what is left over is given up. */
export function framesOf(pcm: Int16Array, rateHz: number): readonly Int16Array[] {
  const samples = frameSamples(rateHz);
  return Array.from({ length: Math.floor(pcm.length / samples) }, (_, index) =>
    pcm.subarray(index * samples, (index + 1) * samples),
  );
}

/** `pcm` in pieces of `samples` samples; the last one may be shorter. */
export function inPieces(pcm: Int16Array, samples: number): readonly Int16Array[] {
  return Array.from({ length: Math.ceil(pcm.length / samples) }, (_, index) =>
    pcm.subarray(index * samples, (index + 1) * samples),
  );
}

/** A frame of which every sample is `value`. */
export function constantFrame(value: number, samples: number): Int16Array {
  return new Int16Array(samples).fill(value);
}

/** Everything `reader` can read now, as one piece of sound. */
export function readAll(reader: FrameRingReader): Int16Array {
  const frames: Int16Array[] = [];
  for (let pcm = reader.read(); pcm !== undefined; pcm = reader.read()) {
    frames.push(pcm.slice());
  }
  return concatPcm(...frames);
}

/** Everything `ring` still holds. */
export function contentOf(ring: FrameRingHandle): Int16Array {
  return readAll(new FrameRingReader(ring, 0));
}

/** How long `pcm` lasts in ms. */
export function durationMs(pcm: Int16Array, rateHz: number): number {
  return (pcm.length / frameSamples(rateHz)) * FRAME_MS;
}

/** The frequency in Hz of a tone, by how often it rises through zero; within about 1 Hz for a second of it. */
export function pitchHz(pcm: Int16Array, rateHz: number): number {
  let crossings = 0;
  for (let i = 1; i < pcm.length; i += 1) {
    crossings += (pcm[i - 1] ?? 0) < 0 && (pcm[i] ?? 0) >= 0 ? 1 : 0;
  }
  return (crossings * rateHz) / pcm.length;
}

/** `pcm` as a segment of it is heard: the first and last 5 ms rise and fall along half a cosine. */
export function softened(pcm: Int16Array, rateHz: number): Int16Array {
  const edgeSamples = Math.round(rateHz * 0.005);
  const gain = (sample: number): number =>
    sample >= edgeSamples ? 1 : (1 - Math.cos((Math.PI * sample) / edgeSamples)) / 2;
  return pcm.map((value, index) => {
    const risen = Math.round(value * gain(index));
    return Math.round(risen * gain(pcm.length - 1 - index));
  });
}

/** The greatest difference between two samples that follow each other. */
export function greatestStep(pcm: Int16Array): number {
  let greatest = 0;
  for (let i = 1; i < pcm.length; i += 1) {
    greatest = Math.max(greatest, Math.abs((pcm[i] ?? 0) - (pcm[i - 1] ?? 0)));
  }
  return greatest;
}
