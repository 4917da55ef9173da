/** What the telephones of the harness send: a voice while words are said, whose numbers sound above it. */

import { FRAME_MS, frameSamples } from '../../src/base/units.ts';
import { Random } from '../bench/interpret/random.ts';
import { movingVoice } from '../bench/moving-voice.ts';
import type { SaidWord } from './chaos-script.ts';
import { addWord, SAID } from './word-code.ts';

/** So that the highest is below the lowest tone however the pitch swings: 14 * 120 Hz * 1.27 = 2.1 kHz. */
const OVERTONES = 14;
const VOICE_HZ = 120;
/** 15 dB below the voice. */
const CODE_PEAK = 1_600;
/** Peak of the line's noise: about -62 dBFS. */
const NOISE_PEAK = 45;

export class CodedVoice {
  readonly #words: readonly SaidWord[];
  readonly #rateHz: number;
  readonly #voice: Int16Array;
  readonly #frame: Int16Array;
  readonly #random = new Random(1);
  #next = 0;

  /** @param words none is a party that only listens. */
  constructor(words: readonly SaidWord[], rateHz: number) {
    this.#words = words;
    this.#rateHz = rateHz;
    this.#voice = movingVoice(rateHz, VOICE_HZ, OVERTONES);
    this.#frame = new Int16Array(frameSamples(rateHz));
  }

  /** Frame `number`, which must not be lower than before; good until the next call. */
  frame(number: number): Int16Array {
    const frame = this.#frame;
    const atMs = number * FRAME_MS;
    while ((this.#words[this.#next]?.endMs ?? Number.POSITIVE_INFINITY) <= atMs) {
      this.#next += 1;
    }
    const word = this.#words[this.#next];
    const says = word !== undefined && word.startMs <= atMs;
    for (let i = 0; i < frame.length; i += 1) {
      const voice = says ? (this.#voice[(number * frame.length + i) % this.#voice.length] ?? 0) : 0;
      frame[i] = voice + Math.round(this.#random.between(-NOISE_PEAK, NOISE_PEAK));
    }
    if (says) {
      addWord(frame, ((word.startMs - atMs) * this.#rateHz) / 1_000, word.id, this.#rateHz, SAID, CODE_PEAK);
    }
    return frame;
  }
}
