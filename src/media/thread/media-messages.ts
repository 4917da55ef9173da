/**
 * What crosses between the main thread and a leg's media task, on the port of the task's thread: sparse things only.
 * Frames cross in the rings of `leg-memory.ts`.
 */

import type { RtpFormat } from '../../protocol/rtp/payloads.ts';
import type { FoundSpeech } from '../hear/speech-event.ts';
import type { PartyTone } from '../play/chimes.ts';
import type { SegmentEnd } from '../play/playout-queue.ts';
import type { SegmentManner } from '../play/segment-manner.ts';
import type { LegMemory, LegPlace } from '../ring/leg-memory.ts';
import type { Orders } from './orders.ts';

/** Main thread to media task. */
export type MediaCommand =
  /** All that the leg is to hear, and whether it is listened to, from now on. */
  | { readonly type: 'orders'; readonly orders: Orders }
  /** `turn`: see {@link Orders.turns}; undefined goes before all turns that wait. */
  | {
      readonly type: 'segment-open';
      readonly segment: number;
      readonly rateHz: number;
      readonly turn: number | undefined;
      /** Default `AS_SPOKEN`. */
      readonly manner?: SegmentManner | undefined;
    }
  | { readonly type: 'segment-audio'; readonly segment: number; readonly pcm: Int16Array }
  | { readonly type: 'segment-end'; readonly segment: number }
  | { readonly type: 'flush' }
  /** An utterance that is going on ends, and what was learned of the leg's voice, level and echo is forgotten. */
  | { readonly type: 'hear-anew' }
  | { readonly type: 'tone'; readonly tone: PartyTone }
  | { readonly type: 'key'; readonly key: string }
  /** The leg needs nothing of its task for now, or again. */
  | { readonly type: 'sleep'; readonly on: boolean }
  | { readonly type: 'close' };

/** Media task to main thread. Times are ms of the process's clock. */
export type MediaEvent =
  /**
   * All of the utterance that precedes the event lies before frame `atFrame` of the speech ring; its audio begins
   * there.
   */
  | { readonly type: 'speech'; readonly event: FoundSpeech; readonly atFrame: number }
  | { readonly type: 'segment-started'; readonly segment: number; readonly atMs: number }
  | {
      readonly type: 'segment-ended';
      readonly segment: number;
      readonly atMs: number;
      readonly end: SegmentEnd;
    };

/**
 * Main thread to media thread. A bare number is the most frequent message, so that it is the cheapest: `RUNG_BELLS`, or
 * the bell of that leg.
 */
export type ThreadOrder =
  | number
  | { readonly type: 'start'; readonly leg: number; readonly task: PostedTask }
  | { readonly type: 'tell'; readonly leg: number; readonly command: MediaCommand };

/** What is posted to a media thread: an order, or several that were given in one go, the first first. */
export type ThreadOrders =
  | ThreadOrder
  | { readonly type: 'several'; readonly orders: readonly ThreadOrder[] };

/** Media thread to main thread. A bare number is `RUNG_BELLS`, or the bell of that leg. */
export type ThreadReport =
  | number
  /** Its modules are loaded. `thread` is Node's number of it, `systemThread` the system's, where it has one to tell. */
  | { readonly type: 'ready'; readonly thread: number; readonly systemThread: number | undefined }
  | { readonly type: 'told'; readonly leg: number; readonly event: MediaEvent }
  /** The leg's task is over: as it was asked to, or because of `error`. */
  | { readonly type: 'ended'; readonly leg: number; readonly error: unknown };

/** What a leg's media task begins with. */
export interface MediaTask {
  readonly memory: LegMemory;
  /** When the leg's first frame leaves, in ms of the process's clock; one each 20 ms follows. */
  readonly firstMs: number;
  /** The rate in Hz to send at until the leg's own is known. */
  readonly rateHz: number;
  /** What it is to hear at first. */
  readonly orders: Orders;
  /**
   * Set where the leg's wire is RTP: what is in `memory.packets` is to be made frames of, and what the leg hears is to
   * be coded in this format.
   */
  readonly rtp?: RtpFormat;
  /** Set where it goes on for a thread that died: what had arrived and was not heard is heard by it. */
  readonly resumed?: ResumedTask;
}

/** A task as it is posted: of its memory only where it is, since each word of a message costs. */
export type PostedTask = Omit<MediaTask, 'memory'> & { readonly place: LegPlace };

export interface ResumedTask {
  /** The frame of the speech ring with which the utterance begins that goes on; undefined: none does. */
  readonly utteranceFrom: number | undefined;
}
