/**
 * The numbers every floor shares: how long a frame is and how many samples and bytes it holds.
 * PCM here is always signed 16-bit little-endian mono, so bytes are twice the samples.
 */

/** Length of one frame of one leg, in ms. */
export const FRAME_MS = 20;

/** Bytes of one sample of signed 16-bit mono PCM. */
export const SAMPLE_BYTES = 2;

/** The rate in Hz at which speech is detected and recognised. */
export const SPEECH_HZ = 16_000;

/** Samples of one frame at {@link SPEECH_HZ}: 16,000 Hz * 0.020 s. */
export const SPEECH_FRAME_SAMPLES = 320;

/** Samples in one 20 ms frame at `rateHz`: 160 at 8,000 Hz. Every AudioSocket rate divides evenly. */
export function frameSamples(rateHz: number): number {
  return (rateHz * FRAME_MS) / 1_000;
}

/** Bytes in one 20 ms frame at `rateHz`: 320 at 8,000 Hz. */
export function frameBytes(rateHz: number): number {
  return frameSamples(rateHz) * SAMPLE_BYTES;
}

/** How long `samples` samples last at `rateHz`, in ms. */
export function samplesToMs(samples: number, rateHz: number): number {
  return (samples * 1_000) / rateHz;
}
