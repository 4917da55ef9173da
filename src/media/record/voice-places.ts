/**
 * Where each frame that comes from a leg belongs on the call's clock. Frames are joined to the one before, since silence
 * between two of them would be a click that nobody sent; but a sender's clock runs otherwise than ours, and an hour of
 * that is half a second. So how late frames come for their places is watched, and where the earliest of two seconds is off
 * by more than half a frame, one is left out or silence of one is put in: in a quiet moment, if one comes soon.
 */

import { FRAME_MS } from '../../base/units.ts';

/**
 * How long lateness is watched before anything is corrected, in frames: two seconds. At first it is less, since the first
 * frame of all may have come late.
 */
const WINDOW_FRAMES = 100;
const FIRST_WINDOW_FRAMES = 10;
/** Off by more than this in ms, a quiet frame is taken to correct it; by more than the other, any frame. */
const CORRECT_MS = 11;
const CORRECT_AT_ONCE_MS = 15;
/** Frames of which the first comes this much after the one before it, in ms, are not joined to that: nothing was sent. */
const GAP_MS = 100;
/** Frames that come closer together than this, in ms, had waited somewhere: no silence lies between them. */
const TOGETHER_MS = 10;

export class VoicePlaces {
  readonly #startMs: number;
  /** The place after the last one. */
  #next: number | undefined;
  #lastAtMs = 0;
  #leastMs = Number.POSITIVE_INFINITY;
  #watched = 0;
  #windowFrames = FIRST_WINDOW_FRAMES;
  /** Frames that are still to be left out. */
  #tooMany = 0;

  /** @param startMs when frame 0 begins, in ms of the clock by which frames arrive. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Whether it matters of the next frame that nobody would miss it: of about one in a hundred. */
  get asksForQuiet(): boolean {
    return this.#watched + 1 >= this.#windowFrames;
  }

  /**
   * The place of the next frame; undefined: it is left out. Call it once for each frame, in their order.
   * @param nextAtMs when the frame after it came, if it has. @param quiet whether nobody would miss it, where
   *   {@link asksForQuiet}.
   */
  place(atMs: number, nextAtMs: number | undefined, quiet: boolean): number | undefined {
    const byClock = (atMs - this.#startMs) / FRAME_MS;
    const gapMs = atMs - this.#lastAtMs;
    this.#lastAtMs = atMs;
    const waited = nextAtMs !== undefined && nextAtMs - atMs < TOGETHER_MS;
    const lateMs = (byClock - (this.#next ?? byClock)) * FRAME_MS;
    if (this.#next === undefined || (gapMs > GAP_MS && lateMs > GAP_MS && !waited)) {
      return this.#put(Math.max(0, Math.round(byClock)));
    }
    if (this.#tooMany > 0) {
      this.#tooMany -= 1;
      return undefined;
    }
    this.#leastMs = Math.min(this.#leastMs, lateMs);
    this.#watched += 1;
    if (this.#watched < this.#windowFrames) {
      this.#next += 1;
      return this.#next - 1;
    }
    return this.#corrected(this.#next, quiet);
  }

  /** After some frames: puts right what is off, now or in a quiet moment. */
  #corrected(next: number, quiet: boolean): number | undefined {
    const offMs = Math.abs(this.#leastMs);
    if (offMs <= CORRECT_MS) {
      return this.#put(next);
    }
    if (!quiet && offMs <= CORRECT_AT_ONCE_MS) {
      // Watched on from here, until somebody is quiet.
      this.#next = next + 1;
      return next;
    }
    if (this.#leastMs > 0) {
      return this.#put(next + Math.max(1, Math.round(this.#leastMs / FRAME_MS)));
    }
    this.#tooMany = Math.max(1, Math.round(offMs / FRAME_MS)) - 1;
    this.#forget();
    return undefined;
  }

  #put(place: number): number {
    this.#next = place + 1;
    this.#forget();
    return place;
  }

  #forget(): void {
    this.#leastMs = Number.POSITIVE_INFINITY;
    this.#watched = 0;
    this.#windowFrames = Math.min(WINDOW_FRAMES, this.#windowFrames * 2);
  }
}
