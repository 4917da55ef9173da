/**
 * Takes long silence out of translated speech, in which a provider may fill every moment: passed on, it would hold up
 * what is said next, and the provider would never seem to be done. Pauses inside speech stay.
 */

import { samplesToMs } from '../../../base/units.ts';

/** Louder than this is sound: -60 dBFS, 32,768 * 0.001. */
const SOUND_LEVEL = 33;

/** The longest pause that belongs to speech, in ms. */
const PAUSE_LIMIT_MS = 400;

export class LongPauses {
  /** Silence that is a pause if speech follows soon; undefined while there has been none long enough to be dropped. */
  #pause: Int16Array[] | undefined;
  #pauseMs = 0;

  /** What of the stream is to be played now, perhaps nothing. Keeps `pcm`, or returns it. */
  push(pcm: Int16Array, rateHz: number): readonly Int16Array[] {
    if (pcm.some((sample) => sample > SOUND_LEVEL || sample < -SOUND_LEVEL)) {
      const due = [...(this.#pause ?? []), pcm];
      this.#pause = [];
      this.#pauseMs = 0;
      return due;
    }
    if (this.#pause !== undefined) {
      this.#pause.push(pcm);
      this.#pauseMs += samplesToMs(pcm.length, rateHz);
      if (this.#pauseMs > PAUSE_LIMIT_MS) {
        this.#pause = undefined;
      }
    }
    return [];
  }
}
