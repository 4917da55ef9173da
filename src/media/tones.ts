/**
 * Sounds we make ourselves: the keys of a telephone (ITU-T Q.23), the soft tone a party hears until the other is
 * there, and the cue that a translation is on its way. All are added to what the leg hears, at the leg's own rate.
 */

import { addSample, type Samples } from './sound.ts';

/** Row and column frequency in Hz of each key. */
const KEY_HZ: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['1', [697, 1_209]],
  ['2', [697, 1_336]],
  ['3', [697, 1_477]],
  ['A', [697, 1_633]],
  ['4', [770, 1_209]],
  ['5', [770, 1_336]],
  ['6', [770, 1_477]],
  ['B', [770, 1_633]],
  ['7', [852, 1_209]],
  ['8', [852, 1_336]],
  ['9', [852, 1_477]],
  ['C', [852, 1_633]],
  ['*', [941, 1_209]],
  ['0', [941, 1_336]],
  ['#', [941, 1_477]],
  ['D', [941, 1_633]],
]);

/** A key sounds this long, since Asterisk says which key but not for how long: twice Q.24's least. */
const KEY_MS = 120;
/** Silence between two keys. */
const KEY_GAP_MS = 60;
/** Peak of each of a key's two tones: -12 dB relative to full scale. */
const KEY_PEAK = 8_230;
/** Keys waiting to sound; more than this many at once are dropped, the oldest first. */
const MOST_KEYS = 16;

/** Whether `key` has a tone. */
export function isDtmfKey(key: string): boolean {
  return KEY_HZ.has(key);
}

/** Plays keys one after the other. */
export class KeyTones {
  /** Keys that were dropped because too many waited. */
  dropped = 0;
  readonly #waiting: string[] = [];
  #elapsedSamples = 0;

  get playing(): boolean {
    return this.#waiting.length > 0;
  }

  press(key: string): void {
    this.#waiting.push(key);
    if (this.#waiting.length > MOST_KEYS) {
      // The one that sounds stays; the oldest that waits goes.
      this.#waiting.splice(1, 1);
      this.dropped += 1;
    }
  }

  /** Adds the next samples of the tones to `out`. */
  mixInto(out: Samples, rateHz: number): void {
    const toneSamples = (rateHz * KEY_MS) / 1_000;
    const wholeSamples = (rateHz * (KEY_MS + KEY_GAP_MS)) / 1_000;
    for (let i = 0; i < out.length && this.#waiting.length > 0; i += 1) {
      const [low, high] = KEY_HZ.get(this.#waiting[0] ?? '') ?? [0, 0];
      if (this.#elapsedSamples < toneSamples) {
        const radians = (2 * Math.PI * this.#elapsedSamples) / rateHz;
        const tone = Math.sin(low * radians) + Math.sin(high * radians);
        addSample(out, i, KEY_PEAK * edge(this.#elapsedSamples, toneSamples, rateHz) * tone);
      }
      this.#elapsedSamples += 1;
      if (this.#elapsedSamples >= wholeSamples) {
        this.#waiting.shift();
        this.#elapsedSamples = 0;
      }
    }
  }
}

interface Note {
  readonly hz: number;
  readonly startMs: number;
  readonly lengthMs: number;
}

/** The waiting tone: two soft notes each {@link WAITING_PERIOD_MS}. */
const WAITING_NOTES: readonly Note[] = [
  { hz: 523, startMs: 0, lengthMs: 180 },
  { hz: 659, startMs: 220, lengthMs: 260 },
];
const WAITING_PERIOD_MS = 3_000;
/** -30 dB relative to full scale: soft, and clear on a telephone. */
const WAITING_PEAK = 1_036;

export class WaitingTone {
  #elapsedSamples = 0;

  /** Adds the next samples of the tone to `out`. */
  mixInto(out: Samples, rateHz: number): void {
    const periodSamples = (rateHz * WAITING_PERIOD_MS) / 1_000;
    for (let i = 0; i < out.length; i += 1) {
      addNotes(out, i, WAITING_NOTES, this.#elapsedSamples, WAITING_PEAK, rateHz);
      this.#elapsedSamples = (this.#elapsedSamples + 1) % periodSamples;
    }
  }
}

/** The cue: two short notes that rise, 220 ms in all. */
const CUE_NOTES: readonly Note[] = [
  { hz: 587, startMs: 0, lengthMs: 110 },
  { hz: 784, startMs: 110, lengthMs: 110 },
];
const CUE_MS = 220;
/** -25 dB relative to full scale, which is -28 dB of root mean square. */
const CUE_PEAK = 1_843;

/** Plays the cue when told to. */
export class CueTone {
  /** Undefined while it is silent. */
  #elapsedSamples: number | undefined;

  get playing(): boolean {
    return this.#elapsedSamples !== undefined;
  }

  /** Begins, or begins again. */
  play(): void {
    this.#elapsedSamples = 0;
  }

  /** Adds the next samples of the cue to `out`. */
  mixInto(out: Samples, rateHz: number): void {
    const cueSamples = (rateHz * CUE_MS) / 1_000;
    for (let i = 0; i < out.length && this.#elapsedSamples !== undefined; i += 1) {
      addNotes(out, i, CUE_NOTES, this.#elapsedSamples, CUE_PEAK, rateHz);
      this.#elapsedSamples = this.#elapsedSamples + 1 < cueSamples ? this.#elapsedSamples + 1 : undefined;
    }
  }
}

/** Adds what sounds of `notes` at one sample of their time to `out[index]`. */
function addNotes(
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
      addSample(out, index, peak * edge(since, noteSamples, rateHz, 40) * tone);
    }
  }
}

/** A gain from 0 to 1 that rises and falls over `edgeMs` at the ends of a tone, so that it does not click. */
function edge(sample: number, toneSamples: number, rateHz: number, edgeMs = 3): number {
  const edgeSamples = (rateHz * edgeMs) / 1_000;
  return Math.min(1, sample / edgeSamples, (toneSamples - sample) / edgeSamples);
}
