/**
 * How the engines do in calls, and what was done so that calls go on:
 *
 *   GET /health/report           each engine: its health, what it is judged by, whether it is benched and why
 *   GET /api/recovery/stats      the steps of recovery, counted, and the latest of them
 *
 * Nothing that was said or dialled is in it, and no keys.
 */

import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { FAULT_RULES } from '../../engines/resilience/faults.ts';
import type { EngineHealthView } from '../../engines/resilience/health-book.ts';
import type { ServiceHealth } from '../../engines/resilience/health-window.ts';
import type { InterpretingView } from '../interpreting/interpreting-view.ts';
import { recoveries } from '../metrics/metric-readings.ts';
import type { ServerView } from '../server-view.ts';
import { successRate, type UtteranceCounts } from './service-health.ts';

export interface RecoveryDeps {
  readonly view: ServerView;
  readonly health: () => ServiceHealth;
  /** The latest utterances. */
  readonly utterances: UtteranceCounts;
  readonly interpreting: InterpretingView;
  readonly clock: Clock;
}

export function addRecovery(app: FastifyInstance, deps: RecoveryDeps): void {
  app.get('/health/report', (_request, reply) => reply.send(healthReport(deps)));
  app.get('/api/recovery/stats', (_request, reply) => reply.send(recoveryStats(deps)));
}

function healthReport({ health, utterances, interpreting, clock }: RecoveryDeps) {
  return {
    status: health(),
    interpreting: interpreting.state,
    utterances: {
      latest: utterances.utterances,
      failed: utterances.failures,
      successRate: successRate(utterances),
    },
    components: interpreting.health().map((engine) => componentOf(engine, clock)),
    directions: interpreting.directions(),
  };
}

function componentOf(
  { component, engine, state, operations, failures, bench }: EngineHealthView,
  clock: Clock,
) {
  const known = { component, engine, state, operations, failures };
  if (bench === undefined) {
    return known;
  }
  const { fault, strict, tryAtMs } = bench;
  return {
    ...known,
    benched: {
      kind: fault.kind,
      severity: FAULT_RULES[fault.kind].severity,
      /** Whether it is not asked even where there is nobody else. */
      strict,
      triedInSeconds: Math.max(0, Math.ceil((tryAtMs - clock.nowMs()) / 1_000)),
      reason: messageOf(fault.error),
    },
  };
}

function recoveryStats({ view, interpreting }: RecoveryDeps) {
  return {
    recoveries: recoveries({ totals: view.totals(), state: view.state() }).map(({ labels, value }) => ({
      ...labels,
      count: value,
    })),
    latest: interpreting.steps().map((step) => ({ ...step, at: step.at.toISOString() })),
  };
}
