/**
 * What crosses between the main thread and a leg's media task on their MessagePort: sparse things only. Frames
 * cross in the rings of `leg-memory.ts`.
 */

import type { FrameRingHandle } from './frame-ring.ts';
import type { LegMemory } from './leg-memory.ts';
import type { SegmentEnd } from './playout-queue.ts';

/** Main thread to media task. */
export type MediaCommand =
  /** Hear this leg's voice as it is at `gain` (0 to 1), or nobody's. */
  | { readonly type: 'hear'; readonly partner: FrameRingHandle | undefined; readonly gain: number }
  /** Make frames at this rate, whatever the leg speaks at. */
  | { readonly type: 'speak-at'; readonly rateHz: number }
  | { readonly type: 'wait'; readonly waiting: boolean }
  | { readonly type: 'segment-open'; readonly segment: number; readonly rateHz: number }
  | { readonly type: 'segment-audio'; readonly segment: number; readonly pcm: Int16Array }
  | { readonly type: 'segment-end'; readonly segment: number }
  | { readonly type: 'flush' }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'close' };

/** Media task to main thread. Times are ms of the process's clock. */
export type MediaEvent =
  | { readonly type: 'speech-started'; readonly fromFrame: number; readonly speechStartMs: number }
  | {
      readonly type: 'speech-ended';
      readonly toFrame: number;
      readonly speechEndMs: number;
      readonly decidedMs: number;
    }
  | { readonly type: 'segment-started'; readonly segment: number; readonly atMs: number }
  | {
      readonly type: 'segment-ended';
      readonly segment: number;
      readonly atMs: number;
      readonly end: SegmentEnd;
    };

/** The one argument of a leg's media task; the port of commands and events is beside it. */
export interface MediaTask {
  readonly memory: LegMemory;
  /** When in each 20 ms the leg's frame leaves, in ms. */
  readonly phaseMs: number;
  /** The rate in Hz to send at until the leg's own is known. */
  readonly rateHz: number;
}
