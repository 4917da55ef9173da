/** What somebody hears who listens to a party of a call, as whoever passes it on sees it. */

/** `voice`: what the party says; `heard`: what it hears; `both`: the one left, the other right. */
export const LISTENED = ['both', 'voice', 'heard'] as const;

export type Listened = (typeof LISTENED)[number];

/** Somebody who wants to listen. */
export interface ListeningWish {
  readonly what: Listened;
  /** Who, as the operator knows him. */
  readonly by: string;
  /** Whether who takes part is told by a tone, when it begins and as they come. */
  readonly tone: boolean;
}

/** Why there is no more to hear. */
export type ListeningEnd = 'closed' | 'party-left' | 'refused' | 'call-over';

export interface ListenedSound {
  readonly rateHz: number;
  readonly channels: number;
  /** All since the last call, samples of the channels in turns. */
  take(nowMs: number): Int16Array;
  /** Whoever listens could not be given so much of it, in ms. */
  dropped(ms: number): void;
  /** Calls `ended` once, when there is no more to hear. */
  onEnd(ended: (why: ListeningEnd) => void): void;
  /** Listens no more. Idempotent. */
  close(): void;
}
