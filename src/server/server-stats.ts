/**
 * What the server knows of itself at one moment, as plain data: read when metrics or health are asked for.
 * Counts are since the process started.
 */

import type { CallEvent } from '../call/call-events.ts';

export interface ServerStats {
  readonly draining: boolean;
  readonly legsActive: number;
  readonly callsActive: number;
  /** Legs by what they speak to each other in now: only states that hold legs appear. */
  readonly legsByState: ReadonlyMap<string, number>;
  readonly maxLegs: number;
  readonly connectionsAccepted: number;
  /** Connections turned away at the door, by reason: `not-allowed`, `too-many-legs`, `draining`. */
  readonly connectionsRefused: ReadonlyMap<string, number>;
  /** Legs that ended, by reason: `peer-closed`, `partner-left`, `wire-bad-length`, `no-uuid` … */
  readonly legsEnded: ReadonlyMap<string, number>;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly audioBytesIn: number;
  readonly audioBytesOut: number;
  /** Frames whose deadline passed while the process stood still, and which were given up rather than sent in a burst. */
  readonly framesForgiven: number;
  /** Frames of silence sent because the media thread had nothing ready. */
  readonly framesMissing: number;
  /** Speech that waits on the leg where most of it does, in ms. */
  readonly longestBacklogMs: number;
  /** Signs of life given because nothing was heard for long. */
  readonly cues: number;
  /** Times that a listener spoke into a translation for so long that it was softened. */
  readonly interruptions: number;
  /** Frames or pieces of audio dropped from a full queue, by the queue's name. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly dtmfKeys: number;
  readonly mediaThreads: number;
  /** Media tasks started again because their thread died. */
  readonly mediaRestarts: number;
  /** Utterances by outcome: `spoken`, `nothing-said`, `left-alone`, `failed`, `not-played`. */
  readonly utterances: ReadonlyMap<string, number>;
  readonly wordsTranslated: number;
  /** What interpreters noted, by what: `draft-hit`, `cache-miss`, `echo` … */
  readonly noted: ReadonlyMap<string, number>;
  /** Errors the call worked around, by component and code, joined with a space: `stt engine-died`. */
  readonly errors: ReadonlyMap<string, number>;
  /** Interpreters opened again after a failure, by success: `true`, `false`. */
  readonly interpreterRecoveries: ReadonlyMap<string, number>;
  readonly illegalTransitions: number;
}

/** A call that can be watched while it runs. */
export interface CallView {
  readonly callId: string;
  readonly startedAt: Date;
  readonly legs: readonly { readonly leg: number; readonly language: string; readonly state: string }[];
}

/** What the HTTP and metrics servers may ask of the running server. */
export interface ServerView {
  stats(): ServerStats;
  calls(): readonly CallView[];
  /** Hears every event of every call until `signal` aborts. The listener must not throw. */
  watch(listener: (callId: string, event: CallEvent) => void, signal: AbortSignal): void;
}
