/**
 * How loud a leg has just spoken, for listeners that can mix only some of many voices. It lies in the memory of the
 * leg's inbound ring, so whoever hears the ring can ask; the leg's own task writes it each tick, once somebody has
 * asked. Asking is one atomic load; a leg whose level nobody wants pays the same each tick.
 */

import { type FrameRingHandle, frameRingHeader, LEVEL_WANTED_WORD, LEVEL_WORD } from './frame-ring.ts';

/**
 * What it falls by in a tick at most: 20 dB in a second, so that a breath between words does not cost a speaker their
 * place.
 */
const DECAY = 10 ** (-1 / 50);

export class VoiceLevel {
  readonly #words: Int32Array;
  #power = 0;

  /** Each side makes its own. */
  constructor(ring: FrameRingHandle) {
    this.#words = frameRingHeader(ring);
  }

  /** Whether anybody chooses among voices, this one among them. */
  get wanted(): boolean {
    return Atomics.load(this.#words, LEVEL_WANTED_WORD) !== 0;
  }

  /** Asks for the level from now on, for as long as the leg lives. */
  want(): void {
    Atomics.store(this.#words, LEVEL_WANTED_WORD, 1);
  }

  /** The root mean square of the loudest frame of late, in samples; 0 before it was wanted. */
  get amplitude(): number {
    return Atomics.load(this.#words, LEVEL_WORD);
  }

  /** The leg has said a frame of this power, the mean of its samples' squares. */
  heard(power: number): void {
    this.#power = Math.max(this.#power, power);
  }

  /** A tick is over: what was heard since the last one counts from now on. */
  publish(): void {
    const amplitude = Math.max(Math.sqrt(this.#power), this.amplitude * DECAY);
    this.#power = 0;
    // Rounded down, so that it reaches 0.
    Atomics.store(this.#words, LEVEL_WORD, Math.floor(amplitude));
  }
}
