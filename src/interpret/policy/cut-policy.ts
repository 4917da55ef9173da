/**
 * Where an utterance is cut into the segments that are translated and spoken one by one. A policy is a pure function of
 * what is known at one moment; what it has cut off is never taken back.
 */

import type { Token } from './tokens.ts';

/** What has been heard and not been cut off yet. */
export interface CutView {
  readonly tokens: readonly Token[];
  /** How many of them will not change, from the beginning. */
  readonly stable: number;
  /** Nothing will be added. */
  readonly final: boolean;
  /** What is asked is what the next segment may be, not what is certain: a boundary that is likely counts. */
  readonly guess: boolean;
  /** How long the speaker has been silent, in ms; 0 while they speak. */
  readonly silentMs: number;
  /** How long ago the first of the tokens was heard, in ms. */
  readonly waitingMs: number;
}

export type CutReason = 'sentence' | 'clause' | 'conjunction' | 'pause' | 'age' | 'end';

/** How many tokens to cut off, at least one, and why. */
export interface Cut {
  readonly length: number;
  readonly reason: CutReason;
}

export interface CutPolicy {
  /** The next segment, if one is complete. */
  next(view: CutView): Cut | undefined;
  /** Lengths of silence, in ms, at which the answer may change without anything being heard. */
  readonly silenceStepsMs: readonly number[];
  /** The same for `waitingMs`. */
  readonly waitingStepsMs: readonly number[];
}

/**
 * The names an operator chooses from, from the slowest to the fastest. `consecutive` cuts as `turn` does: they differ
 * in who hears the translation.
 */
export const POLICY_NAMES = ['consecutive', 'turn', 'sentence', 'clause'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** All that is left, once nothing will be added. */
export function rest({ tokens, final }: CutView): Cut | undefined {
  return final && tokens.length > 0 ? { length: tokens.length, reason: 'end' } : undefined;
}
