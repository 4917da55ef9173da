/**
 * Soft notes that a leg hears beside all else, at its own rate: each rises and falls slowly enough that it neither
 * clicks nor hides what is spoken. Several of them make a chime, which sounds once.
 */

import { addSample, type Samples } from '../dsp/sound.ts';

/** How long a note takes to rise and to fall, in ms. */
const EDGE_MS = 40;

export interface Note {
  readonly hz: number;
  readonly startMs: number;
  readonly lengthMs: number;
}

/** Adds what sounds of `notes` at one sample of their time to `out[index]`. */
export function addNotes(
  out: Samples,
  index: number,
  notes: readonly Note[],
  sample: number,
  peak: number,
  rateHz: number,
): void {
  for (const note of notes) {
    const since = sample - (note.startMs * rateHz) / 1_000;
    const noteSamples = (note.lengthMs * rateHz) / 1_000;
    if (since >= 0 && since < noteSamples) {
      const tone = Math.sin((2 * Math.PI * note.hz * since) / rateHz);
      addSample(out, index, peak * toneEdge(since, noteSamples, rateHz, EDGE_MS) * tone);
    }
  }
}

/** A gain from 0 to 1 that rises and falls over `edgeMs` at the ends of a tone. */
export function toneEdge(sample: number, toneSamples: number, rateHz: number, edgeMs: number): number {
  const edgeSamples = (rateHz * edgeMs) / 1_000;
  return Math.min(1, sample / edgeSamples, (toneSamples - sample) / edgeSamples);
}
