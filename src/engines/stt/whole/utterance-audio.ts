/**
 * The audio of one utterance, whole, because each request sends all of it again. It is bounded: past the limit the
 * oldest is dropped and counted. It also knows whether anything was said after a pause, which decides if a
 * transcription made at the pause is already the final one.
 */

import { SPEECH_HZ, samplesToMs } from '../../../base/units.ts';
import { encodeWav } from '../../../protocol/wav.ts';
import type { HeardSound } from '../made-up.ts';

/** 28 s: Whisper hears windows of 30 s, and no utterance is longer than 20 s. */
const MOST_SAMPLES = 28 * SPEECH_HZ;

/** 1.1 s: older whisper.cpp hears nothing in less than a second, and OpenAI refuses less than 0.1 s. */
const LEAST_SENT_SAMPLES = (SPEECH_HZ * 11) / 10;

/** 5 s to begin with; it doubles. */
const FIRST_SAMPLES = 5 * SPEECH_HZ;

/** 20 ms. */
const LOUDNESS_SAMPLES = 320;

/** 100 ms: what is sure to be silence when one is told of a pause, which comes after 200 ms of it. */
const PAUSE_SAMPLES = 1_600;

/** Mean squares. Silence may be 6 dB louder than what came before it, and is never called loud below -56 dBFS. */
const LOUDER = 4;
const SILENCE_FLOOR = 50 ** 2;
const FULL_SCALE = 32_768;

export class UtteranceAudio {
  #pcm = new Int16Array(FIRST_SAMPLES);
  #samples = 0;
  #droppedSamples = 0;

  /** Samples written since the utterance began, dropped ones included. */
  get samples(): number {
    return this.#samples + this.#droppedSamples;
  }

  /** Copies `pcm`. Returns how much audio was given up for it, in ms. */
  write(pcm: Int16Array): number {
    const kept = pcm.subarray(Math.max(0, pcm.length - MOST_SAMPLES));
    const excess = Math.max(0, this.#samples + kept.length - MOST_SAMPLES);
    if (excess > 0) {
      this.#pcm.copyWithin(0, excess, this.#samples);
      this.#samples -= excess;
    }
    const dropped = excess + pcm.length - kept.length;
    this.#droppedSamples += dropped;
    if (this.#samples + kept.length > this.#pcm.length) {
      const room = Math.min(MOST_SAMPLES, Math.max(this.#pcm.length * 2, this.#samples + kept.length));
      const larger = new Int16Array(room);
      larger.set(this.#pcm.subarray(0, this.#samples));
      this.#pcm = larger;
    }
    this.#pcm.set(kept, this.#samples);
    this.#samples += kept.length;
    return samplesToMs(dropped, SPEECH_HZ);
  }

  /** A WAV file of all there is, made up to 1.1 s with silence. */
  wav(): Buffer {
    const pcm = new Int16Array(Math.max(LEAST_SENT_SAMPLES, this.#samples));
    pcm.set(this.#pcm.subarray(0, this.#samples));
    return encodeWav({ rateHz: SPEECH_HZ, pcm });
  }

  /** All there is, copied. */
  pcm(): Int16Array {
    return this.#pcm.slice(0, this.#samples);
  }

  /** What {@link wav} has in it. */
  get sound(): HeardSound {
    const loudest = Math.sqrt(this.#loudest(0, this.#samples));
    return {
      lengthMs: samplesToMs(this.#samples, SPEECH_HZ),
      loudestDb: 20 * Math.log10(loudest / FULL_SCALE),
    };
  }

  /**
   * Whether nothing was said in the pause that was noticed at sample `pauseSample`, up to now: it has stayed about as
   * quiet as just before it was noticed.
   */
  quietSince(pauseSample: number): boolean {
    const pause = Math.max(0, pauseSample - this.#droppedSamples);
    const before = this.#loudest(Math.max(0, pause - PAUSE_SAMPLES), pause);
    return this.#loudest(pause, this.#samples) <= Math.max(SILENCE_FLOOR, before * LOUDER);
  }

  /** The mean square of the loudest 20 ms, from one place of the buffer to another. */
  #loudest(from: number, to: number): number {
    let loudest = 0;
    for (let start = from; start < to; start += LOUDNESS_SAMPLES) {
      const frame = this.#pcm.subarray(start, Math.min(to, start + LOUDNESS_SAMPLES));
      let sum = 0;
      for (const sample of frame) {
        sum += sample * sample;
      }
      loudest = Math.max(loudest, sum / frame.length);
    }
    return loudest;
  }
}
