/**
 * When something is heard in a recording, and when only silence or the noise of a line. A short pause in a sound is a
 * part of it, since words have pauses too.
 */

import { FRAME_MS, frameSamples } from '../base/units.ts';
import { powerAt, powerOf } from '../media/dsp/sound.ts';

/**
 * A frame of at least this power is heard: -45 dBFS, above the noise that stands in for a silent line (at most -50)
 * and below any speech.
 */
export const AUDIBLE_POWER = powerAt(-45);

/** A pause up to this, in ms, is a part of the sound around it. */
const PAUSE_MS = 400;

/** From when to when, in ms since the call began. */
export interface SoundSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The stretches of `pcm` in which something is heard, to the frame of 20 ms.
 * @param fromMs when its first sample was heard.
 */
export function heardSounds(pcm: Int16Array, rateHz: number, fromMs: number): readonly SoundSpan[] {
  const samples = frameSamples(rateHz);
  const spans: { startMs: number; endMs: number }[] = [];
  for (let start = 0; start < pcm.length; start += samples) {
    if (powerOf(pcm.subarray(start, start + samples)) >= AUDIBLE_POWER) {
      const startMs = Math.round(fromMs + (start / samples) * FRAME_MS);
      const last = spans.at(-1);
      if (last !== undefined && startMs - last.endMs <= PAUSE_MS) {
        last.endMs = startMs + FRAME_MS;
      } else {
        spans.push({ startMs, endMs: startMs + FRAME_MS });
      }
    }
  }
  return spans;
}

/** A sound up to this long, in ms, is no voice: the sign of life that a listener gets now and then takes 220. */
const LONGEST_TONE_MS = 300;

/** Those of `sounds` that may be a voice. */
export function voicesAmong(sounds: readonly SoundSpan[]): readonly SoundSpan[] {
  return sounds.filter(({ startMs, endMs }) => endMs - startMs > LONGEST_TONE_MS);
}
