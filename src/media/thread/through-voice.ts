/**
 * One other party's own voice, heard as it is and alone, which is all that a leg hears in a call nobody interprets. It
 * needs no media thread: the frame that is due is taken from the speaker's ring where it was just written, by the main
 * thread, which would else take it from the leg's own ring. That spares the other thread its tick, a sixth of what such
 * a leg costs, and the voice 4 ms. What the voice does when something is late is `live-lane.ts`'s, the same as on a
 * media thread.
 */

import { FRAME_MS, frameSamples } from '../../base/units.ts';
import { bytesOf } from '../dsp/sound.ts';
import type { MediaModules } from '../dsp/wasm.ts';
import { LiveLane } from '../play/live-lane.ts';
import type { FrameRingHandle } from '../ring/frame-ring.ts';
import type { MediaCounters } from '../ring/leg-memory.ts';

export class ThroughVoice {
  readonly #lane: LiveLane;
  #frame = new Int16Array(0);
  #bytes: Uint8Array = new Uint8Array(0);
  #lastMs: number | undefined;

  /** Hears what is written to `ring` from now on. */
  constructor(modules: MediaModules, counters: MediaCounters, ring: FrameRingHandle) {
    this.#lane = new LiveLane(modules, counters, ring);
  }

  /** Whether the voice has another rate than the listener, which is too much work for the main thread. */
  get converts(): boolean {
    return this.#lane.converts;
  }

  /**
   * The frame that is due at `nowMs`, silence where the speaker has none; undefined where a second one is asked for at
   * the same time and there is none. Good until the next call.
   */
  take(rateHz: number, nowMs: number): Uint8Array | undefined {
    this.#size(rateHz);
    const missed = this.#lastMs === undefined ? 0 : Math.round((nowMs - this.#lastMs) / FRAME_MS) - 1;
    this.#lastMs = nowMs;
    if (missed > 0) {
      this.#lane.stalled(missed, nowMs);
    }
    if (!this.#lane.pull(this.#frame, rateHz, nowMs)) {
      if (missed < 0) {
        return undefined;
      }
      this.#frame.fill(0);
    }
    return this.#bytes;
  }

  /** The next frame that has come; undefined: there is none. Good until the next call. */
  takeArrived(rateHz: number, nowMs: number): Uint8Array | undefined {
    this.#size(rateHz);
    this.#lastMs = nowMs;
    // Of the first frame that is converted there is less than a frame.
    while (this.#lane.waiting > 0) {
      if (this.#lane.pull(this.#frame, rateHz, nowMs)) {
        return this.#bytes;
      }
    }
    return undefined;
  }

  #size(rateHz: number): void {
    const samples = frameSamples(rateHz);
    if (this.#frame.length !== samples) {
      this.#frame = new Int16Array(samples);
      this.#bytes = bytesOf(this.#frame);
    }
  }

  /** Frees the libraries' memory. */
  close(): void {
    this.#lane.close();
  }
}
