/**
 * Providers that take speech in one language and give another, with no seam between recognition and translation. Some
 * give text only, which a synthesis engine speaks; others speak themselves. What they have given they never take back.
 * Adapters do not retry, fail over or log text.
 */

import type { Language } from '../../base/language.ts';
import type { OnCharge } from '../charge.ts';
import type { Support } from '../support.ts';

export type SpeechTranslatorEvent =
  /**
   * What the speaker says, for captions: more of it, white space included, or (`concluded` false) the changeable tail
   * that replaces the one before. What concludes replaces the tail, too.
   */
  | { readonly type: 'source'; readonly text: string; readonly concluded: boolean }
  /**
   * More of the translation; it follows what came before, white space included, and never changes. A piece is a clause
   * or so, as the provider cuts; from those that speak it may be part of a word, and comes before or after its sound.
   */
  | { readonly type: 'target'; readonly text: string }
  /** Translated speech that follows what came before; signed 16-bit mono, belongs to the receiver. */
  | { readonly type: 'audio'; readonly pcm: Int16Array; readonly rateHz: number }
  /**
   * All that was written up to an `endOfSpeech` has been given, as far as can be told: providers say so by being
   * quiet. Each `endOfSpeech` has its own, in order; when speech has gone on meanwhile it may come late, several at
   * once.
   */
  | { readonly type: 'caught-up' }
  /** The stream is over. Open another. */
  | { readonly type: 'failed'; readonly error: Error };

export interface SpeechTranslatorOptions {
  readonly from: Language;
  readonly to: Language;
  /** The listener's wire rate in Hz, for providers that can render at it. */
  readonly wantedRateHz: number;
  /** Hears what each provider is given, of each utterance once it is over. Adapters ignore it. */
  readonly onCharge?: OnCharge;
  /** Hears every event, in order, never from inside a call of the stream. */
  readonly onEvent: (event: SpeechTranslatorEvent) => void;
}

export interface SpeechTranslatorStream {
  /**
   * Adds 16 kHz mono audio. Takes ownership of `pcm` and never waits: what the provider cannot take in time is bounded
   * by the adapter, which drops the oldest and counts it in `droppedMs`. Between utterances nothing is written; the
   * adapter keeps its connection alive, with silence where the provider wants audio.
   */
  write(pcm: Int16Array): void;
  /** The speaker has stopped for now. The adapter does what makes the provider give the rest, then says `caught-up`. */
  endOfSpeech(): void;
  /** Audio given up, in ms since the stream opened. */
  readonly droppedMs: number;
  /** Ends the stream at once; no event comes after. Idempotent. */
  close(): Promise<void>;
}

export interface SpeechTranslator {
  readonly name: string;
  /** Whether `audio` comes; if not, `target` is for a synthesis engine to speak. */
  readonly speaks: boolean;
  supports(from: Language, to: Language): Promise<Support>;
  /**
   * Opens a stream, ready to take audio when it resolves.
   * @throws AppError of category `engine`; the signal's reason when it aborts first.
   */
  open(options: SpeechTranslatorOptions, signal: AbortSignal): Promise<SpeechTranslatorStream>;
  /** Ends everything, streams included. Idempotent. */
  close(): Promise<void>;
}
