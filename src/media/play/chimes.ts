/**
 * Short sounds that tell a listener something: that a translation is on its way, that somebody has joined or left, that
 * what was just said is kept until the interpreter has spoken, that what is heard next is not interpreted. They are
 * soft, so that a translation is understood under them.
 */

import type { Samples } from '../dsp/sound.ts';
import { addNotes, type Note } from './notes.ts';

/** What a party is told of the others. */
export type PartyTone =
  | 'joined'
  | 'left'
  | 'one-moment'
  | 'ends-soon'
  | 'uninterpreted'
  | 'recorded'
  | 'resumed';

/** `cue`: a translation is on its way. */
export type ChimeName = PartyTone | 'cue';

interface Chime {
  readonly notes: readonly Note[];
  readonly lengthMs: number;
  readonly peak: number;
}

/** -30 dB relative to full scale: 15 dB and more below a voice. */
const SOFT_PEAK = 1_036;

const CHIMES: Readonly<Record<ChimeName, Chime>> = {
  /** Rises by a fourth. It sounds only where nothing else does: -25 dB, which is -28 dB of root mean square. */
  cue: {
    notes: [
      { hz: 587, startMs: 0, lengthMs: 110 },
      { hz: 784, startMs: 110, lengthMs: 110 },
    ],
    lengthMs: 220,
    peak: 1_843,
  },
  /** Rises by a third, lower than the cue. */
  joined: {
    notes: [
      { hz: 440, startMs: 0, lengthMs: 120 },
      { hz: 554, startMs: 120, lengthMs: 160 },
    ],
    lengthMs: 280,
    peak: SOFT_PEAK,
  },
  /** The same, falling. */
  left: {
    notes: [
      { hz: 554, startMs: 0, lengthMs: 120 },
      { hz: 440, startMs: 120, lengthMs: 160 },
    ],
    lengthMs: 280,
    peak: SOFT_PEAK,
  },
  /** One low note, twice: what is heard next is not interpreted. */
  uninterpreted: {
    notes: [
      { hz: 392, startMs: 0, lengthMs: 110 },
      { hz: 392, startMs: 150, lengthMs: 130 },
    ],
    lengthMs: 280,
    peak: SOFT_PEAK,
  },
  /** Rises by a fifth: the call goes on, after a moment without a sound. */
  resumed: {
    notes: [
      { hz: 659, startMs: 0, lengthMs: 100 },
      { hz: 988, startMs: 110, lengthMs: 130 },
    ],
    lengthMs: 240,
    peak: SOFT_PEAK,
  },
  /** What telephone people know: 1,400 Hz for half a second (47 CFR 64.501). */
  recorded: {
    notes: [{ hz: 1_400, startMs: 0, lengthMs: 500 }],
    lengthMs: 500,
    peak: SOFT_PEAK,
  },
  /** Falls by a third, and by another. */
  'ends-soon': {
    notes: [
      { hz: 784, startMs: 0, lengthMs: 140 },
      { hz: 659, startMs: 160, lengthMs: 140 },
      { hz: 523, startMs: 320, lengthMs: 220 },
    ],
    lengthMs: 540,
    peak: SOFT_PEAK,
  },
  /** One note struck twice. */
  'one-moment': {
    notes: [
      { hz: 659, startMs: 0, lengthMs: 100 },
      { hz: 659, startMs: 160, lengthMs: 140 },
    ],
    lengthMs: 300,
    peak: SOFT_PEAK,
  },
};

/** Plays one chime at a time: one that is asked for while another sounds comes after it, of several the last. */
export class Chimes {
  /** Undefined while it is silent. */
  #chime: Chime | undefined;
  #next: Chime | undefined;
  #elapsedSamples = 0;

  get playing(): boolean {
    return this.#chime !== undefined;
  }

  play(name: ChimeName): void {
    if (this.#chime === undefined) {
      this.#chime = CHIMES[name];
    } else {
      this.#next = CHIMES[name];
    }
  }

  /** Adds the next samples of what sounds to `out`. */
  mixInto(out: Samples, rateHz: number): void {
    for (let i = 0; i < out.length && this.#chime !== undefined; i += 1) {
      const { notes, lengthMs, peak } = this.#chime;
      addNotes(out, i, notes, this.#elapsedSamples, peak, rateHz);
      this.#elapsedSamples += 1;
      if (this.#elapsedSamples >= (rateHz * lengthMs) / 1_000) {
        this.#elapsedSamples = 0;
        this.#chime = this.#next;
        this.#next = undefined;
      }
    }
  }
}
