/**
 * Sounds for tests, and what can be measured of sound: level, the power of one tone, where sound begins. All PCM is
 * signed 16-bit mono; levels are dBFS of the root mean square, where a full-scale sine has -3 dB.
 */

import { readFileSync } from 'node:fs';
import { parseWav } from '../../src/protocol/wav.ts';

const FULL_SCALE = 32_768;

/** A sine. @param peak 0 to 1 of full scale, default 0.5. */
export function sine(toneHz: number, durationMs: number, rateHz: number, peak = 0.5): Int16Array {
  const pcm = silence(durationMs, rateHz);
  for (let i = 0; i < pcm.length; i += 1) {
    pcm[i] = Math.round(Math.sin((2 * Math.PI * toneHz * i) / rateHz) * peak * (FULL_SCALE - 1));
  }
  return pcm;
}

export function silence(durationMs: number, rateHz: number): Int16Array {
  return new Int16Array(Math.round((durationMs * rateHz) / 1_000));
}

/** White noise, the same for the same seed. @param peak 0 to 1 of full scale, default 0.1. */
export function noise(durationMs: number, rateHz: number, peak = 0.1, seed = 1): Int16Array {
  const random = seededRandom(seed);
  return silence(durationMs, rateHz).map(() => Math.round((random() * 2 - 1) * peak * (FULL_SCALE - 1)));
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function concatPcm(...pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** The part of `pcm` from `fromMs` to `toMs`, as a view. */
export function sliceMs(pcm: Int16Array, rateHz: number, fromMs: number, toMs: number): Int16Array {
  return pcm.subarray(Math.round((fromMs * rateHz) / 1_000), Math.round((toMs * rateHz) / 1_000));
}

/** The level in dBFS; minus infinity for silence and for no samples at all. */
export function levelDbfs(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) {
    sum += sample * sample;
  }
  return pcm.length === 0 || sum === 0
    ? Number.NEGATIVE_INFINITY
    : 10 * Math.log10(sum / pcm.length / FULL_SCALE ** 2);
}

/**
 * The level in dBFS of one tone in `pcm`, by Goertzel's algorithm: for a pure sine equal to {@link levelDbfs}. Its
 * width is about rate / samples: 20 ms tell tones 50 Hz apart, so give it 40 ms or more for DTMF.
 */
export function toneDbfs(pcm: Int16Array, toneHz: number, rateHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * toneHz) / rateHz);
  let last = 0;
  let beforeLast = 0;
  for (const sample of pcm) {
    const next = sample + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  // |X|^2 = (N * amplitude / 2)^2, and the mean square of a sine is amplitude^2 / 2.
  const meanSquare = (2 * power) / Math.max(1, pcm.length) ** 2;
  return meanSquare <= 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(meanSquare / FULL_SCALE ** 2);
}

/** Whether most of what sounds in `pcm` is the tone: it is within 3 dB of the whole level. */
export function isTone(pcm: Int16Array, toneHz: number, rateHz: number): boolean {
  const whole = levelDbfs(pcm);
  return whole > -60 && toneDbfs(pcm, toneHz, rateHz) > whole - 3;
}

/** The two tones in Hz of each key. Source: ITU-T Q.23. */
const DTMF_ROWS_HZ = [697, 770, 852, 941] as const;
const DTMF_COLUMNS_HZ = [1_209, 1_336, 1_477, 1_633] as const;
const DTMF_KEYS = ['123A', '456B', '789C', '*0#D'] as const;

/** The key whose two tones make up `pcm` (40 ms or more of it), or undefined. */
export function findDtmfKey(pcm: Int16Array, rateHz: number): string | undefined {
  const whole = levelDbfs(pcm);
  const strongest = (tonesHz: readonly number[]): number => {
    const levels = tonesHz.map((toneHz) => toneDbfs(pcm, toneHz, rateHz));
    const best = levels.indexOf(Math.max(...levels));
    // Each of the two tones carries about half of the power: 3 dB below the whole, with room for unequal ones.
    return whole > -60 && (levels[best] ?? -100) > whole - 8 ? best : -1;
  };
  return DTMF_KEYS[strongest(DTMF_ROWS_HZ)]?.[strongest(DTMF_COLUMNS_HZ)];
}

/** So many samples of nothing are silence: no voice, tone or noise of these tests has them in it. */
const SILENT_SAMPLES = 16;

/** Sound without the silence before, after and within it: a busy machine may put some into a voice. */
export function soundOf(pcm: Int16Array): Int16Array {
  const sound = new Int16Array(pcm.length);
  let kept = 0;
  for (let from = 0, to = 0; from < pcm.length; from = to) {
    while (to < pcm.length && pcm[to] === 0) {
      to += 1;
    }
    if (to - from < SILENT_SAMPLES) {
      kept += to - from;
    }
    for (; to < pcm.length && pcm[to] !== 0; to += 1) {
      sound[kept] = pcm[to] ?? 0;
      kept += 1;
    }
  }
  return sound.subarray(0, kept);
}

/**
 * When sound begins, in ms: the start of the first 10 ms whose level is at least `levelLimitDbfs`; undefined when
 * none is. @param fromMs where to begin to look.
 */
export function findSoundMs(
  pcm: Int16Array,
  rateHz: number,
  fromMs = 0,
  levelLimitDbfs = -50,
): number | undefined {
  for (let atMs = fromMs; atMs * rateHz < pcm.length * 1_000; atMs += 10) {
    if (levelDbfs(sliceMs(pcm, rateHz, atMs, atMs + 10)) >= levelLimitDbfs) {
      return atMs;
    }
  }
  return undefined;
}

export interface SpokenClip {
  readonly name: string;
  readonly rateHz: number;
  readonly pcm: Int16Array;
  /** What is said, lower-case, without punctuation. */
  readonly text: string;
}

const LIBRIVOX = '/usr/share/pocketsphinx/test/data/librivox';

/** Five sentences of a LibriVox reading at 16 kHz, 3 to 7 s each, from Debian's pocketsphinx-testdata. */
export function loadLibrivoxClips(): readonly SpokenClip[] {
  const lines = readFileSync(`${LIBRIVOX}/transcription`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, text, name] = /^<s> (.*) <\/s> \((.*)\)$/.exec(line) ?? [];
    if (text === undefined || name === undefined) {
      throw new Error(`${LIBRIVOX}/transcription has an unknown line: ${line}`);
    }
    return { name, text, ...parseWav(readFileSync(`${LIBRIVOX}/${name}.wav`)) };
  });
}
