/**
 * The second of the two seams between a call and what interprets it: one party's speech in one other language, for
 * everyone who listens in it. Most renderings turn the text of a hearing into that language and speak it; a fused
 * provider is a rendering that takes the speech itself.
 */

import type { Language } from '../../base/language.ts';
import type { Charge } from '../../engines/charge.ts';
import type { Word } from '../../engines/stt/stt-engine.ts';
import type { SpokenVoice } from '../../engines/tts/spoken-voice.ts';
import type { SpeechEvent } from '../../media/hear/speech-event.ts';
import type { SegmentManner } from '../../media/play/segment-manner.ts';
import type { OnAnswer } from '../answers/engine-answer.ts';
import type { SpeakerLines } from '../conversation.ts';
import type { Glossary } from '../exactness/glossary.ts';
import type { Hearing, HearingFactory } from '../hearing/hearing.ts';
import type { Noted } from '../noted.ts';
import type { SaidSpan, SegmentTiming, UtteranceText, UtteranceTiming } from '../utterance-record.ts';

/** A segment that is about to be spoken. */
export interface SpokenSegment {
  readonly utterance: number;
  readonly text: string;
  /** What it translates, where that is known. */
  readonly source: string | undefined;
  /** The rate in Hz of its sound. */
  readonly rateHz: number;
  readonly timing: SegmentTiming | undefined;
  /** When what it translates was said, as far as that is known. */
  readonly said?: SaidSpan | undefined;
  /** How it is to be played; default as its engine speaks it. */
  readonly manner?: SegmentManner;
}

/** Takes a segment's sound. Both calls do nothing once it has ended. */
export interface SegmentHandle {
  /** Adds sound; takes ownership of `pcm`. */
  add(pcm: Int16Array): void;
  /** No more sound of this segment. */
  end(): void;
}

/**
 * All of an utterance is known: what was said, what it became, when each stage was done. `outcome` says whether it will
 * be heard.
 */
export interface UtteranceEnded {
  readonly type: 'utterance-ended';
  readonly utterance: number;
  readonly outcome: 'spoken' | 'nothing-said' | 'left-alone' | 'failed';
  readonly source: UtteranceText;
  readonly target: UtteranceText;
  readonly timing: UtteranceTiming;
  /** Why it failed, when it did: an error of the catalogue, and the stage it came from. */
  readonly failure: { readonly stage: 'stt' | 'mt' | 'tts'; readonly error: Error } | undefined;
}

/** Never from inside a call of the rendering, but for `failed`. */
export type RenderingEvent =
  /** Comes once for every utterance that began after the rendering was open. */
  | UtteranceEnded
  /** The party speaks this rendering's own language: its voice is to be heard as it is, or no longer. */
  | { readonly type: 'as-is'; readonly on: boolean }
  /** What is said is not rendered at present, or late: the party's voice is to be heard as it is, or no longer. */
  | { readonly type: 'behind'; readonly on: boolean }
  /** What a fused provider has heard, for captions; other renderings leave that to their hearing. */
  | { readonly type: 'heard'; readonly utterance: number; readonly text: string; readonly final: boolean }
  | { readonly type: 'noted'; readonly what: Noted; readonly count: number }
  /** An engine was given something to do for it. */
  | { readonly type: 'charged'; readonly charge: Charge }
  /**
   * It cannot go on; the call lets the original voice through and opens another. Those that render text say so only
   * over a fault of our own.
   */
  | { readonly type: 'failed'; readonly error: Error };

export interface RenderingOptions {
  /** Who speaks, for who renders several people from one language into one other and has to tell them apart. */
  readonly speaker?: string;
  readonly from: Language;
  readonly to: Language;
  /** The listeners' wire rate in Hz, for engines that can render at it. */
  readonly wantedRateHz: number;
  /** The voice to speak a segment with that begins now; undefined: the engine's default. */
  readonly voice: () => SpokenVoice | undefined;
  /** Which of the words of a segment was stressed, as far as is known now; undefined: nothing is to be stressed. */
  readonly stressed?: ((words: readonly Word[]) => number | undefined) | undefined;
  readonly glossary: Glossary;
  /** Whether to work ahead on what is not certain. */
  readonly drafts: boolean;
  /** What the party has said and been told lately, as context. */
  readonly lines: SpeakerLines;
  /** The listeners are being told this, in their language. */
  readonly told: (text: string) => void;
  /** A segment begins to be spoken; segments are spoken in the order of these calls. */
  readonly speak: (segment: SpokenSegment) => SegmentHandle;
  readonly onEvent: (event: RenderingEvent) => void;
  /** Hears what engines answer. Default nobody does. */
  readonly answered?: OnAnswer | undefined;
}

export interface Rendering {
  /** Stops at once, ends the segments it has begun, and tells nothing more. Idempotent. */
  close(): Promise<void>;
}

/** A rendering that takes the speech itself. */
export interface FusedRendering extends Rendering {
  take(event: SpeechEvent): void;
}

/** Renders text: opens at once, and no engine makes it fail as a whole. */
export interface TextRenderingFactory {
  /** Hears utterances that begin from now on. */
  open(options: RenderingOptions, hearing: Hearing): Rendering;
}

export interface FusedRenderingFactory {
  /** The lowest rate in Hz of a party's own leg at which its recognition can be trusted. */
  readonly lowestWireRateHz: number;
  /** @throws AppError what the provider's `open` throws. */
  open(options: RenderingOptions, signal: AbortSignal): Promise<FusedRendering>;
}

/** What interprets one language into another. */
export type Interpreters =
  /** Renderings of one language that name the same hearing share it. */
  | { readonly type: 'text'; readonly hearing: HearingFactory; readonly rendering: TextRenderingFactory }
  | { readonly type: 'fused'; readonly rendering: FusedRenderingFactory };
