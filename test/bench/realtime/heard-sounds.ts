/**
 * What the listener heard, as stretches of sound: a segment that follows another without a gap is in one with it.
 */

import { FRAME_MS } from '../../../src/base/units.ts';
import type { PhoneFacts } from './live-facts.ts';

/** A stretch of sound that the listener heard: its first frame, and when its last one was over. */
export interface HeardSound {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Frames without sound that part two sounds. */
const QUIET_FRAMES = 2;

/** The sounds that the listener heard. */
export function soundsOf({ heardMs, loud }: Pick<PhoneFacts, 'heardMs' | 'loud'>): readonly HeardSound[] {
  const sounds: { fromMs: number; toMs: number; lastFrame: number }[] = [];
  for (const [frame, atMs] of heardMs.entries()) {
    const last = sounds.at(-1);
    if (loud[frame] !== 1) {
      continue;
    }
    if (last !== undefined && frame - last.lastFrame <= QUIET_FRAMES) {
      last.toMs = atMs + FRAME_MS;
      last.lastFrame = frame;
    } else {
      sounds.push({ fromMs: atMs, toMs: atMs + FRAME_MS, lastFrame: frame });
    }
  }
  return sounds;
}

/** How long a sound that was ready at `readyMs` waited for the next frame to the listener to be due. */
export function frameWaitMs({ heardMs }: PhoneFacts, readyMs: number, untilMs: number): number {
  const nextMs = heardMs.find((atMs) => atMs >= readyMs) ?? untilMs;
  return Math.min(nextMs, untilMs) - readyMs;
}
