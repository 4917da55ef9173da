/**
 * Speech synthesis of one segment at a time, as a stream of PCM at the engine's own rate: playback begins on
 * the first bytes. Adapters do not resample, retry, fail over or log text.
 */

import type { Language } from '../../base/language.ts';
import type { OnCharge } from '../charge.ts';
import type { Support } from '../support.ts';
import type { SpokenVoice, VoiceTraits } from './spoken-voice.ts';
import type { VoiceCloner } from './voice-cloner.ts';

export interface TtsRequest {
  readonly text: string;
  readonly language: Language;
  /** Whose voice, and how it speaks; without it, the engine's default for the language. */
  readonly voice?: SpokenVoice;
  /** A part of the text that is to be stressed, which stands in it once; engines that do not stress ignore it. */
  readonly stressed?: string;
  /** What this voice said just before, for engines that carry intonation on; others ignore it. */
  readonly previousText?: string;
  /** Hears that another engine does it in place of one that failed or was late. Engines themselves ignore it. */
  readonly failedOver?: () => void;
  /** Hears which engine speaks, and whether with its own voice of that person. Engines themselves ignore it. */
  readonly spokenBy?: (engine: string, isOwnVoice: boolean) => void;
  /** Hears what each engine is given for it. Engines themselves ignore it. */
  readonly onCharge?: OnCharge;
  /** The rate in Hz the listener's leg has; an engine that can choose renders at it. */
  readonly wantedRateHz: number;
}

/** `numbers`: plain ones, but no money, dates, times, measures, codes or addresses; `words`: nothing but those. */
export type Reads = 'everything' | 'numbers' | 'words';

/** Speech on its way. */
export interface TtsSpeech {
  readonly rateHz: number;
  /**
   * Signed 16-bit mono pieces of any length, at least one sample each; each belongs to the receiver. Throws as
   * `synthesize` does: after all sound that came when the engine breaks off, at once when the signal aborts or the
   * engine closes.
   */
  readonly pieces: AsyncIterable<Int16Array>;
}

export interface TtsEngine {
  readonly name: string;
  /**
   * Whether something may be synthesised now that may not be wanted: where abandoned work goes on at the provider, it
   * would keep others waiting when there is no room to spare. Default true.
   */
  readonly hasRoom?: boolean;
  /** Voices of which it holds what they speak with, so that no segment waits for it. Default 0. */
  readonly voicesKept?: number;
  /** Makes voices of recordings; undefined where it cannot. */
  readonly cloner?: VoiceCloner | undefined;
  /** What it does itself of what a request says of its voice, name aside. Default nothing. */
  readonly traits?: VoiceTraits;
  /** What it reads of a text that is not words; the rest is written out for it. Default everything. */
  reads?(language: Language): Reads;
  /**
   * Voices of a language that it has by itself, low and high ones, where asking it to speak with them costs nobody
   * anything. Default none.
   */
  choice?(language: Language): Promise<readonly string[]>;
  supports(language: Language): Promise<Support>;
  /**
   * Speaks `request.text`; resolves when the rate is known, usually with the first bytes.
   * @throws AppError of category `engine`; the signal's reason when it aborts first.
   */
  synthesize(request: TtsRequest, signal: AbortSignal): Promise<TtsSpeech>;
  /** Ends everything the engine runs. Idempotent. */
  close(): Promise<void>;
}
