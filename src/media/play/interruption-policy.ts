/**
 * What becomes of a translation when its listener speaks. Nobody is silenced for that: "mhm" passes unnoticed; a real
 * interruption makes the translation softer, lets the segment end, and makes the next one wait for a while. Pure: a
 * call per frame, no clock.
 */

import { FRAME_MS } from '../../base/units.ts';
import type { FoundSpeech } from '../hear/speech-event.ts';

/** Speech over a translation that is an interruption from then on, in ms; shorter is an acknowledgement. */
const INTERRUPTION_MS = 500;
/** How long, in ms, segments wait in one utterance of the listener. */
const MOST_WAIT_MS = 2_500;
/** The translation during an interruption: -6 dB. */
export const INTERRUPTED_GAIN = 10 ** (-6 / 20);
/** A frame is the listener's voice when its peak is at most 20 dB below their loudest one. */
const VOICE_SHARE = 0.1;
/** What the loudest frame counts for falls by half in 4 s, so that one knock does not hide a voice. */
const LOUDEST_DECAY = 0.9965;
/** A gap in the voice up to this, in ms, is a part of it: a closure or a breath. */
const MOST_GAP_MS = 200;

export class InterruptionPolicy {
  /** Whether the listener is in an utterance. */
  #speaking = false;
  #playing = false;
  #loudest = 0;
  /** How long the listener has spoken over a translation. */
  #overlapMs = 0;
  #gapMs = 0;
  #waitedMs = 0;

  /** Whether the listener is in an utterance, so that {@link heard} wants its frames. */
  get listening(): boolean {
    return this.#speaking;
  }

  /** Whether the translation is to be softer. */
  get interrupted(): boolean {
    return this.#speaking && this.#overlapMs >= INTERRUPTION_MS;
  }

  /** Whether a segment that has not begun is to wait. */
  get holds(): boolean {
    return this.interrupted && this.#waitedMs < MOST_WAIT_MS;
  }

  /** Something was found out about the listener's speech at `nowMs`. */
  found(event: FoundSpeech, nowMs: number): void {
    if (event.type === 'started') {
      this.started(nowMs - event.startMs);
    } else if (event.type === 'ended') {
      this.ended();
    }
  }

  /** The listener has been speaking for `spokenMs`. */
  started(spokenMs: number): void {
    this.#speaking = true;
    this.#loudest = 0;
    this.#overlapMs = this.#playing ? spokenMs : 0;
    this.#gapMs = 0;
    this.#waitedMs = 0;
  }

  /** The listener has stopped, for longer than a pause. */
  ended(): void {
    this.#speaking = false;
  }

  /** The next 20 ms of what the listener says have this peak. */
  heard(peak: number): void {
    this.#loudest = Math.max(peak, this.#loudest * LOUDEST_DECAY);
    if (!this.#playing && !this.interrupted) {
      return;
    }
    if (peak < this.#loudest * VOICE_SHARE) {
      this.#gapMs += FRAME_MS;
      return;
    }
    this.#overlapMs += FRAME_MS + (this.#gapMs <= MOST_GAP_MS ? this.#gapMs : 0);
    this.#gapMs = 0;
  }

  /** A frame is made. @param playing a segment is heard in it. @param waiting one that has not begun is there. */
  next(playing: boolean, waiting: boolean): void {
    this.#playing = playing;
    if (this.interrupted && waiting && !playing) {
      this.#waitedMs += FRAME_MS;
    }
  }
}
