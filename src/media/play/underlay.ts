/**
 * How loud another party's own voice is for a listener, frame by frame: pure, no clock, no samples. Under a
 * translation it is a murmur that says who speaks and how; when nothing is said it is as loud as ever. Levels move
 * over some frames, sample by sample, so that no change is a click.
 */

import { FRAME_MS } from '../../base/units.ts';
import type { HearMode } from '../thread/orders.ts';

/** The voice beneath a translation: -16.5 dB. */
export const UNDERLAY_GAIN = 10 ** (-16.5 / 20);
/** A translation counts as playing this long after its last sound. */
const HOLD_MS = 200;
/** The same while another segment is announced that has no sound yet. */
const HOLD_ANNOUNCED_MS = 600;
/** From full level to none in ms, or from none to it. */
export const ATTACK_MS = 40;
/** From under a translation to full level: 300 ms for a gain that rises by 1 - 0.15. */
export const RELEASE_MS = 300 / (1 - UNDERLAY_GAIN);
const AS_IS_RISE_MS = 60;
/** A voice that nobody translates is there at once. */
const THROUGH_RISE_MS = FRAME_MS;

/** What is said over the voices in a frame. */
export interface SpokenOver {
  /** The frame is of a translation. */
  readonly spoken: boolean;
  /** A translation counts as playing, its short pauses included. */
  readonly playing: boolean;
  /**
   * Whether any voice of the listener's is translated. If none is, what is spoken is an announcement or what is left of
   * a translation, and a voice let through would talk over it; else that voice is the only way its words are heard.
   */
  readonly translated: boolean;
}

/** Whether a translation counts as playing for one listener, frame by frame. */
export class SpokenHold {
  #sinceSpokenMs = Number.POSITIVE_INFINITY;

  /** @param spoken the next frame is of a translation. @param announced a segment waits to be spoken. */
  next(spoken: boolean, announced: boolean): boolean {
    this.#sinceSpokenMs = spoken ? 0 : this.#sinceSpokenMs + FRAME_MS;
    return this.#sinceSpokenMs <= (announced ? HOLD_ANNOUNCED_MS : HOLD_MS);
  }
}

/** The gain a voice heard in a way is on its way to. */
export function underlayGain(how: HearMode, over: SpokenOver): number {
  switch (how) {
    case 'through':
      return over.spoken && !over.translated ? 0 : 1;
    case 'as-is':
    case 'full':
      return 1;
    case 'duck':
      return over.playing ? UNDERLAY_GAIN : 1;
    case 'off':
      return 0;
  }
}

/** The gain a frame later, on the way to `target`. */
export function nextGain(gain: number, target: number, riseMs: number, fallMs: number): number {
  return target > gain
    ? Math.min(target, gain + FRAME_MS / riseMs)
    : Math.max(target, gain - FRAME_MS / fallMs);
}

export class Underlay {
  #gainBefore = 0;
  #gain = 0;

  /** The gain at the first sample of the frame. */
  get gainBefore(): number {
    return this.#gainBefore;
  }

  /** The gain after its last sample. */
  get gain(): number {
    return this.#gain;
  }

  /** Moves on by a frame. */
  next(how: HearMode, over: SpokenOver): void {
    this.#gainBefore = this.#gain;
    this.#gain = nextGain(this.#gain, underlayGain(how, over), riseMs(how), ATTACK_MS);
  }

  /** Is where it would be in the end: it was not heard on its way there. */
  settle(how: HearMode, over: SpokenOver): void {
    this.#gain = underlayGain(how, over);
    this.#gainBefore = this.#gain;
  }
}

function riseMs(how: HearMode): number {
  switch (how) {
    case 'through':
      return THROUGH_RISE_MS;
    case 'as-is':
      return AS_IS_RISE_MS;
    case 'duck':
    case 'full':
    case 'off':
      return RELEASE_MS;
  }
}
