/**
 * Legs that are alone in their call. Each may wait for somebody only for so long, and together those from one address
 * may only be so many: who takes places and never meets anybody must not keep out those who do.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { LegState } from './leg-states.ts';

export interface WaitingLimits {
  /** How long a leg may wait alone, in ms. */
  readonly waitLimitMs: number;
  /** Legs that may wait alone and come from one address. */
  readonly mostFromAddress: number;
}

/** What of a leg counts here. */
export interface WaitingLeg {
  /** Where it comes from, if its transport knows. */
  readonly address: string | undefined;
}

export class WaitingLegs<Waiter extends WaitingLeg> {
  readonly #limits: WaitingLimits;
  readonly #clock: Clock;
  readonly #waitedTooLong: (leg: Waiter) => void;
  readonly #timers = new Map<Waiter, Timer>();

  constructor(limits: WaitingLimits, clock: Clock, waitedTooLong: (leg: Waiter) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#waitedTooLong = waitedTooLong;
  }

  /** Whether no other leg from this address may begin to wait. Costs a look at each leg that waits. */
  full(address: string | undefined): boolean {
    if (address === undefined) {
      return false;
    }
    let waiting = 0;
    for (const leg of this.#timers.keys()) {
      waiting += leg.address === address ? 1 : 0;
    }
    return waiting >= this.#limits.mostFromAddress;
  }

  /** A leg has come into a state; it waits in `RINGING` and in no other. */
  follow(leg: Waiter, state: LegState): void {
    if (state !== 'RINGING') {
      this.#timers.get(leg)?.cancel();
      this.#timers.delete(leg);
    } else if (!this.#timers.has(leg)) {
      const deadlineMs = this.#clock.nowMs() + this.#limits.waitLimitMs;
      this.#timers.set(
        leg,
        this.#clock.at(deadlineMs, () => this.#waitedTooLong(leg)),
      );
    }
  }
}
