/** Where the sound of calls is kept, as a call sees it. A call gives what it has when it is asked; nothing waits. */

import type { SoundPiece } from '../../protocol/recording/recorder-orders.ts';

/**
 * What is kept of a call's sound: `voices`: what everyone says, as it comes; `heard`: what everyone hears; `all`: both,
 * and what everyone is told in translation by itself.
 */
export const RECORDED = ['off', 'voices', 'heard', 'all'] as const;

export type Recorded = (typeof RECORDED)[number];

/** When keeping begins: with the call, or once somebody asks for it. */
export const RECORDING_STARTS = ['at-once', 'on-demand'] as const;

export type RecordingStart = (typeof RECORDING_STARTS)[number];

/** `paused`: for now, or until it is first asked for; `off`: for good. */
export const RECORDING_STATES = ['on', 'paused', 'off'] as const;

export type RecordingState = (typeof RECORDING_STATES)[number];

export interface RecordedCall {
  readonly shownId: string;
  readonly startedAt: Date;
}

export interface Recorder {
  /** How often all hear a tone while they are recorded, in ms; undefined: never. */
  readonly beepMs: number | undefined;
  /** Whether they are told in words when it begins. */
  readonly announces: boolean;
  /** Whether what engines answer is kept, too: the call's notes (`call-notes.ts`). */
  readonly keepsNotes: boolean;
  /**
   * Begins to keep a call. @param take is asked several times a second for the sound that has come since, and `notes`
   * for what was noted since, as lines. @param full hears that there is no room for more, so that nothing is kept, and
   * that there is again.
   */
  open(
    call: RecordedCall,
    take: () => readonly SoundPiece[],
    notes: () => string,
    full: (is: boolean) => void,
  ): OpenRecording;
}

export interface OpenRecording {
  /**
   * Nothing is kept of a party, nor of what others heard of it, what is kept already included, after {@link close}, too.
   * @param party its number.
   */
  forget(party: number): void;
  /** Frames were overwritten before they were taken. */
  lost(frames: number): void;
  /** Notes were dropped before they were taken. */
  notesLost(notes: number): void;
  /** Takes what is left, and no more. Idempotent. */
  close(): void;
}
