/**
 * Where those were sent on who are not a door's to send: their legs have ended, and their dialplan, which goes on, asks by
 * the UUID that it gave the leg.
 */

import type { Clock } from '../base/clock.ts';

/** A dialplan asks at once; what it has not asked after so long it never will, in ms. */
const KEPT_MS = 60_000;
/** At once; the oldest is forgotten. */
const MOST_KEPT = 1_000;

interface Transfer {
  /** It may be a number, and is personal. */
  readonly to: string;
  readonly untilMs: number;
}

export class TransferBook {
  readonly #clock: Clock;
  /** By UUID, the oldest first. */
  readonly #transfers = new Map<string, Transfer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(uuid: string, to: string): void {
    this.#transfers.delete(uuid);
    this.#transfers.set(uuid, { to, untilMs: this.#clock.nowMs() + KEPT_MS });
    for (const [oldest, { untilMs }] of this.#transfers) {
      if (untilMs > this.#clock.nowMs() && this.#transfers.size <= MOST_KEPT) {
        break;
      }
      this.#transfers.delete(oldest);
    }
  }

  /** Where who came with this UUID is to go; undefined: nowhere, or nobody knows any more. */
  of(uuid: string): string | undefined {
    const transfer = this.#transfers.get(uuid);
    return transfer === undefined || transfer.untilMs <= this.#clock.nowMs() ? undefined : transfer.to;
  }
}
