/**
 * What one connection may send in a while. Each message costs the main thread, which has everybody's sound to move,
 * so who sends far more than any sound is ended. Every message counts for some bytes more than it has.
 */

import type { Clock } from '../../../base/clock.ts';

/** 2 MiB a second: 192 kHz of sound, as JSON and base64, is a quarter of it. */
const BYTES_PER_MS = 2_097;
/** What may come at once, after a stall of the network: 2 s of the above. */
const MOST_AT_ONCE_BYTES = 2_000 * BYTES_PER_MS;
/** What a message costs beside its bytes: so 2,000 empty ones a second are too many. */
const MESSAGE_BYTES = 1_024;

export class ByteBudget {
  readonly #clock: Clock;
  #leftBytes = MOST_AT_ONCE_BYTES;
  #atMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.nowMs();
  }

  /** Takes a message of `bytes`; false when it is one too many. */
  take(bytes: number): boolean {
    const nowMs = this.#clock.nowMs();
    this.#leftBytes = Math.min(MOST_AT_ONCE_BYTES, this.#leftBytes + (nowMs - this.#atMs) * BYTES_PER_MS);
    this.#atMs = nowMs;
    this.#leftBytes -= bytes + MESSAGE_BYTES;
    return this.#leftBytes >= 0;
  }
}
