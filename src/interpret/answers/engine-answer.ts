/**
 * What engines answered in a call, complete enough that a replay of the call can answer the same: what was heard of each
 * utterance, each translation, each sound. Times are ms of the clock.
 */

import type { Language } from '../../base/language.ts';
import type { SpeechTranslatorEvent } from '../../engines/s2s/speech-translator.ts';
import type { Reads } from '../../engines/tts/tts-engine.ts';
import type { HeardEvent } from '../hearing/replayed-stream.ts';

/** What recognition was told of the speaker, by which its answers are timed. */
export type SpeechMark = 'began' | 'ended';

/** A stretch of sound as it came from an engine: how long after it was asked for, in ms, and how many samples. */
export type SoundPiece = readonly [afterMs: number, samples: number];

export type EngineAnswer =
  /** Recognition is told this of the speaker. */
  | { readonly type: 'mark'; readonly atMs: number; readonly utterance: number; readonly mark: SpeechMark }
  /** Recognition says this, or is lost, after all that was done to have another stream say it. */
  | { readonly type: 'heard'; readonly atMs: number; readonly event: HeardEvent }
  /** Who renders a direction from now on, and what belongs to that. */
  | {
      readonly type: 'engines';
      readonly atMs: number;
      readonly to: Language;
      readonly mt: string;
      readonly tts: string;
      /** See {@link TtsEngine.reads}. */
      readonly reads: Reads;
      readonly terms: ReadonlyMap<string, string>;
    }
  /** One request for a translation. */
  | {
      readonly type: 'translation';
      readonly from: Language;
      readonly to: Language;
      readonly text: string;
      readonly midSentence: boolean;
      readonly askedMs: number;
      readonly tookMs: number;
      readonly answer: Answered;
    }
  /** One request for speech. */
  | {
      readonly type: 'speech';
      readonly to: Language;
      readonly text: string;
      readonly askedMs: number;
      /** How long it took until all of it was there, or until it failed or was given up. */
      readonly tookMs: number;
      readonly answer: Spoken;
    }
  /** A fused provider renders a direction from now on, until another does. */
  | {
      readonly type: 'translator';
      readonly atMs: number;
      readonly to: Language;
      readonly name: string;
      /** What speaks for one that only writes. */
      readonly tts?: string;
    }
  /** It is told something of the speaker, or gives something. */
  | {
      readonly type: 'fused';
      readonly atMs: number;
      readonly to: Language;
      readonly what: FusedMark | SpeechTranslatorEvent;
    };

/** What a fused provider is told of the speaker. */
interface FusedMark {
  readonly type: SpeechMark;
  readonly utterance: number;
}

/** `known`: it was in the cache, and no engine was asked. `unwanted`: nobody waited for it any more. */
type Answered =
  | { readonly type: 'answered' | 'known'; readonly text: string }
  | { readonly type: 'failed'; readonly code: string }
  | { readonly type: 'unwanted' };

interface Spoken {
  readonly type: 'answered' | 'failed' | 'unwanted';
  /** Why it failed. */
  readonly code?: string;
  /** Of what came of it; undefined: nothing did. */
  readonly sound?: {
    readonly rateHz: number;
    readonly pieces: readonly SoundPiece[];
    /** All pieces one after the other, as mu-law: a byte for each sample, and near enough to be played and judged. */
    readonly muLaw: Uint8Array;
  };
}

/** Hears each answer, in the order in which they are complete. */
export type OnAnswer = (answer: EngineAnswer) => void;
