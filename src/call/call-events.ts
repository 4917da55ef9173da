/**
 * What a call tells those who watch it: captions, the console, call records. Everything spoken is under keys
 * that begin with `pii`; whoever passes these on answers for it. Times are ms since the call began (its first
 * leg was accepted).
 */

import type { Language } from '../base/language.ts';
import type { LegState } from './leg-states.ts';

/** One utterance, complete: what the demo's report and later the call records are made of. */
export interface UtteranceReport {
  /** The leg that spoke: 0 or 1. */
  readonly leg: number;
  readonly utterance: number;
  readonly outcome: 'spoken' | 'nothing-said' | 'left-alone' | 'failed' | 'not-played';
  readonly source: {
    readonly language: Language;
    readonly piiText: string;
    readonly startMs: number;
    readonly endMs: number;
  };
  /** When the other leg heard it; no times when it was not played. */
  readonly target: {
    readonly language: Language;
    readonly piiText: string;
    readonly startMs?: number;
    readonly endMs?: number;
  };
  /** Segments it was spoken in. */
  readonly segments: number;
  /** From the beginning of speech to its first translated sound, in ms. */
  readonly startOffsetMs?: number;
  /**
   * Where the time between the end of speech and the first sound of the last segment went, in ms; the parts add up to
   * `endToEndMs`. A stage that did not happen is left out, and one that was over before it was needed took none. When the
   * speaker was still speaking there is nothing to divide, and `endToEndMs` is negative.
   */
  readonly stages: {
    readonly endpointMs?: number;
    readonly sttMs?: number;
    readonly mtMs?: number;
    readonly ttsMs?: number;
    readonly playoutMs?: number;
    readonly endToEndMs?: number;
  };
}

/** Where the time between cutting a segment off and its first sound went, in ms; what was done ahead took none. */
export interface SegmentStages {
  readonly mtMs: number;
  readonly ttsMs: number;
  /** Waiting for what was spoken before it, and for its frame. */
  readonly queueMs: number;
}

export type CallEvent =
  | {
      readonly type: 'leg-state';
      readonly atMs: number;
      readonly leg: number;
      readonly state: LegState;
      readonly language: Language;
    }
  | {
      readonly type: 'heard';
      readonly atMs: number;
      readonly leg: number;
      readonly utterance: number;
      readonly final: boolean;
      readonly piiText: string;
    }
  | {
      /** A segment begins to be heard. */
      readonly type: 'spoken';
      readonly atMs: number;
      readonly leg: number;
      readonly utterance: number;
      readonly piiText: string;
      /** What it translates. */
      readonly piiSource?: string;
      /** Where the time since it was cut off went, in ms. */
      readonly stages?: SegmentStages;
    }
  | { readonly type: 'utterance'; readonly atMs: number; readonly report: UtteranceReport }
  | { readonly type: 'ended'; readonly atMs: number };
