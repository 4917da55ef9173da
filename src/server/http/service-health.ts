/**
 * Whether the service does its work, judged by what became of the latest utterances: an engine that is up and
 * answers nonsense errors is still a failing engine to the people on the line. Silence is not failure, so a
 * service without calls is healthy, and one that failed is given another chance after a minute.
 */

import type { Clock } from '../../base/clock.ts';
import type { CallEvent, UtteranceReport } from '../../call/call-events.ts';
import type { ServerView } from '../server-stats.ts';

/** From best to worst. */
export const SERVICE_HEALTHS = ['HEALTHY', 'DEGRADED', 'UNHEALTHY', 'FAILED'] as const;

export type ServiceHealth = (typeof SERVICE_HEALTHS)[number];

/** Utterances that are looked at, at most. */
const WINDOW_UTTERANCES = 100;
/** How far back they are looked at, in ms. */
const WINDOW_MS = 60_000;
/** With fewer than these in the window nothing is judged. */
const FEWEST_UTTERANCES = 5;

/** The judgement of `failed` of `total` utterances; at a tenth it is degraded, at half unhealthy. */
export function judgeHealth(failed: number, total: number): ServiceHealth {
  if (total < FEWEST_UTTERANCES || failed * 10 < total) {
    return 'HEALTHY';
  }
  if (failed * 2 < total) {
    return 'DEGRADED';
  }
  return failed < total ? 'UNHEALTHY' : 'FAILED';
}

/** The latest utterances of all calls. */
export class HealthWindow {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #outcomes: { readonly atMs: number; readonly failed: boolean }[] = [];

  /** Watches `view` until `signal` aborts. */
  constructor(view: ServerView, clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    view.watch((_callId, event) => this.#hear(event), signal);
  }

  /** The judgement now. */
  health(): ServiceHealth {
    this.#forgetOld();
    return judgeHealth(this.#outcomes.filter(({ failed }) => failed).length, this.#outcomes.length);
  }

  #hear(event: CallEvent): void {
    if (event.type === 'utterance' && isOperation(event.report.outcome)) {
      this.#outcomes.push({ atMs: this.#clock.nowMs(), failed: event.report.outcome === 'failed' });
      this.#forgetOld();
    }
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.nowMs() - WINDOW_MS;
    while (
      this.#outcomes.length > WINDOW_UTTERANCES ||
      (this.#outcomes[0] !== undefined && this.#outcomes[0].atMs < oldestMs)
    ) {
      this.#outcomes.shift();
    }
  }
}

/** Noise that held no words says nothing of the engines. */
function isOperation(outcome: UtteranceReport['outcome']): boolean {
  return outcome !== 'nothing-said';
}
