/**
 * Whether the wall clock may be believed where what is old is removed. One that runs away, since a time server or the host
 * of this machine is wrong, would have all removed that is kept; so it is compared with the time that has passed. A machine
 * that slept for days has such a clock, too, and it is right: what stays so for a day is believed.
 */

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

const DAY_MS = 86_400_000;
/** By how much more than the time that has passed it may go on between two looks, in ms: a machine sleeps at night. */
const MOST_AHEAD_MS = DAY_MS;
/** How long one that is further ahead is doubted, in ms. */
const DOUBTED_MS = DAY_MS;

export class WallClockWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  /** By how much it is ahead of the monotonic clock, in ms, as it is believed. */
  #believedMs: number;
  /** By how much it is since when, in ms of the monotonic clock, while that is doubted. */
  #doubted: { readonly aheadMs: number; readonly sinceMs: number } | undefined;

  /** Believes what the clock says now. */
  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#believedMs = this.#aheadMs();
  }

  /** Whether it is to be believed. Ask each time before something is removed; where it is not, the log says so. */
  believed(): boolean {
    const aheadMs = this.#aheadMs();
    const nowMs = this.#clock.nowMs();
    if (aheadMs - this.#believedMs > MOST_AHEAD_MS) {
      const known = this.#doubted;
      const stays = known !== undefined && Math.abs(aheadMs - known.aheadMs) <= MOST_AHEAD_MS;
      const doubted = stays ? known : { aheadMs, sinceMs: nowMs };
      this.#doubted = doubted;
      if (nowMs - doubted.sinceMs < DOUBTED_MS) {
        this.#log.warn(
          {
            wallTime: this.#clock.wallTime().toISOString(),
            aheadDays: Math.floor((aheadMs - this.#believedMs) / DAY_MS),
          },
          'the wall clock is ahead of the time that has passed: nothing old is removed until it is right again, or has ' +
            'stayed so for a day; see timedatectl',
        );
        return false;
      }
    }
    this.#doubted = undefined;
    this.#believedMs = aheadMs;
    return true;
  }

  #aheadMs(): number {
    return this.#clock.wallTime().getTime() - this.#clock.nowMs();
  }
}
