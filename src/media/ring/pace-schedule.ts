/**
 * When the frames of one leg are due, and what to do when they were not sent in time: pure arithmetic on absolute
 * deadlines. After a stall at most two frames leave at once; the others are forgiven, since a late burst is
 * audible and silence that nobody sent is not missed. The main thread and the leg's media thread share it: a frame is
 * due to whoever asks first.
 */

import { BucketCounts, bucketWords } from '../../base/bucket-counts.ts';
import { FRAME_MS } from '../../base/units.ts';
import type { WordsHandle } from './leg-memory.ts';

/** Frames that may leave at once after a stall, the one that is due included. */
export const MOST_AT_ONCE = 2;

/** Bounds by which the lateness of frames is counted, in ms. */
const LATENESS_BOUNDS_MS = [0.5, 1, 2, 3, 5, 10, 20, 40, 100];

/** Words of 32 bits: how many frames were due so far, how many of those were given up, and how late the others were. */
const DUE = 0;
const FORGIVEN = 1;
const LATENESS = 2;
const WORDS = LATENESS + bucketWords(LATENESS_BOUNDS_MS);

/** How much of the leg's memory it needs. */
export const PACE_BYTES = WORDS * 4;

export class PaceSchedule {
  readonly #words: Int32Array;
  readonly #firstMs: number;
  /** How late frames were when they were asked for, in ms; those that were given up left out. */
  readonly lateness: BucketCounts;
  /** The number of the next of the frames that {@link due} gave out. */
  #given = 0;

  /** @param firstMs when the first frame is due. */
  constructor({ memory, byteOffset }: WordsHandle, firstMs: number) {
    this.#words = new Int32Array(memory, byteOffset, WORDS);
    this.lateness = new BucketCounts(LATENESS_BOUNDS_MS, this.#words.subarray(LATENESS));
    this.#firstMs = firstMs;
  }

  /** Makes the memory that of a leg that was sent nothing. */
  static clear({ memory, byteOffset }: WordsHandle): void {
    new Int32Array(memory, byteOffset, WORDS).fill(0);
  }

  /** Frames given up because their time had passed. */
  get forgiven(): number {
    return Atomics.load(this.#words, FORGIVEN);
  }

  /** How many frames should have been sent by now and were not asked for. */
  overdue(nowMs: number): number {
    return Math.max(0, this.#passed(nowMs) - Atomics.load(this.#words, DUE));
  }

  /** How many frames to send now: none before the deadline, one on time, never more than {@link MOST_AT_ONCE}. */
  due(nowMs: number): number {
    const passed = this.#passed(nowMs);
    for (;;) {
      const before = Atomics.load(this.#words, DUE);
      if (passed <= before) {
        return 0;
      }
      if (Atomics.compareExchange(this.#words, DUE, before, passed) === before) {
        const sent = Math.min(passed - before, MOST_AT_ONCE);
        this.#given = passed - sent;
        if (passed - before > sent) {
          Atomics.add(this.#words, FORGIVEN, passed - before - sent);
        }
        const lateMs = nowMs - this.#firstMs - (passed - 1) * FRAME_MS;
        for (let frame = 0; frame < sent; frame += 1) {
          this.lateness.add(lateMs + frame * FRAME_MS);
        }
        return sent;
      }
    }
  }

  /** The number, counted from the leg's first frame, of the next of those that {@link due} gave out to be sent. */
  takeNumber(): number {
    this.#given += 1;
    return this.#given - 1;
  }

  /** The number of the frame that is due next, for who makes it before its deadline. */
  get nextNumber(): number {
    return Atomics.load(this.#words, DUE);
  }

  /** How many deadlines have passed since the beginning. */
  #passed(nowMs: number): number {
    return Math.floor((nowMs - this.#firstMs) / FRAME_MS) + 1;
  }
}
