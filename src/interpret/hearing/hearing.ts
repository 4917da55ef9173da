/**
 * The first of the two seams between a call and what interprets it: one party's speech in, its text out. There is one
 * hearing per speaking party, however many languages it is rendered in; renderings subscribe to it.
 */

import type { Language } from '../../base/language.ts';
import type { Charge } from '../../engines/charge.ts';
import type { Word } from '../../engines/stt/stt-engine.ts';
import type { SpeechEvent } from '../../media/hear/speech-event.ts';
import type { OnAnswer } from '../answers/engine-answer.ts';
import type { SpeakerLines } from '../conversation.ts';
import type { Noted } from '../noted.ts';
import type { PolicyName } from '../policy/cut-policy.ts';
import type { HearingSink } from './hearing-sink.ts';

/** What the call hears of a hearing; `noted` also from inside a call of it. */
export type HearingEvent =
  /** What the party is saying, as heard so far; replaces the one before. For captions only. */
  | {
      readonly type: 'heard';
      readonly utterance: number;
      readonly text: string;
      readonly final: boolean;
      /** Of what is final, with their times on the clock, where the engine tells them. */
      readonly words?: readonly Word[];
    }
  | { readonly type: 'noted'; readonly what: Noted; readonly count: number }
  /** An engine was given something to do for it. */
  | { readonly type: 'charged'; readonly charge: Charge }
  /** Its engine's stream was lost and it goes on with another; told once, however many were tried in between. */
  | { readonly type: 'replaced'; readonly error: Error }
  /**
   * It cannot go on; the call lets the original voice through and opens another. `passedOn` is what was cut off each
   * utterance that has no final, by its number: the next one is told with {@link HearingOptions.passedOn}.
   */
  | { readonly type: 'failed'; readonly error: Error; readonly passedOn: ReadonlyMap<number, string> };

export interface HearingOptions {
  /** Who speaks, within the call, for factories that tell parties apart. Default nobody in particular. */
  readonly speaker?: string;
  readonly from: Language;
  /** Languages the party may fall into besides its own; most often none. */
  readonly alsoLanguages: readonly Language[];
  /** When its speech is cut into segments. */
  readonly policy: PolicyName;
  /** Terms that recognition should expect and cutting must not divide. */
  readonly terms: readonly string[];
  /** What the party has said and been told lately: how an echo or an "aha" is recognised. */
  readonly lines: SpeakerLines;
  /**
   * What an earlier hearing of the party had cut off utterances that are told again: it is not cut off again. Their
   * sound comes at once. Default none.
   */
  readonly passedOn?: ReadonlyMap<number, string>;
  readonly onEvent: (event: HearingEvent) => void;
  /** Hears what recognition answers. Default nobody does. */
  readonly answered?: OnAnswer | undefined;
}

export interface Hearing {
  /** Takes what happens to the party's speech. What belongs to an utterance whose start it has not heard is ignored. */
  take(event: SpeechEvent): void;
  /** Tells `sink` of utterances that begin from now on, until `signal` aborts. */
  subscribe(sink: HearingSink, signal: AbortSignal): void;
  /** Ends as if it had failed with `error`, for who finds that it does not do its work. */
  giveUp(error: Error): void;
  /** Stops at once; no event comes after. Idempotent. */
  close(): Promise<void>;
}

export interface HearingFactory {
  /** The recognition engine's name. */
  readonly name: string;
  /** The lowest rate in Hz of a party's own leg at which recognition can be trusted. */
  readonly lowestWireRateHz: number;
  /** @throws AppError what the engine's `open` throws. */
  open(options: HearingOptions, signal: AbortSignal): Promise<Hearing>;
}
