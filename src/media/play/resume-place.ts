/**
 * Where speech that broke off goes on: with the word that it broke off in, for half a word is none. A word begins
 * where it was quietest lately. Pure.
 */

import { powerOf } from '../dsp/sound.ts';

/** A word begins at most so long before the break, in ms; one that is longer goes on where it broke off. */
const LOOK_BACK_MS = 500;
/** Sound is looked at so much at a time, in ms: the pause between two words may be as short. */
const STEP_MS = 5;
/** A pause has less than this share of the mean power. */
const QUIET = 0.05;

/** @param heard samples of `pcm` that were heard. @returns with which sample to go on: that one, or one before it. */
export function resumePlace(pcm: Int16Array, heard: number, rateHz: number): number {
  const step = Math.round((rateHz * STEP_MS) / 1_000);
  const from = Math.max(0, heard - Math.round((rateHz * LOOK_BACK_MS) / 1_000));
  const meanPower = powerOf(pcm.subarray(from, heard));
  for (let at = heard - step; at >= from; at -= step) {
    if (powerOf(pcm.subarray(at, at + step)) < QUIET * meanPower) {
      return at;
    }
  }
  return from === 0 ? 0 : heard;
}
