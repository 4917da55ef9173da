/**
 * What a hearing tells the renderings that subscribed to it. Every utterance that `began` is told of in this order:
 * drafts and segments as they come, at last one `ended`.
 */

import type { Word } from '../../engines/stt/stt-engine.ts';
import type { SaidSpan } from '../utterance-record.ts';

/** Why what was said is not translated. */
export type LeftAlone = 'echo' | 'listening' | 'same-language' | 'not-speech';

/** One utterance as its hearing knows it; what is not known yet changes while it goes on. Times in ms of the clock. */
export interface HeardUtterance {
  /** Counted up within the party. */
  readonly number: number;
  readonly speechStartMs: number;
  /** Both are where speech began until it has ended. */
  readonly speechEndMs: number;
  readonly endpointMs: number;
  /** All that was heard so far. */
  readonly text: string;
  /** When its text was final; undefined until then. */
  readonly finalMs: number | undefined;
  /** Why nothing more of it is translated into any language, if so. */
  readonly leftAlone: LeftAlone | undefined;
  /** When what was cut off last was said; undefined before anything was. */
  readonly said?: SaidSpan | undefined;
  /** The words of that, with their times on the clock, from engines that tell them. */
  readonly saidWords?: readonly Word[] | undefined;
  /** The language it turned out to be in, where that is another than the party's own. */
  readonly spokenLanguage: string | undefined;
}

export interface HearingSink {
  began(utterance: HeardUtterance): void;
  /** What will be cut off if nothing changes, to be worked on ahead; undefined: nothing, forget what was. */
  draft(utterance: HeardUtterance, text: string | undefined): void;
  /** A segment that is certain, cut off at `cutMs`: it is never taken back. */
  segment(utterance: HeardUtterance, text: string, cutMs: number): void;
  /** The party uses `utterance.spokenLanguage`: told before anything has been cut off, or not at all. */
  switched(utterance: HeardUtterance): void;
  /** Nothing more will be cut off: its text is final, or recognition has failed; what was cut off stands. */
  ended(utterance: HeardUtterance, failure: Error | undefined): void;
}
