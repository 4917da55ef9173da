/**
 * What happened in a run of the live bench, as plain data that crosses between processes. All times are ms of the
 * machine's monotonic clock, the same in every process, unless said otherwise.
 */

import type { SegmentStages } from '../../../src/call/call-events.ts';
import type { LiveTurn } from './live-turns.ts';

/** What went over the wire between the server and the recogniser on one connection. */
export interface SttFacts {
  readonly language: string;
  /** When each message of audio arrived. */
  readonly arrivedMs: readonly number[];
  /** Where it ends in the audio of the connection. */
  readonly endsMs: readonly number[];
  /** Turns as they were heard: where each begins in the audio of the connection. */
  readonly turns: readonly { readonly call: number; readonly turn: number; readonly fromMs: number }[];
  /** Results that say something: words, or that what came before is settled. */
  readonly answers: readonly { readonly sentMs: number; readonly settled: boolean }[];
}

export interface MtFacts {
  readonly text: string;
  /** When the request had arrived, and when its answer was sent. */
  readonly askedMs: number;
  answeredMs: number | undefined;
}

export interface TtsFacts {
  readonly text: string;
  /** When the request had arrived, and when the first bytes of sound were sent. */
  readonly askedMs: number;
  firstMs: number | undefined;
}

export interface VendorFacts {
  readonly stt: readonly SttFacts[];
  readonly mt: readonly MtFacts[];
  readonly tts: readonly TtsFacts[];
  /** Requests for speech that came while the same server spoke. */
  readonly overlaps: number;
}

/** What the telephones of one call did and heard. */
export interface PhoneFacts {
  /** When each frame of the caller was written. */
  readonly writtenMs: Float64Array;
  /** When the listener heard each frame, and whether there was sound in it. */
  readonly heardMs: Float64Array;
  readonly loud: Uint8Array;
  /** Why a leg ended before its time; empty when none did. */
  readonly lost: readonly string[];
}

/** A segment as the server tells of it. */
export interface SpokenFacts {
  /** When its first frame was made, in ms since the call began, whole ones. */
  readonly atMs: number;
  readonly source: string;
  readonly text: string;
  /** From the decision to speak it to that frame, in ms: what translation and synthesis took of that, and the rest. */
  readonly stages: SegmentStages;
}

/** One call, as its parts saw it. */
export interface CallFacts {
  readonly call: number;
  readonly turns: readonly LiveTurn[];
  readonly phones: PhoneFacts;
  /** In the order in which they were heard. */
  readonly spoken: readonly SpokenFacts[];
}
