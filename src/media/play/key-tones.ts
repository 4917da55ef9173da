/**
 * The tones of a telephone's keys (ITU-T Q.23), added to what the leg hears, at the leg's own rate.
 */

import { addSample, type Samples } from '../dsp/sound.ts';
import { toneEdge } from './notes.ts';

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
/** How long it rises and falls, so that it does not click. */
const EDGE_MS = 3;
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
        addSample(out, i, KEY_PEAK * toneEdge(this.#elapsedSamples, toneSamples, rateHz, EDGE_MS) * tone);
      }
      this.#elapsedSamples += 1;
      if (this.#elapsedSamples >= wholeSamples) {
        this.#waiting.shift();
        this.#elapsedSamples = 0;
      }
    }
  }
}
