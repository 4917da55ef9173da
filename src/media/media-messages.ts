/**
 * What crosses between the main thread and a leg's media task on their MessagePort: sparse things only. Frames
 * cross in the rings of `leg-memory.ts`.
 */

import type { FrameRingHandle } from './frame-ring.ts';
import type { LegMemory } from './leg-memory.ts';
import type { SegmentEnd } from './playout-queue.ts';

/**
 * How a leg hears its partner's own voice. `through`: as it is, nothing is translated. The others go with a translation:
 * `duck`: under it, and at full level while nothing is translated; `full`: as loud as ever; `off`: not at all.
 */
export type HearMode = 'through' | 'duck' | 'full' | 'off';

/** Main thread to media task. */
export type MediaCommand =
  /** Hear this leg's voice in a way, or nobody's. */
  | { readonly type: 'hear'; readonly partner: FrameRingHandle | undefined; readonly how: HearMode }
  /** Hear the same voice in another way. */
  | { readonly type: 'how'; readonly how: HearMode }
  /** The partner says something that needs no translation: let it be heard as it is, whatever `how` says. */
  | { readonly type: 'as-is'; readonly on: boolean }
  /** Whether what the leg says is listened to; it is until told otherwise. */
  | { readonly type: 'attend'; readonly on: boolean }
  /** A translation is on its way: give a sign of life when nothing is heard for long. */
  | { readonly type: 'expect'; readonly on: boolean }
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
  | { readonly type: 'speech-paused'; readonly silenceStartMs: number }
  | { readonly type: 'speech-resumed' }
  /** What goes on is no speech; its end follows. */
  | { readonly type: 'speech-was-none' }
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
