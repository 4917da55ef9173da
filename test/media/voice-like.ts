/**
 * A sound that listening takes for a voice from its first frame to its last, for tests that need to know exactly when
 * somebody speaks: a buzz with the overtones of a throat, in four syllables a second that begin softly, whose pitch
 * glides up and down as no tone's does. For what a person sounds like, use recordings.
 */

import { silence } from '../asterisk/audio.ts';

/** The pitch swings around 140 Hz by a sixth, three times in two seconds. */
const PITCH_HZ = 140;
const SWING = 1 / 6;
const SWINGS_PER_SECOND = 1.5;
/** Resonances of an open vowel in Hz, and how wide they are. */
const FORMANTS = [
  { hz: 600, widthHz: 120, gain: 1 },
  { hz: 1_200, widthHz: 150, gain: 0.6 },
  { hz: 2_500, widthHz: 250, gain: 0.3 },
] as const;
const HIGHEST_HZ = 3_400;
const SYLLABLE_MS = 250;
/** The beginning of a syllable, 10 dB softer than the rest. */
const SOFT_MS = 40;
const SOFT_GAIN = 0.32;

/** @param peak about the loudest sample, 0 to 1 of full scale, default 0.3. @param middleHz of its pitch. */
export function voiceLike(durationMs: number, rateHz: number, peak = 0.3, middleHz = PITCH_HZ): Int16Array {
  let phase = 0;
  return silence(durationMs, rateHz).map((_, i) => {
    const seconds = i / rateHz;
    const pitchHz = middleHz * (1 + SWING * Math.sin(2 * Math.PI * SWINGS_PER_SECOND * seconds));
    phase += (2 * Math.PI * pitchHz) / rateHz;
    let sum = 0;
    for (let partial = 1; partial * pitchHz < HIGHEST_HZ; partial += 1) {
      sum += throat(partial * pitchHz) * Math.sin(partial * phase);
    }
    const gain = (seconds * 1_000) % SYLLABLE_MS < SOFT_MS ? SOFT_GAIN : 1;
    return Math.round((sum / 4) * gain * peak * 32_767);
  });
}

function throat(hz: number): number {
  return FORMANTS.reduce(
    (sum, { hz: centreHz, widthHz, gain }) => sum + gain / (1 + ((hz - centreHz) / widthHz) ** 2),
    0.05,
  );
}
