/**
 * An utterance that has no final: its sound, so that another stream can be given it again, and what was heard of it.
 * The sound is kept from its beginning, 20 s and what came before the voice: 672 KB (16,000 Hz * 21 s * 2 bytes).
 */

import { SPEECH_HZ, samplesToMs } from '../../base/units.ts';

/** The sound that is kept, in ms; endpointing ends an utterance after 20 s. */
const KEPT_MS = 21_000;

export class KeptUtterance {
  readonly utterance: number;
  ended = false;
  /** The most that was heard of it. */
  heard = '';
  /** Whether it is given again, and not as much of it has been heard again as before. */
  again = false;
  /** Whether a final of it left out what had been heard. */
  curtailed = false;
  /** Whether a next stream was asked for it because its final did not come. */
  renewed = false;
  /** How often a stream's silence about it was taken for death. */
  doubts = 0;
  readonly #frames: Int16Array[] = [];
  #forgotten = 0;
  #keptMs = 0;

  constructor(utterance: number) {
    this.utterance = utterance;
  }

  /** Whether its beginning is not kept any more. */
  get truncated(): boolean {
    return this.#forgotten > 0;
  }

  /** Frames from its beginning on, those included that are not kept any more. */
  get frames(): number {
    return this.#forgotten + this.#frames.length;
  }

  /** Frames at its beginning that are not kept any more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Keeps `pcm`. */
  add(pcm: Int16Array): void {
    this.#frames.push(pcm);
    this.#keptMs += msOf(pcm);
    while (this.#keptMs > KEPT_MS) {
      this.#keptMs -= msOf(this.#frames.shift() ?? pcm);
      this.#forgotten += 1;
    }
  }

  /** Frame `index`, for any number of streams: none of them changes it. */
  frame(index: number): Int16Array {
    return this.#frames[index - this.#forgotten] ?? new Int16Array(0);
  }

  /** It is to be given to another stream. */
  repeat(): void {
    this.again = true;
  }
}

export function msOf(pcm: Int16Array): number {
  return samplesToMs(pcm.length, SPEECH_HZ);
}
