/**
 * What is known of one utterance once it has been interpreted: the texts, and when each stage was done. All
 * times are absolute, in ms of the process's clock; a stage that did not happen has none.
 */

import type { Language } from '../base/language.ts';

export interface UtteranceText {
  readonly language: Language;
  readonly text: string;
}

/**
 * When each stage of one segment was done; later stages may be done before earlier ones when they were worked on ahead.
 */
export interface SegmentTiming {
  /** When it was certain and cut off. */
  readonly cutMs: number;
  readonly translatedMs: number;
  readonly firstSoundMs: number;
}

/** From when to when something was said, in ms of the clock; some tenths of a second more or less. */
export interface SaidSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Of the utterance's last segment, from which its end is heard. */
export interface UtteranceTiming {
  /** When the speaker began. */
  readonly speechStartMs: number;
  /** When the speaker stopped, before the hang-over. */
  readonly speechEndMs: number;
  /** When endpointing decided that the utterance was over. */
  readonly endpointMs: number;
  /** When its text was certain: final, or stable and cut off before. */
  readonly sttFinalMs?: number;
  /** When the translation was there. */
  readonly mtDoneMs?: number;
  /** When the first synthesised bytes were there. */
  readonly ttsFirstMs?: number;
}
