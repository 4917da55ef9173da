/**
 * When to give a listener a sign of life: a translation is on its way and for too long there has been nothing to hear.
 * Pure; it is asked once a frame. What sounds is `CueTone`.
 */

import { FRAME_MS } from '../../base/units.ts';

/** Nothing to hear for this long, in ms, is too long. */
const CUE_AFTER_MS = 1_500;
/** From the beginning of one cue to that of the next, in ms. */
const CUE_PERIOD_MS = 3_000;

export class ListenerCue {
  /** Ms of nothing to hear while something is awaited. */
  #quietMs = 0;
  #dueMs = CUE_AFTER_MS;

  /**
   * Returns whether a cue begins with this frame.
   * @param expecting a translation is on its way. @param audible a voice is heard in this frame, whosever.
   */
  next(expecting: boolean, audible: boolean): boolean {
    if (!expecting || audible) {
      this.#quietMs = 0;
      this.#dueMs = CUE_AFTER_MS;
      return false;
    }
    const due = this.#quietMs >= this.#dueMs;
    this.#quietMs += FRAME_MS;
    this.#dueMs += due ? CUE_PERIOD_MS : 0;
    return due;
  }
}
