/**
 * What stand-ins of synthesis servers say: a soft tone with the rhythm of syllables, at any rate, as long as the
 * text. Made once per rate and then only cut, so that many calls can be spoken to in a bench.
 */

import { SAMPLE_BYTES } from '../../src/base/units.ts';

/** The tone repeats after this, in seconds. */
const LOOP_S = 10;

/** Loudest sample: 12 dB below full scale. */
const PEAK = 8_000;

/** A man's voice, in Hz; a whole number of periods fits the loop. */
const VOICE_HZ = 140;

const SYLLABLES_A_SECOND = 4;

const loops = new Map<number, Buffer>();

export interface SpokenSound {
  readonly rateHz: number;
  readonly durationMs: number;
  /** Digital silence before the first sound, in ms, part of the duration. */
  readonly leadingSilenceMs: number;
  /** How much one chunk holds, in ms. */
  readonly chunkMs: number;
}

/** The sound in chunks whose borders fall into the middle of samples every second time. */
export function* chunksOf(sound: SpokenSound): Generator<Buffer> {
  const { rateHz, durationMs, leadingSilenceMs, chunkMs } = sound;
  const totalBytes = bytesOf(durationMs, rateHz);
  const silentBytes = bytesOf(leadingSilenceMs, rateHz);
  const chunkBytes = Math.max(2, bytesOf(chunkMs, rateHz));
  const loop = loopOf(rateHz);
  for (let start = 0, odd = 1; start < totalBytes; odd = 1 - odd) {
    const end = Math.min(start + chunkBytes + odd, totalBytes);
    const silence = Math.max(0, Math.min(end, silentBytes) - start);
    const from = (start + silence - silentBytes) % loop.length;
    const sounding = loop.subarray(from, from + end - start - silence);
    // The loop's end also ends a chunk.
    const chunk = silence === 0 ? sounding : Buffer.concat([Buffer.alloc(silence), sounding]);
    yield chunk;
    start += chunk.length;
  }
}

function bytesOf(ms: number, rateHz: number): number {
  return Math.round((ms * rateHz) / 1_000) * SAMPLE_BYTES;
}

function loopOf(rateHz: number): Buffer {
  const known = loops.get(rateHz);
  if (known !== undefined) {
    return known;
  }
  const pcm = new Int16Array(rateHz * LOOP_S);
  for (let i = 0; i < pcm.length; i += 1) {
    const phase = (2 * Math.PI * VOICE_HZ * i) / rateHz;
    const voice = Math.sin(phase) + Math.sin(2 * phase) / 2 + Math.sin(3 * phase) / 3;
    // Never quite silent, so the first sample after the silence is the first sound.
    const syllable = 0.65 - 0.35 * Math.cos((2 * Math.PI * SYLLABLES_A_SECOND * i) / rateHz);
    pcm[i] = Math.round((PEAK / 1.6) * voice * syllable);
  }
  const loop = Buffer.from(pcm.buffer);
  loops.set(rateHz, loop);
  return loop;
}
