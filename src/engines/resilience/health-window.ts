/**
 * How something does, judged by what came of the latest that it was asked to do: an engine by its operations, the
 * service by its utterances. Silence is no failure: what is not used is healthy, and what failed is given another
 * chance when its window has passed.
 */

import type { Clock } from '../../base/clock.ts';

/** From best to worst. */
export const SERVICE_HEALTHS = ['HEALTHY', 'DEGRADED', 'UNHEALTHY', 'FAILED'] as const;

export type ServiceHealth = (typeof SERVICE_HEALTHS)[number];

/** What engines and the service are judged by. */
export interface HealthThresholds {
  /** The latest operations that are looked at, and how far back, in ms. */
  readonly windowOperations: number;
  readonly windowMs: number;
  /** With fewer operations than these in the window nothing is judged. */
  readonly fewestOperations: number;
  /** Shares of failures, 0 to 1, from which it is degraded, or unhealthy. Where all fail it has failed. */
  readonly degradedShare: number;
  readonly unhealthyShare: number;
  /** How often the windows are looked at, in ms. */
  readonly checkEveryMs: number;
  /** So many failures without a success between them bench an engine at once. */
  readonly benchAfterFailures: number;
  /** Time on the bench before it is tried again, in ms: the first, doubled each time up to the longest. */
  readonly firstBenchMs: number;
  readonly longestBenchMs: number;
  /** As long for what stays as it is until somebody acts, in ms. */
  readonly lastingBenchMs: number;
}

export const HEALTH_THRESHOLDS: HealthThresholds = {
  windowOperations: 100,
  windowMs: 60_000,
  fewestOperations: 5,
  degradedShare: 0.1,
  unhealthyShare: 0.5,
  checkEveryMs: 5_000,
  benchAfterFailures: 3,
  firstBenchMs: 1_000,
  longestBenchMs: 60_000,
  lastingBenchMs: 600_000,
};

/** The judgement of `failed` of `total` operations. */
export function judgeHealth(failed: number, total: number, thresholds = HEALTH_THRESHOLDS): ServiceHealth {
  if (total < thresholds.fewestOperations || failed < total * thresholds.degradedShare) {
    return 'HEALTHY';
  }
  if (failed < total * thresholds.unhealthyShare) {
    return 'DEGRADED';
  }
  return failed < total ? 'UNHEALTHY' : 'FAILED';
}

/** The latest operations of something. */
export class HealthWindow {
  readonly #clock: Clock;
  readonly #thresholds: HealthThresholds;
  /** Oldest first. */
  #outcomes: { readonly atMs: number; readonly failed: boolean }[] = [];

  constructor(clock: Clock, thresholds: HealthThresholds = HEALTH_THRESHOLDS) {
    this.#clock = clock;
    this.#thresholds = thresholds;
  }

  add(failed: boolean): void {
    this.#outcomes.push({ atMs: this.#clock.nowMs(), failed });
    this.#forgetOld();
  }

  clear(): void {
    this.#outcomes = [];
  }

  get operations(): number {
    this.#forgetOld();
    return this.#outcomes.length;
  }

  get failures(): number {
    this.#forgetOld();
    return this.#outcomes.filter(({ failed }) => failed).length;
  }

  /** The judgement now. */
  get health(): ServiceHealth {
    return judgeHealth(this.failures, this.operations, this.#thresholds);
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.nowMs() - this.#thresholds.windowMs;
    while (
      this.#outcomes.length > this.#thresholds.windowOperations ||
      (this.#outcomes[0] !== undefined && this.#outcomes[0].atMs < oldestMs)
    ) {
      this.#outcomes.shift();
    }
  }
}
