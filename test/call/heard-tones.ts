/** Which tones a scripted leg was sent, wherever in what it heard they lie. */

import { sliceMs, toneDbfs } from '../asterisk/audio.ts';

const RATE_HZ = 8_000;
const WINDOW_MS = 80;
const STEP_MS = 40;
/** Softer than this, in dBFS, a tone counts as not heard. */
const HEARD_DBFS = -42;

/** Whether a tone of `hz` was heard at any time of `heard`, at 8 kHz. */
export function hears(heard: Int16Array, hz: number): boolean {
  let most = Number.NEGATIVE_INFINITY;
  for (let fromMs = 0; (fromMs + WINDOW_MS) * (RATE_HZ / 1_000) <= heard.length; fromMs += STEP_MS) {
    most = Math.max(most, toneDbfs(sliceMs(heard, RATE_HZ, fromMs, fromMs + WINDOW_MS), hz, RATE_HZ));
  }
  return most > HEARD_DBFS;
}
