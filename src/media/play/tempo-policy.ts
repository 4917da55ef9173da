/**
 * How fast a translation is spoken: as its manner asks while it keeps up, faster the more of it keeps the rest waiting,
 * never past what a listener can follow. Somebody who goes on for long is followed more closely than a lone sentence,
 * which loses nothing by being spoken at ease. Pure; a step is one frame. The speed moves slowly, so that a voice does
 * not jump.
 */

import { FRAME_MS } from '../../base/units.ts';

/** Backlog, in ms, from which pauses are shortened and the speed rises. */
const HURRY_BACKLOG_MS = 150;
/** The speed rises from 1.10 by 0.6 for each second of backlog. */
const FIRST_SPEED = 1.1;
const SPEED_PER_MS = 0.6 / 1_000;
/** Understanding becomes harder beyond 1.25. */
const MOST_SPEED = 1.25;
/** What is allowed while more than {@link PEAK_WAITING_MS} wait behind what is being spoken. */
export const PEAK_SPEED = 1.3;
const PEAK_WAITING_MS = 1_500;
/**
 * A segment may be so long that the next one, which is on its way, will have to wait for it: counted past this, in ms.
 */
const SEGMENT_ALLOWANCE_MS = 1_500;
/** Over how long it is remembered that speech had to wait, in ms. */
const MEMORY_MS = 10_000;
/** Less than this is forgotten. */
const LEAST_PRESSURE = 0.01;
/** Changes of the backlog that are smaller than this, in ms, change nothing. */
const HYSTERESIS_MS = 100;
/** The most the speed changes in one frame: 0.05 in 100 ms. */
const SLEW = 0.05 * (FRAME_MS / 100);
/** A speed nearer to 1 than this is not worth the work. */
const LEAST_SPEED = 1.05;
/** A stall of less than this, in ms, is no longer made up for. */
const LEAST_BEHIND_MS = 1;

/** Speech at its natural speed, in ms. */
export interface TempoInput {
  /** Of the segment that is being spoken, what is left as far as it is there. */
  readonly speakingMs: number;
  /** Of the segments behind it. */
  readonly waitingMs: number;
  /** Whether more segments are on their way. */
  readonly moreComing: boolean;
  /** How much later than meant speech is heard because of stalls. */
  readonly behindMs: number;
  /** How fast it is to be spoken while there is time, by its manner; default 1. */
  readonly mannerSpeed?: number;
  /** Whether it begins with this frame, so that no voice jumps if the speed does. Default no. */
  readonly begins?: boolean;
}

export interface Tempo {
  /** 1 is as fast as spoken. */
  readonly speed: number;
  /** The backlog in ms that was last found different enough to look at. */
  readonly judgedMs: number;
  /** The share of the last seconds in which speech had to wait, 0 to 1. */
  readonly pressure: number;
}

export const NATURAL_TEMPO: Tempo = { speed: 1, judgedMs: 0, pressure: 0 };

/** The tempo of the next frame, `before` being that of the last one. */
export function tempoFor(input: TempoInput, before: Tempo): Tempo {
  const backlogMs = backlogOf(input, before.pressure);
  const judgedMs = Math.abs(backlogMs - before.judgedMs) >= HYSTERESIS_MS ? backlogMs : before.judgedMs;
  const most = input.waitingMs > PEAK_WAITING_MS ? PEAK_SPEED : MOST_SPEED;
  const needed = Math.max(speedForBacklog(judgedMs, most), speedForStall(input.behindMs));
  const { mannerSpeed = 1, begins = false } = input;
  const target = needed > 1 ? Math.max(needed, mannerSpeed) : mannerSpeed;
  const slewed = Math.max(before.speed - SLEW, Math.min(before.speed + SLEW, target));
  const speed = begins && needed <= 1 ? target : slewed;
  const waits = input.waitingMs > 0 ? 1 : 0;
  return { speed, judgedMs, pressure: before.pressure + ((waits - before.pressure) * FRAME_MS) / MEMORY_MS };
}

/** The tempo after a frame in which there was nothing to say. */
export function restedTempo({ pressure }: Tempo): Tempo {
  const left = pressure * (1 - FRAME_MS / MEMORY_MS);
  return left < LEAST_PRESSURE ? NATURAL_TEMPO : { ...NATURAL_TEMPO, pressure: left };
}

/** Whether pauses are shortened, which comes before any speed. */
export function shortensPauses({ judgedMs }: Tempo): boolean {
  return judgedMs > HURRY_BACKLOG_MS;
}

/** The speed at which `tempo` is played. */
export function playedSpeed({ speed }: Tempo): number {
  return Math.abs(speed - 1) < LEAST_SPEED - 1 ? 1 : speed;
}

/**
 * Speech that keeps other speech waiting: all of it once something waits; else what a segment has beyond an allowance,
 * if another is to follow. The allowance shrinks for a speaker under whom speech has had to wait for long.
 */
function backlogOf({ speakingMs, waitingMs, moreComing }: TempoInput, pressure: number): number {
  if (waitingMs > 0) {
    return waitingMs + speakingMs;
  }
  return moreComing ? Math.max(0, speakingMs - SEGMENT_ALLOWANCE_MS * (1 - pressure)) : 0;
}

function speedForBacklog(judgedMs: number, most: number): number {
  return judgedMs < HURRY_BACKLOG_MS ? 1 : Math.min(most, FIRST_SPEED + SPEED_PER_MS * judgedMs);
}

/**
 * As fast as allowed, and slower near the end: while the speed falls from `s` to 1 by {@link SLEW} a frame, it still
 * makes up for (s - 1)^2 * 20 ms / (2 * SLEW) = (s - 1)^2 * 1,000 ms.
 */
function speedForStall(behindMs: number): number {
  return behindMs < LEAST_BEHIND_MS ? 1 : Math.min(MOST_SPEED, 1 + Math.sqrt(behindMs / 1_000));
}
