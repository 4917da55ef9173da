/**
 * Whether the main thread keeps up: judged every 5 s, from the first minute on, by how late its loop came to its timers in
 * the minute before. Sound that media threads send by themselves does not wait for it; everything that arrives does, and
 * every answer of engines.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { LoopLag, RecentLag } from '../base/loop-lag.ts';
import type { ServiceHealth } from '../engines/resilience/health-window.ts';

/** What the 99th percentile of a minute may be, in ms: two frames and a half, as the alert has it. */
export const LOOP_MAY_LAG_MS = 50;
/** From the worst on; an answer that waits for longer than the first is late by that alone. */
const LEVELS: readonly (readonly [fromMs: number, state: ServiceHealth])[] = [
  [1_000, 'FAILED'],
  [250, 'UNHEALTHY'],
  [LOOP_MAY_LAG_MS, 'DEGRADED'],
];
const JUDGE_MS = 5_000;
/** Before so long there is no minute to be judged, and a start is busy, in ms. */
const FIRST_JUDGED_MS = 60_000;

export interface LoopHealthView {
  readonly state: ServiceHealth;
  /** Since when it is so, in ms of the clock. */
  readonly sinceMs: number;
  readonly lag: RecentLag;
}

export class LoopHealth {
  readonly #lag: LoopLag;
  readonly #clock: Clock;
  #state: ServiceHealth = 'HEALTHY';
  #sinceMs: number;
  readonly #startMs: number;
  #timer: Timer | undefined;

  constructor(lag: LoopLag, clock: Clock) {
    this.#lag = lag;
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#sinceMs = this.#startMs;
  }

  /** Judges until it is closed. */
  start(): void {
    this.#timer = this.#clock.at(this.#clock.nowMs() + JUDGE_MS, () => {
      const nowMs = this.#clock.nowMs();
      const state = nowMs - this.#startMs < FIRST_JUDGED_MS ? this.#state : judge(this.#lag.recent());
      if (state !== this.#state) {
        this.#state = state;
        this.#sinceMs = nowMs;
      }
      this.start();
    });
  }

  get view(): LoopHealthView {
    return { state: this.#state, sinceMs: this.#sinceMs, lag: this.#lag.recent() };
  }

  /** Idempotent. */
  close(): void {
    this.#timer?.cancel();
  }
}

function judge({ p99Ms }: RecentLag): ServiceHealth {
  return LEVELS.find(([fromMs]) => p99Ms > fromMs)?.[1] ?? 'HEALTHY';
}
