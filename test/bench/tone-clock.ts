/**
 * The sound of a generated frame: a tone that rises from 400 to 2,400 Hz in 64 frames (1.28 s) and begins again. Its
 * pitch tells when it was said, so the delay of a frame can still be read, to a few ms, after the server has
 * shifted it by samples or played it faster at the same pitch. Both happen while it catches up after a stall,
 * when no marker survives. It never pauses: the hardest thing to catch up with.
 */

import { frameBytes, frameSamples } from '../../src/base/units.ts';

/** Frames until the tone begins again; delays longer than this (1.28 s) cannot be told from shorter ones. */
export const TONE_FRAMES = 64;

const LOWEST_HZ = 400;
const HIGHEST_HZ = 2_400;
/** 18 dB below full scale: about the level of speech on a telephone. */
const PEAK = 4_096;
/** Halves of a frame that differ more than this hold the place where the tone begins again, or no tone. */
const MOST_HALF_DIFFERENCE_HZ = 120;
/** By how much of a period one may differ from the next, on average. White noise is at 0.5. */
const MOST_UNEVENNESS = 0.2;

/** The payloads of {@link TONE_FRAMES} consecutive frames. */
export function toneFrames(rateHz: number): readonly Buffer[] {
  const samples = frameSamples(rateHz);
  const totalSamples = samples * TONE_FRAMES;
  return Array.from({ length: TONE_FRAMES }, (_, frame) => {
    const payload = Buffer.alloc(frameBytes(rateHz));
    for (let i = 0; i < samples; i += 1) {
      const sample = frame * samples + i;
      // The phase is the integral of a pitch that rises evenly.
      const cycles =
        (LOWEST_HZ * sample) / rateHz +
        ((HIGHEST_HZ - LOWEST_HZ) * sample * sample) / (2 * totalSamples * rateHz);
      payload.writeInt16LE(Math.round(PEAK * Math.sin(2 * Math.PI * cycles)), 2 * i);
    }
    return payload;
  });
}

/**
 * Where in the tone the first sample of a frame is, in frames with a fraction, or undefined when no single pitch
 * is heard. About 1 µs.
 * @param offset where the PCM starts in `bytes`; it may be odd.
 */
export function tonePosition(
  bytes: Uint8Array,
  offset: number,
  samples: number,
  rateHz: number,
): number | undefined {
  const half = samples >> 1;
  const firstHz = pitchHz(bytes, offset, half, rateHz);
  const secondHz = pitchHz(bytes, offset + 2 * half, half, rateHz);
  if (!(Math.abs(firstHz - secondHz) <= MOST_HALF_DIFFERENCE_HZ)) {
    return undefined;
  }
  const middle =
    ((pitchHz(bytes, offset, samples, rateHz) - LOWEST_HZ) / (HIGHEST_HZ - LOWEST_HZ)) * TONE_FRAMES;
  return middle >= 0 && middle <= TONE_FRAMES ? middle - 0.5 : undefined;
}

/**
 * How far back `position` is from the start of frame `newest`, in frames with a fraction. Up to four frames ahead
 * count as ahead (negative), since the reading is not exact.
 */
export function framesBehind(position: number, newest: number): number {
  const behind = (((newest - position) % TONE_FRAMES) + TONE_FRAMES) % TONE_FRAMES;
  return behind > TONE_FRAMES - 4 ? behind - TONE_FRAMES : behind;
}

/**
 * The pitch from the first to the last upward crossing of zero; NaN when there are fewer than three, or when they
 * are so uneven that it is no tone.
 */
function pitchHz(bytes: Uint8Array, offset: number, samples: number, rateHz: number): number {
  let first = Number.NaN;
  let last = Number.NaN;
  let period = Number.NaN;
  let periods = 0;
  let unevenness = 0;
  let before = sampleAt(bytes, offset);
  for (let i = 1; i < samples; i += 1) {
    const sample = sampleAt(bytes, offset + 2 * i);
    if (before < 0 && sample >= 0) {
      const crossing = i - sample / (sample - before);
      if (Number.isNaN(first)) {
        first = crossing;
      } else {
        unevenness += periods > 0 ? Math.abs(crossing - last - period) : 0;
        period = crossing - last;
        periods += 1;
      }
      last = crossing;
    }
    before = sample;
  }
  return periods > 1 && unevenness <= MOST_UNEVENNESS * (last - first)
    ? (periods * rateHz) / (last - first)
    : Number.NaN;
}

function sampleAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at + 1] ?? 0) << 24) | ((bytes[at] ?? 0) << 16)) >> 16;
}
