/**
 * The tones of telephone networks, for tests: each a cadence of sines at levels in dBm0. Sources: ITU-T E.180
 * supplement 2 (tones of countries), Q.23 (keys), E.180 (special information), T.30 (fax).
 */

import { concatPcm, silence } from '../asterisk/audio.ts';

/** A full-scale sine is 3.14 dBm0 in mu-law (ITU-T G.711). */
const FULL_SCALE_DBM0 = 3.14;

/** Sines of `levelDbm0` each, that begin and end at once. @param startMs where in their phase they begin. */
export function tones(
  tonesHz: readonly number[],
  durationMs: number,
  rateHz: number,
  levelDbm0: number,
  startMs = 0,
): Int16Array {
  const peak = 32_767 * 10 ** ((levelDbm0 - FULL_SCALE_DBM0) / 20);
  return silence(durationMs, rateHz).map((_, i) => {
    const radians = 2 * Math.PI * (i / rateHz + startMs / 1_000);
    const sum = tonesHz.reduce((whole, toneHz) => whole + peak * Math.sin(radians * toneHz), 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
}

const ROWS_HZ = [697, 770, 852, 941] as const;
const COLUMNS_HZ = [1_209, 1_336, 1_477, 1_633] as const;

/** The pairs of the 16 keys. */
export const KEY_PAIRS_HZ = ROWS_HZ.flatMap((row) => COLUMNS_HZ.map((column) => [row, column] as const));

export interface Cadence {
  readonly name: string;
  /** Sounds and pauses one after the other: no tones are a pause. */
  readonly parts: readonly { readonly tonesHz: readonly number[]; readonly ms: number }[];
}

const pause = (ms: number) => ({ tonesHz: [], ms });

/** What a caller hears before and instead of a person. */
export const CADENCES: readonly Cadence[] = [
  { name: 'ringing, North America', parts: [{ tonesHz: [440, 480], ms: 2_000 }, pause(4_000)] },
  { name: 'ringing, Germany', parts: [{ tonesHz: [425], ms: 1_000 }, pause(4_000)] },
  {
    name: 'ringing, United Kingdom',
    parts: [{ tonesHz: [400, 450], ms: 400 }, pause(200), { tonesHz: [400, 450], ms: 400 }, pause(2_000)],
  },
  { name: 'ringing, France', parts: [{ tonesHz: [440], ms: 1_500 }, pause(3_500)] },
  { name: 'busy, North America', parts: [{ tonesHz: [480, 620], ms: 500 }, pause(500)] },
  { name: 'busy, Germany', parts: [{ tonesHz: [425], ms: 480 }, pause(480)] },
  { name: 'busy, United Kingdom', parts: [{ tonesHz: [400], ms: 375 }, pause(375)] },
  { name: 'congestion, North America', parts: [{ tonesHz: [480, 620], ms: 250 }, pause(250)] },
  { name: 'congestion, Spain', parts: [{ tonesHz: [425], ms: 200 }, pause(200)] },
  { name: 'dial tone, North America', parts: [{ tonesHz: [350, 440], ms: 3_000 }, pause(500)] },
  {
    name: 'special information',
    parts: [
      { tonesHz: [950], ms: 330 },
      { tonesHz: [1_400], ms: 330 },
      { tonesHz: [1_800], ms: 330 },
      pause(1_000),
    ],
  },
  { name: 'call waiting', parts: [{ tonesHz: [440], ms: 300 }, pause(3_000)] },
  { name: 'fax calling', parts: [{ tonesHz: [1_100], ms: 500 }, pause(3_000)] },
  { name: 'fax answering', parts: [{ tonesHz: [2_100], ms: 3_000 }, pause(1_000)] },
];

/** `cadence` for at least `durationMs`, each tone at `levelDbm0`. */
export function playCadence(
  cadence: Cadence,
  durationMs: number,
  rateHz: number,
  levelDbm0: number,
): Int16Array {
  const pieces: Int16Array[] = [];
  for (let ms = 0; ms < durationMs; ) {
    for (const part of cadence.parts) {
      pieces.push(tones(part.tonesHz, part.ms, rateHz, levelDbm0));
      ms += part.ms;
    }
  }
  return concatPcm(...pieces);
}
