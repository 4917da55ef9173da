/**
 * A row of tones as a voice that can be followed through a telephone system: each has its pitch, so what is missing,
 * doubled, cut up or out of order shows. They lie within the telephone band, and no two make up a DTMF key.
 */

import assert from 'node:assert/strict';
import { concatPcm, levelDbfs, silence, sine, sliceMs, toneDbfs } from '../asterisk/audio.ts';

const TONES_HZ = [450, 620, 800, 1_000, 1_300] as const;
/** How long each tone sounds. */
export const TONE_MS = 600;
/** Silence before the first tone: time for both parties to be connected with dragoman. */
export const LEAD_MS = 2_000;

/** What can be told of 20 ms. */
const WINDOW_MS = 20;
/** Below this nothing sounds, for a melody of peak 0.25 (-15 dBFS). */
const SOUND_DBFS = -35;

/** The tones from low to high, after the lead. @param leadMs default {@link LEAD_MS}. */
export function melody(rateHz: number, leadMs = LEAD_MS): Int16Array {
  return concatPcm(silence(leadMs, rateHz), ...TONES_HZ.map((toneHz) => sine(toneHz, TONE_MS, rateHz, 0.25)));
}

/** What was heard of a melody. */
export interface HeardMelody {
  /** How long each tone was heard in its place, in ms. */
  readonly tonesMs: readonly number[];
  /** How much of the time from the first tone to the last was no tone in its place: gaps, clicks, other sound. */
  readonly brokenMs: number;
}

/** Follows the melody in `pcm`; tones before the one that is due are broken time. */
export function hearMelody(pcm: Int16Array, rateHz: number): HeardMelody {
  const pitches: number[] = [];
  for (let atMs = 0; (atMs + WINDOW_MS) * rateHz <= pcm.length * 1_000; atMs += WINDOW_MS) {
    pitches.push(pitchOf(sliceMs(pcm, rateHz, atMs, atMs + WINDOW_MS), rateHz));
  }
  const first = pitches.findIndex((pitch) => pitch !== -1);
  const last = pitches.findLastIndex((pitch) => pitch !== -1);
  const windows = TONES_HZ.map(() => 0);
  let due = 0;
  let broken = 0;
  for (const pitch of first === -1 ? [] : pitches.slice(first, last + 1)) {
    if (pitch === due || pitch === due + 1) {
      due = pitch;
      windows[due] = (windows[due] ?? 0) + 1;
    } else {
      broken += 1;
    }
  }
  return { tonesMs: windows.map((count) => count * WINDOW_MS), brokenMs: broken * WINDOW_MS };
}

/**
 * A busy machine leaves frames out, and has a jitter buffer put some in, that of a phone or ours: of a tone a third may be
 * missing, or too much, and of all a tenth.
 */
const AMISS_MS = TONE_MS / 3;
const BROKEN_MS = (TONES_HZ.length * TONE_MS) / 10;

/**
 * Asserts that a melody was heard whole: all of its tones in their order, each about as long as said, no more missing than
 * a busy machine may lose. A window in which one tone gives way to the next is none of the two, or both.
 */
export function assertWhole({ tonesMs, brokenMs }: HeardMelody): void {
  const heard = `heard ${tonesMs} ms, ${brokenMs} ms broken`;
  assert.ok(
    tonesMs.every((ms) => Math.abs(ms - TONE_MS) <= AMISS_MS),
    heard,
  );
  assert.ok(brokenMs <= BROKEN_MS, heard);
}

/** The least of a tone that is heard of who is heard at all, in ms. */
const LEAST_MS = 100;

/**
 * Asserts that a melody was heard: each of its tones, in their order, none much longer than said. For files that are run
 * beside others, where a full machine leaves out much: how whole it is, is judged by those that are not.
 */
export function assertHeard({ tonesMs, brokenMs }: HeardMelody): void {
  assert.ok(tonesMs.every(isHeard), `heard ${tonesMs} ms, ${brokenMs} ms broken`);
}

/** Whether a tone that was heard for so long is there, and once. */
export function isHeard(ms: number): boolean {
  return ms >= LEAST_MS && ms <= TONE_MS + AMISS_MS;
}

/** Which of the tones sounds, or -1. */
function pitchOf(pcm: Int16Array, rateHz: number): number {
  const whole = levelDbfs(pcm);
  if (whole < SOUND_DBFS) {
    return -1;
  }
  const levels = TONES_HZ.map((toneHz) => toneDbfs(pcm, toneHz, rateHz));
  const strongest = Math.max(...levels);
  return strongest > whole - 3 ? levels.indexOf(strongest) : -1;
}

/** The levels of each 20 ms in which something sounds, in dBFS, from soft to loud: a melody's are all the same. */
export function soundLevels(pcm: Int16Array, rateHz: number): readonly number[] {
  const levels: number[] = [];
  for (let atMs = 0; (atMs + WINDOW_MS) * rateHz <= pcm.length * 1_000; atMs += WINDOW_MS) {
    levels.push(levelDbfs(sliceMs(pcm, rateHz, atMs, atMs + WINDOW_MS)));
  }
  return levels.filter((level) => level > SOUND_DBFS).sort((a, b) => a - b);
}

/** How much of `pcm` is louder than -50 dBFS, in ms. */
export function soundMs(pcm: Int16Array, rateHz: number): number {
  let windows = 0;
  for (let atMs = 0; (atMs + WINDOW_MS) * rateHz <= pcm.length * 1_000; atMs += WINDOW_MS) {
    windows += levelDbfs(sliceMs(pcm, rateHz, atMs, atMs + WINDOW_MS)) > -50 ? 1 : 0;
  }
  return windows * WINDOW_MS;
}
