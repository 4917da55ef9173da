/**
 * How the engines do in calls, and what was done so that calls go on:
 *
 *   GET /health/report           each engine: its health and since when, what it is judged by, how long it takes, whether
 *                                it is benched and why, what was done about it; the same of each way in and of the main
 *                                thread; how the sound is sent; and, with --cluster, whether the other nodes are there
 *   GET /api/recovery/stats      the steps of recovery, counted, and the latest of them
 *
 * Nothing that was said or dialled is in it, and no keys.
 */

import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { type NodesView, SHOWN_NODE_STATES } from '../../cluster/nodes-view.ts';
import type { EngineRecord } from '../../engines/resilience/engine-records.ts';
import { FAULT_RULES } from '../../engines/resilience/faults.ts';
import type { EngineHealthView } from '../../engines/resilience/health-book.ts';
import type { ServiceHealth } from '../../engines/resilience/health-window.ts';
import { type KeptStep, LAG_LIMITS_MS } from '../../engines/resilience/recovery-steps.ts';
import type { InterpretingView } from '../interpreting/interpreting-view.ts';
import { LOOP_MAY_LAG_MS, type LoopHealthView } from '../loop-health.ts';
import { recoveries } from '../metrics/metric-readings.ts';
import type { RecordingHealth } from '../recording/recordings.ts';
import type { CallRecords } from '../records/call-records.ts';
import type { ServerView } from '../server-view.ts';
import { successRate, type UtteranceCounts } from './service-health.ts';

export interface RecoveryDeps {
  readonly view: ServerView;
  readonly health: () => ServiceHealth;
  /** The latest utterances. */
  readonly utterances: UtteranceCounts;
  readonly interpreting: InterpretingView;
  /** How the main thread does; undefined: nobody looks, and it is not told. */
  readonly loop?: () => LoopHealthView;
  readonly clock: Clock;
  /** How recording does; undefined where nothing is recorded. */
  readonly recording?: (() => RecordingHealth) | undefined;
  /** What keeps records; undefined where none are kept. */
  readonly records?: Pick<CallRecords, 'health'> | undefined;
  /** The nodes that serve together with this one; undefined: it serves alone. */
  readonly nodes?: NodesView | undefined;
}

/** Steps that the report shows of each engine, the latest. */
const MOST_STEPS = 5;

export function addRecovery(app: FastifyInstance, deps: RecoveryDeps): void {
  app.get('/health/report', (_request, reply) => reply.send(healthReport(deps)));
  app.get('/api/recovery/stats', (_request, reply) => reply.send(recoveryStats(deps)));
}

function healthReport({
  view,
  health,
  utterances,
  interpreting,
  loop,
  clock,
  recording,
  records,
  nodes,
}: RecoveryDeps) {
  return {
    status: health(),
    interpreting: interpreting.state,
    utterances: {
      latest: utterances.utterances,
      failed: utterances.failures,
      successRate: successRate(utterances),
    },
    components: interpreting.health().map((engine) => componentOf(engine, interpreting, clock)),
    doors: doorsOf(view, clock),
    ...(loop === undefined ? {} : { mainThread: mainThreadOf(loop(), clock) }),
    media: mediaOf(view),
    ...(recording === undefined ? {} : { recording: recording() }),
    ...(records === undefined ? {} : { records: records.health }),
    ...(nodes === undefined ? {} : { cluster: clusterOf(nodes) }),
    directions: interpreting.directions(),
  };
}

/** Calls that run do not need the broker, so that without it nothing is worse than degraded. */
function clusterOf(nodes: NodesView) {
  const { connected, trouble } = nodes.link;
  const states = nodes.nodes().map(({ state }) => state);
  const counted = SHOWN_NODE_STATES.map((state) => [state, states.filter((each) => each === state).length]);
  return {
    state: connected ? 'HEALTHY' : 'DEGRADED',
    connected,
    ...(trouble === undefined ? {} : { reason: trouble }),
    nodes: Object.fromEntries(counted),
    records: nodes.records,
  };
}

function componentOf(
  { component, engine, state, sinceMs, operations, failures, bench }: EngineHealthView,
  interpreting: InterpretingView,
  clock: Clock,
) {
  const isOf = (each: { readonly component: string; readonly engine: string }): boolean =>
    each.component === component && each.engine === engine;
  const sinceSeconds = secondsSince(sinceMs, clock);
  const known = {
    ...{ component, engine, state, sinceSeconds, operations, failures },
    lag: lagOf(interpreting.engines().find(isOf)),
    steps: interpreting.steps().filter(isOf).slice(-MOST_STEPS).map(stepOf),
  };
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
      ...(tryAtMs === undefined
        ? {}
        : { triedInSeconds: Math.max(0, Math.ceil((tryAtMs - clock.nowMs()) / 1_000)) }),
      reason: messageOf(fault.error),
    },
  };
}

/** How long its operations took of late, and how long those may take that have a limit. */
function lagOf(record: EngineRecord | undefined) {
  return (record?.operations ?? []).flatMap(({ operation, medianMs, lastMs }) => {
    const mayTakeMs = LAG_LIMITS_MS[operation];
    return medianMs === undefined || lastMs === undefined
      ? []
      : [
          {
            operation,
            medianMs: Math.round(medianMs),
            lastMs: Math.round(lastMs),
            ...(mayTakeMs === undefined ? {} : { mayTakeMs }),
          },
        ];
  });
}

/** Where legs come from, and who asks for calls. */
function doorsOf(view: ServerView, clock: Clock) {
  const { legsByDoor } = view.state();
  return view.doors.map(({ name, health: { state, sinceMs, lastMs, reason, step } }) => ({
    ...{ door: name, state, sinceSeconds: secondsSince(sinceMs, clock), legs: legsByDoor.get(name) ?? 0 },
    ...(lastMs === undefined ? {} : { lag: { lastMs: Math.round(lastMs) } }),
    ...(reason === undefined ? {} : { reason }),
    ...(step === undefined ? {} : { step }),
  }));
}

/** How late its loop comes to what is due, of the last minute. */
function mainThreadOf({ state, sinceMs, lag }: LoopHealthView, clock: Clock) {
  const lagMs = Object.entries(lag).map(([name, ms]) => [name, Math.round(ms)]);
  return {
    ...{ state, sinceSeconds: secondsSince(sinceMs, clock) },
    lag: { ...Object.fromEntries(lagMs), mayTakeMs: LOOP_MAY_LAG_MS },
  };
}

function secondsSince(sinceMs: number, clock: Clock): number {
  return Math.floor((clock.nowMs() - sinceMs) / 1_000);
}

/** Whether sound is sent in time, and what was done so that it is. */
function mediaOf(view: ServerView) {
  const totals = view.totals();
  return {
    threads: view.state().mediaThreads,
    threadsHung: totals.number('mediaThreadsHung'),
    legsStartedAgain: totals.number('mediaRestarts'),
    framesMissing: totals.number('framesMissing'),
    framesForgiven: totals.number('framesForgiven'),
  };
}

function stepOf(step: KeptStep) {
  return { ...step, at: step.at.toISOString() };
}

function recoveryStats({ view, interpreting }: RecoveryDeps) {
  return {
    recoveries: recoveries({ totals: view.totals() }).map(({ labels, value }) => ({
      ...labels,
      count: value,
    })),
    latest: interpreting.steps().map(stepOf),
  };
}
