/**
 * The upper engine seam: one leg's speech in, one other language out, as text and as sound. The cascade of
 * recognition, translation and synthesis is one implementation; a speech-to-speech service is another. The
 * call routes what comes out; it knows nothing of how it came about.
 */

import type { Language } from '../base/language.ts';
import type { ConversationSide } from './conversation.ts';
import type { SegmentTiming, UtteranceText, UtteranceTiming } from './utterance-record.ts';

/** Things worth counting that no other event tells. */
export type Noted =
  /** A segment that had been worked on before it was certain, and was right. */
  | 'draft-hit'
  /** Work ahead that was thrown away. */
  | 'draft-miss'
  | 'cache-hit'
  | 'cache-miss'
  /** A number or a term that translation had lost and that was put in. */
  | 'repaired'
  /** A word that was spoken and that the final hearing contradicts. */
  | 'contradicted-word'
  /** Left untranslated: our own voice come back, a sign of listening, the listener's own language, music. */
  | 'echo'
  | 'listening'
  | 'same-language'
  | 'not-speech';

export type InterpreterEvent =
  /** What the speaker is saying, as heard so far; replaces the one before. For captions only. */
  | { readonly type: 'heard'; readonly utterance: number; readonly text: string; readonly final: boolean }
  /** A segment of the translation is about to be spoken: its text. Segments are spoken in the order they begin. */
  | {
      readonly type: 'segment-started';
      readonly utterance: number;
      readonly segment: number;
      readonly text: string;
      readonly rateHz: number;
      /** What it translates, where that is known. */
      readonly source?: string;
      readonly timing?: SegmentTiming;
    }
  /** Sound of a segment; belongs to the receiver. */
  | { readonly type: 'segment-audio'; readonly segment: number; readonly pcm: Int16Array }
  /** No more sound of this segment. */
  | { readonly type: 'segment-ended'; readonly segment: number }
  /** All of an utterance is known: what was said, what it became, and when each stage was done. `outcome` says whether it will be heard. */
  | {
      readonly type: 'utterance-ended';
      readonly utterance: number;
      readonly outcome: 'spoken' | 'nothing-said' | 'left-alone' | 'failed';
      readonly source: UtteranceText;
      readonly target: UtteranceText;
      readonly timing: UtteranceTiming;
      /** Why it failed, when it did: an error of the catalogue, and the stage it came from. */
      readonly failure?: { readonly stage: 'stt' | 'mt' | 'tts'; readonly error: Error };
    }
  /** The speaker uses the listener's own language: their voice is to be heard as it is, or no longer. */
  | { readonly type: 'as-is'; readonly on: boolean }
  | { readonly type: 'noted'; readonly what: Noted; readonly count: number }
  /** The interpreter cannot go on; the call plays the original voice and opens another. */
  | { readonly type: 'failed'; readonly error: Error };

export interface InterpreterOptions {
  readonly from: Language;
  readonly to: Language;
  /** The listener's wire rate in Hz, for engines that can render at it. */
  readonly listenerRateHz: number;
  /** What the parties have said and heard lately; without it, only what this interpreter itself hears and says counts. */
  readonly conversation?: ConversationSide;
  /** Hears every event, in order; segments and reports never from inside a call of the interpreter. */
  readonly onEvent: (event: InterpreterEvent) => void;
}

/**
 * Takes one leg's speech. The leg's own endpointing says when an utterance begins (its pre-roll included) and
 * ends; times are those of the {@link import('../base/clock.ts').Clock}, in ms.
 */
export interface Interpreter {
  /**
   * `speechStartMs` is when the speaker began, pre-roll left out; `overlapping` says that the speaker is being spoken to,
   * so that a short "aha" is one.
   */
  startUtterance(utterance: number, speechStartMs: number, overlapping: boolean): void;
  /** 16 kHz mono audio of the utterance that has begun; belongs to the interpreter. */
  write(pcm: Int16Array): void;
  /** The speaker pauses since `silenceStartMs` and may go on in the same utterance. */
  pause(silenceStartMs: number): void;
  /** The speaker goes on after a pause. */
  resume(): void;
  /** What goes on turned out to be no speech: nothing more of it is to be said. Its end follows. */
  abandon(): void;
  /** `speechEndMs` is when the speaker stopped, before the hang-over that noticed it. */
  endUtterance(speechEndMs: number): void;
  /** Stops at once; no event comes after. Idempotent. */
  close(): Promise<void>;
}

/** Opens interpreters; what a call is given. */
export interface InterpreterFactory {
  /** The lowest rate in Hz of a speaker's own leg at which recognition can be trusted. */
  readonly lowestWireRateHz: number;
  open(options: InterpreterOptions, signal: AbortSignal): Promise<Interpreter>;
}
