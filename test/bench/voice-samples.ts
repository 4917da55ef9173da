/**
 * A sound with what costs a speech codec or detector its work: a pitch of 120 Hz with overtones, syllables four times
 * a second, pauses between them, and a little noise. The same samples each time.
 */

import { frameSamples } from '../../src/base/units.ts';

const PITCH_HZ = 120;
const OVERTONES = 12;
const SYLLABLES_PER_SECOND = 4;

/** `frames` frames of 20 ms as samples, in one array. */
export function voiceSamples(rateHz: number, frames: number): Int16Array {
  const pcm = new Int16Array(frameSamples(rateHz) * frames);
  let noise = 1;
  for (let i = 0; i < pcm.length; i += 1) {
    const seconds = i / rateHz;
    let sound = 0;
    for (let overtone = 1; overtone <= OVERTONES; overtone += 1) {
      sound += Math.sin(2 * Math.PI * PITCH_HZ * overtone * seconds) / overtone;
    }
    const loudness = Math.max(0, Math.sin(2 * Math.PI * SYLLABLES_PER_SECOND * seconds));
    noise = Math.imul(noise, 1_103_515_245) + 12_345;
    pcm[i] = 5_000 * loudness * sound + (noise >> 26);
  }
  return pcm;
}

/** The same as payloads, a buffer per frame. */
export function voiceFrames(rateHz: number, frames: number): readonly Buffer[] {
  const pcm = voiceSamples(rateHz, frames);
  const samples = frameSamples(rateHz);
  return Array.from({ length: frames }, (_, frame) =>
    Buffer.from(pcm.buffer, frame * samples * 2, samples * 2),
  );
}
