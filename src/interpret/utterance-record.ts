/**
 * What is known of one utterance once it has been interpreted: the texts, and when each stage was done. All
 * times are absolute, in ms of the process's clock; a stage that did not happen has none.
 */

import type { Language } from '../base/language.ts';

export interface UtteranceText {
  readonly language: Language;
  readonly text: string;
}

export interface UtteranceTiming {
  /** When the speaker began. */
  readonly speechStartMs: number;
  /** When the speaker stopped, before the hang-over. */
  readonly speechEndMs: number;
  /** When endpointing decided that the utterance was over. */
  readonly endpointMs: number;
  /** When recognition gave its final text. */
  readonly sttFinalMs?: number;
  /** When the translation was there. */
  readonly mtDoneMs?: number;
  /** When the first synthesised bytes were there. */
  readonly ttsFirstMs?: number;
}
