/**
 * What a speaker of the bench sends: something the voice detector takes for a voice while words are said, and the noise
 * of a line between them. And what a synthesis engine of the bench makes: a tone that can be told from anything else
 * a listener may hear.
 */

import { frameSamples } from '../../../src/base/units.ts';
import { movingVoice } from '../moving-voice.ts';
import { Random } from './random.ts';
import type { TimedWord } from './timelines.ts';

/** Peak of the line's noise: about -62 dBFS. */
const NOISE_PEAK = 45;

/** A translation's tone. 20 ms hold 32 periods of it, so it has the same samples in each frame. */
const TONE_HZ = 1_600;
const TONE_PEAK = 8_000;
/**
 * A frame is translated sound when the tone alone is at least this loud: -32 dBFS of peak, 18 dB below what is made.
 */
const HEARD_PEAK = 800;

/** The sound of one speaker, frame by frame, at one rate. */
export class SpeakerSound {
  readonly #rateHz: number;
  readonly #voice: Int16Array;
  readonly #noise: Int16Array;
  readonly #frame: Int16Array;
  #position = 0;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
    this.#voice = movingVoice(rateHz);
    const random = new Random(1);
    this.#noise = new Int16Array(this.#voice.length).map(() =>
      Math.round(random.between(-NOISE_PEAK, NOISE_PEAK)),
    );
    this.#frame = new Int16Array(frameSamples(rateHz));
  }

  /** The 20 ms that begin `fromMs` after the first of `words`; good until the next call. */
  frame(words: readonly TimedWord[], fromMs: number): Int16Array {
    const frame = this.#frame;
    this.#position = (this.#position + frame.length) % this.#voice.length;
    const start = Math.min(this.#position, this.#voice.length - frame.length);
    frame.set(this.#noise.subarray(start, start + frame.length));
    const toMs = fromMs + (frame.length * 1_000) / this.#rateHz;
    for (let index = firstEndingAfter(words, fromMs); index < words.length; index += 1) {
      const word = words[index];
      if (word === undefined || word.startMs >= toMs) {
        break;
      }
      const from = Math.max(0, Math.round(((word.startMs - fromMs) * this.#rateHz) / 1_000));
      const to = Math.min(frame.length, Math.round(((word.endMs - fromMs) * this.#rateHz) / 1_000));
      for (let i = from; i < to; i += 1) {
        frame[i] = this.#voice[start + i] ?? 0;
      }
    }
    return frame;
  }
}

/** `durationMs` of the translation's tone, a multiple of 20 ms. */
export function translatedSound(durationMs: number, rateHz: number): Int16Array {
  const pcm = new Int16Array(Math.round((durationMs * rateHz) / 1_000));
  for (let i = 0; i < pcm.length; i += 1) {
    pcm[i] = Math.round(TONE_PEAK * Math.sin((2 * Math.PI * TONE_HZ * i) / rateHz));
  }
  return pcm;
}

/** Whether a frame has the translation's tone in it (Goertzel), whatever else it has. */
export function hasTranslatedSound(frame: Int16Array, rateHz: number): boolean {
  const twice = 2 * Math.cos((2 * Math.PI * TONE_HZ) / rateHz);
  let before = 0;
  let last = 0;
  for (let i = 0; i < frame.length; i += 1) {
    const next = (frame[i] ?? 0) + twice * last - before;
    before = last;
    last = next;
  }
  const power = last * last + before * before - twice * last * before;
  return (2 * Math.sqrt(Math.max(0, power))) / frame.length >= HEARD_PEAK;
}

/** Index of the first word that ends after `atMs`. */
function firstEndingAfter(words: readonly TimedWord[], atMs: number): number {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words[middle]?.endMs ?? 0) > atMs) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
