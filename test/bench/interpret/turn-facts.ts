/**
 * What happened to one turn, as plain data: what the scores are made of. All times are ms of the clock.
 */

import type { MtCall } from './timeline-mt.ts';
import type { KnownWord } from './timeline-stt.ts';
import type { TtsCall } from './timeline-tts.ts';
import type { Turn } from './timelines.ts';

/** Sound of a segment that reached the listener's media. */
export interface ArrivedSound {
  readonly atMs: number;
  readonly durationMs: number;
}

export interface SegmentFacts {
  readonly utterance: number;
  /** What was spoken. */
  readonly text: string;
  /** What it translates, where the interpreter says so. */
  readonly source: string | undefined;
  /** When it was decided to speak it, where the interpreter says so. */
  readonly committedMs: number | undefined;
  readonly sounds: readonly ArrivedSound[];
  /** When the listener's media began it, and was through with it. */
  readonly beganMs: number | undefined;
  readonly endedMs: number | undefined;
}

/** A caption as it was shown, one after the other. */
export interface UtteranceFacts {
  readonly versions: readonly string[];
  /** Undefined when the utterance has none. */
  readonly final: string | undefined;
}

export interface TurnFacts {
  readonly turn: Turn;
  /** When its first word began. */
  readonly startMs: number;
  /** Segments in the order they were spoken. */
  readonly segments: readonly SegmentFacts[];
  readonly utterances: readonly UtteranceFacts[];
  /** When the listener was sent frames with translated sound. */
  readonly heardMs: readonly number[];
  readonly known: readonly KnownWord[];
  readonly mtCalls: readonly MtCall[];
  readonly ttsCalls: readonly TtsCall[];
  /** What failed, or did not come to an end; empty when all is well. */
  readonly troubles: readonly string[];
}
