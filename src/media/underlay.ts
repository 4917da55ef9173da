/**
 * How loud the partner's own voice is for the listener, frame by frame: pure, no clock, no samples. Under a
 * translation it is a murmur that says who speaks and how; when nothing is said it is as loud as ever. Levels move
 * over some frames, sample by sample, so that no change is a click.
 */

import { FRAME_MS } from '../base/units.ts';
import type { HearMode } from './media-messages.ts';

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

export interface UnderlayInput {
  readonly how: HearMode;
  /** What is said needs no translation. */
  readonly asIs: boolean;
  /** This frame is of a translation. */
  readonly spoken: boolean;
  /** A segment waits to be spoken. */
  readonly announced: boolean;
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
  #sinceSpokenMs = Number.POSITIVE_INFINITY;

  /** The gain at the first sample of the frame. */
  get gainBefore(): number {
    return this.#gainBefore;
  }

  /** The gain after its last sample. */
  get gain(): number {
    return this.#gain;
  }

  /** Moves on by a frame. */
  next(input: UnderlayInput): void {
    this.#sinceSpokenMs = input.spoken ? 0 : this.#sinceSpokenMs + FRAME_MS;
    this.#gainBefore = this.#gain;
    this.#gain = nextGain(this.#gain, this.#target(input), riseMs(input), ATTACK_MS);
  }

  #target({ how, asIs, spoken, announced }: UnderlayInput): number {
    if (how === 'through') {
      return spoken ? 0 : 1;
    }
    if (asIs || how === 'full') {
      return 1;
    }
    const holdMs = announced ? HOLD_ANNOUNCED_MS : HOLD_MS;
    const playing = this.#sinceSpokenMs <= holdMs;
    return how === 'off' ? 0 : playing ? UNDERLAY_GAIN : 1;
  }

  /** Begins from nothing with another voice. */
  reset(): void {
    this.#gainBefore = 0;
    this.#gain = 0;
  }
}

function riseMs({ how, asIs }: UnderlayInput): number {
  if (how === 'through') {
    return THROUGH_RISE_MS;
  }
  return asIs ? AS_IS_RISE_MS : RELEASE_MS;
}
