/**
 * How listeners get a fused translator's translation to hear: as the translator's own sound, or as text that is spoken
 * here.
 */

import type { FusedUtterance } from './fused-utterance.ts';

export interface Delivery {
  /** More of the translation of `utterance`. */
  text(utterance: FusedUtterance, text: string): void;
  /** More of its sound; takes ownership of `pcm`. */
  sound(utterance: FusedUtterance, pcm: Int16Array, rateHz: number): void;
  /** The translator has given all there is of `utterance`; called before the utterance itself hears of it. */
  caughtUp(utterance: FusedUtterance): void;
  /** Nothing more will come, of anything; ends the segments that have begun. */
  stop(): void;
}
