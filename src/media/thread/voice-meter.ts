/**
 * How loud a leg is at the moment, for people who watch its call: read out of the ring of what has arrived when
 * somebody asks. So a leg that nobody watches pays nothing, and no media thread is told that it is watched.
 */

import { powerOf } from '../dsp/sound.ts';
import { type FrameRingHandle, FrameRingReader } from '../ring/frame-ring.ts';

/** What is this quiet, or quieter, shows nothing: dB relative to full scale (RMS). */
const QUIETEST_DBFS = -60;
const FULL_SCALE_POWER = 32_768 ** 2;
/** Who asks seldom is told of the latest 200 ms; who asks five times a second misses nothing. */
const MOST_FRAMES = 10;

export class VoiceMeter {
  readonly #reader: FrameRingReader;

  /** Hears what arrives from now on. */
  constructor(ring: FrameRingHandle) {
    this.#reader = new FrameRingReader(ring);
  }

  /**
   * The loudest frame since it was asked last, 0 to 100 in even steps of dB from -60 dBFS to full scale; 0 when none
   * has come. Costs about 1 µs a frame.
   */
  read(): number {
    this.#reader.discard(Math.max(0, this.#reader.available - MOST_FRAMES));
    let power = 0;
    for (let pcm = this.#reader.read(); pcm !== undefined; pcm = this.#reader.read()) {
      power = Math.max(power, powerOf(pcm));
    }
    const dbfs = power === 0 ? QUIETEST_DBFS : 10 * Math.log10(power / FULL_SCALE_POWER);
    return Math.round(100 * Math.min(1, Math.max(0, 1 - dbfs / QUIETEST_DBFS)));
  }
}
