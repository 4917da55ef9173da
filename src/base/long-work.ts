/**
 * Work that takes several ms and can wait, done on the thread that sends sound: the loop turns whenever a little of it is
 * done, so that what is due goes out in between. Ask between two steps, each of which is short.
 *
 *   if (work.isPauseDue) {
 *     await work.pause();
 *   }
 */

import { type Clock, turnOfLoop } from './clock.ts';

/** What is done in one turn of the loop, in ms: sound may be late by as much. */
const SLICE_MS = 1;

export class LongWork {
  readonly #clock: Clock;
  #pauseAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pauseAtMs = clock.nowMs() + SLICE_MS;
  }

  get isPauseDue(): boolean {
    return this.#clock.nowMs() >= this.#pauseAtMs;
  }

  /** Resolves when the loop has turned. */
  async pause(): Promise<void> {
    await turnOfLoop();
    this.#pauseAtMs = this.#clock.nowMs() + SLICE_MS;
  }
}
