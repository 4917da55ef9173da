/**
 * Which call a leg belongs to and which of its parties it is. A scheme sees only what a leg brings with it: its
 * UUID, and the languages of the door it came in by.
 */

import type { Language, LanguagePair } from '../../base/language.ts';

/** Where a leg belongs. */
export interface Placement {
  readonly callId: string;
  /** 0 for the party that speaks the first language, 1 for the second. */
  readonly leg: number;
  /** What this party speaks and hears. */
  readonly language: Language;
}

/** Why a leg belongs nowhere: a short name to count by, and a sentence for the log. */
export interface Refusal {
  readonly refused: string;
  readonly explanation: string;
}

export interface PairingScheme {
  /** @param pair what the parties of a call that comes in by this door speak. */
  place(uuid: string, pair: LanguagePair): Placement | Refusal;
  /** The call is over; nobody joins it any more. */
  ended(callId: string): void;
}
