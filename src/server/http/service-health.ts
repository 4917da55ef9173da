/**
 * Whether the service does its work, judged by what became of the latest utterances: an engine that is up and
 * answers nonsense errors is still a failing engine to the people on the line, and what nobody interpreted that
 * should have been is as bad as what failed. Silence is not failure, so a service without calls is healthy, and one
 * that failed is given another chance after a minute.
 */

import type { Clock } from '../../base/clock.ts';
import type { CallEvent, UtteranceReport } from '../../call/call-events.ts';
import {
  type HealthThresholds,
  HealthWindow,
  type ServiceHealth,
} from '../../engines/resilience/health-window.ts';
import type { ServerView } from '../server-view.ts';

/** How many utterances there were of late, and how many of them were not interpreted. */
export interface UtteranceCounts {
  readonly utterances: number;
  readonly failures: number;
}

/** The latest utterances of all calls. */
export class UtteranceHealth implements UtteranceCounts {
  readonly #window: HealthWindow;

  /** Watches `view` until `signal` aborts. */
  constructor(view: ServerView, clock: Clock, signal: AbortSignal, thresholds?: HealthThresholds) {
    this.#window = new HealthWindow(clock, thresholds);
    view.watch((_callId, event) => this.#hear(event), signal);
  }

  /** The judgement now. */
  get state(): ServiceHealth {
    return this.#window.health;
  }

  get utterances(): number {
    return this.#window.operations;
  }

  get failures(): number {
    return this.#window.failures;
  }

  #hear(event: CallEvent): void {
    if (event.type === 'uninterpreted') {
      this.#window.add(true);
    } else if (event.type === 'utterance' && isOperation(event.report.outcome)) {
      this.#window.add(event.report.outcome === 'failed');
    }
  }
}

/** The share of them that were interpreted, 0 to 1; 1 where there were none. */
export function successRate({ utterances, failures }: UtteranceCounts): number {
  return utterances === 0 ? 1 : 1 - failures / utterances;
}

/** Noise that held no words says nothing of the engines. */
function isOperation(outcome: UtteranceReport['outcome']): boolean {
  return outcome !== 'nothing-said';
}
