/**
 * Speech recognition. One stream recognises one leg for as long as the leg lives, utterance by utterance: our
 * own endpointing says where an utterance begins and ends, and the engine answers each with exactly one final.
 * Adapters translate calls and map failures to the error catalogue; they do not retry, fail over or log text.
 */

import type { AppError } from '../../base/errors.ts';
import type { Language } from '../../base/language.ts';
import type { Tally } from '../../base/tally.ts';
import type { OnCharge } from '../charge.ts';
import type { Support } from '../support.ts';
import type { MadeUp } from './made-up.ts';

/** One recognised word; times are ms from the first sample of its utterance. */
export interface Word {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

export type SttEvent =
  /** The whole utterance as it is heard now; the next one replaces it and may revise any word. */
  | {
      readonly type: 'partial';
      readonly utterance: number;
      readonly text: string;
      readonly words: readonly Word[];
    }
  /** The beginning of the utterance that will not change any more; each one begins with the one before. */
  | {
      readonly type: 'stable';
      readonly utterance: number;
      readonly text: string;
      readonly words: readonly Word[];
    }
  /** The whole utterance for good; the last event of its utterance. `text` is empty when nothing was said. */
  | {
      readonly type: 'final';
      readonly utterance: number;
      readonly text: string;
      readonly words: readonly Word[];
    }
  /**
   * The engine thinks, but is not sure, that the speaker is done: what the last partial says is worth working on
   * ahead.
   */
  | { readonly type: 'likely-end'; readonly utterance: number }
  /** The utterance is spoken in this language, which need not be the stream's; from engines that can tell. */
  | { readonly type: 'language'; readonly utterance: number; readonly language: Language }
  /**
   * It has heard more of the utterance, and no word that it had not told: a sign of life, from engines that give one.
   */
  | { readonly type: 'listened'; readonly utterance: number }
  /** The stream is over; utterances without a final get none. Open another. */
  | { readonly type: 'failed'; readonly error: Error };

export interface SttCapabilities {
  /**
   * The lowest rate in Hz of the leg's own audio at which results can be trusted; 8,000 means telephone band is fine.
   */
  readonly lowestWireRateHz: number;
}

export interface SttStreamOptions {
  readonly language: Language;
  /**
   * A language that the speaker may fall into; engines that can tell the two apart listen for both and say with
   * `language` which an utterance is in. Default none.
   */
  readonly alsoLanguage?: Language;
  /**
   * Names and words of the trade that are likely to be said; engines that cannot use them ignore them. Default none.
   */
  readonly terms?: readonly string[];
  /** Hears that an engine has refused the terms, for `error`, and listens without them. Default nobody. */
  readonly onTermsRefused?: (error: AppError) => void;
  /** The stream in whose place this one is to go on. Default none. */
  readonly after?: LostStream;
  /** The stream that is silent, and beside which this one is to be opened. Default none. */
  readonly beside?: SilentStream;
  /** Hears what each engine is given, of each utterance once it is over. Engines themselves ignore it. */
  readonly onCharge?: OnCharge;
  /** Hears every event, in order, never from inside a call of the stream. */
  readonly onEvent: (event: SttEvent) => void;
}

export interface LostStream {
  /** The engine it was of, where there are several. */
  readonly engine: string | undefined;
  readonly error: Error;
  /** When it was lost, in ms of the clock. */
  readonly atMs: number;
}

export interface SilentStream {
  readonly engine: string;
  /** Whether to ask another engine; else the same, unless it is on the bench. */
  readonly other: boolean;
}

/** What a stream is waited for: the first sign of life in an utterance, any after it, or the final that it owes. */
export type AwaitedSign = 'first-sign' | 'next-sign' | 'final';

/** What is between a stream of one of several engines and whoever uses it. */
export interface StreamChoice {
  readonly engine: string;
  /** Whether a better engine would be had now: open another stream when nothing is under way. */
  readonly outdone: boolean;
  /**
   * How long it may be silent where it should speak before it is to be doubted, in ms; undefined while that is not
   * known.
   */
  silentAfterMs(before: AwaitedSign): number | undefined;
  /** The first sign of life in an utterance, a word or not, came so long after its beginning. */
  heardFirst(afterMs: number): void;
  /** The longest time between two signs of life in an utterance. */
  pausedFor(longestMs: number): void;
  /** It seems to be dead. */
  doubt(): StreamDoubt;
  /** It owed a final. */
  blame(error: Error): void;
  /** It goes on in the place of another, beside which it was opened. */
  tookOver(lost: LostStream): void;
}

/** A stream's silence is taken for death. It ends with one of the three; what comes after that is nothing. */
export interface StreamDoubt {
  /** Whether no stream of the engine has spoken lately, though several should. It may become so. */
  readonly isGeneral: boolean;
  /** It was dead: another spoke and it did not. */
  right(error: Error): void;
  /** It was a false alarm: it spoke after all. */
  wrong(): void;
  /** Nobody knows. */
  forget(): void;
}

export interface SttStream {
  /** Begins an utterance; `utterance` comes back in its events. The one before must have been ended. */
  startUtterance(utterance: number): void;
  /**
   * Adds 16 kHz mono audio to the utterance that has begun. Keeps `pcm`, which others may have too and nobody changes,
   * and never waits: what the engine cannot take in time is bounded by the adapter, which drops the oldest and counts it
   * in `droppedMs`.
   */
  write(pcm: Int16Array): void;
  /**
   * The speaker pauses and may go on: asks for what has been said so far to be settled, as `stable`, soon. Engines that
   * cannot be asked do nothing. Only inside an utterance.
   */
  flush(): void;
  /** Ends the utterance: its final follows. */
  endUtterance(): void;
  /** A count: audio given up because the engine fell behind, in ms since the stream opened. */
  readonly droppedMs: number;
  /** Default: there is one engine only, of which nothing can be said. */
  readonly choice?: StreamChoice;
  /** Ends the stream without waiting for finals; no event comes after. Idempotent. */
  close(): Promise<void>;
}

export interface SttEngine {
  readonly name: string;
  readonly capabilities: SttCapabilities;
  /** A count: what it wrote that nobody said, and was left out, by why. Default nothing. */
  readonly madeUp?: Tally<MadeUp>;
  supports(language: Language): Promise<Support>;
  /**
   * Opens a stream, ready to take audio when it resolves.
   * @throws AppError of category `engine` or `machine`; the signal's reason when it aborts first.
   */
  open(options: SttStreamOptions, signal: AbortSignal): Promise<SttStream>;
  /** Ends everything the engine runs, streams included. Idempotent. */
  close(): Promise<void>;
}
