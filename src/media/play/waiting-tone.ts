/**
 * The soft tone a party hears until somebody is there: two notes, again and again.
 */

import type { Samples } from '../dsp/sound.ts';
import { addNotes, type Note } from './notes.ts';

const NOTES: readonly Note[] = [
  { hz: 523, startMs: 0, lengthMs: 180 },
  { hz: 659, startMs: 220, lengthMs: 260 },
];
const PERIOD_MS = 3_000;
/** -30 dB relative to full scale: soft, and clear on a telephone. */
const PEAK = 1_036;

export class WaitingTone {
  #elapsedSamples = 0;

  /** Adds the next samples of the tone to `out`. */
  mixInto(out: Samples, rateHz: number): void {
    const periodSamples = (rateHz * PERIOD_MS) / 1_000;
    for (let i = 0; i < out.length; i += 1) {
      addNotes(out, i, NOTES, this.#elapsedSamples, PEAK, rateHz);
      this.#elapsedSamples = (this.#elapsedSamples + 1) % periodSamples;
    }
  }
}
