/**
 * Everything about the service on one page, as `GET /status` gives it and `dragoman status` reads it: what serves each
 * direction, how the engines do, what comes in, and what is degraded and why. One schema is both sides' type. Nothing
 * that was said or dialled is in it, and no keys.
 */

import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { type NodesView, SHOWN_NODE_STATES, type ShownNodeState } from '../../cluster/nodes-view.ts';
import { SERVICE_HEALTHS, type ServiceHealth } from '../../engines/resilience/health-window.ts';
import { COMPONENTS } from '../../engines/support.ts';
import type { InterpretingView } from '../interpreting/interpreting-view.ts';
import type { ServerState, ServerView } from '../server-view.ts';

export const ENGINE_STATUS = z.object({
  component: z.enum(COMPONENTS),
  engine: z.string(),
  tasks: z.array(
    z.object({
      task: z.string(),
      state: z.enum(['untried', 'works', 'unable', 'failed']),
      tries: z.number(),
      reason: z.string().optional(),
    }),
  ),
  /** Since the start, those of the trials included; times are of the latest hundred that were done. */
  operations: z.array(
    z.object({
      operation: z.string(),
      done: z.number(),
      failed: z.number(),
      medianMs: z.number().optional(),
      lastMs: z.number().optional(),
    }),
  ),
  lastError: z.object({ operation: z.string(), code: z.string(), at: z.string() }).optional(),
});

export const STATUS = z.object({
  /** `down`: it runs, and interprets nothing of what it should. */
  status: z.enum(['well', 'degraded', 'down']),
  /** Sentences on what is not as it should be; none when all is well. */
  problems: z.array(z.string()),
  version: z.string(),
  startedAt: z.string(),
  uptimeSeconds: z.number(),
  interpreting: z.enum(['starting', 'degraded', 'ready']),
  /** Judged by what became of the latest utterances. */
  health: z.enum(SERVICE_HEALTHS),
  draining: z.boolean(),
  directions: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      state: z.enum(['pending', 'served', 'unserved']),
      stt: z.string().optional(),
      mt: z.string().optional(),
      tts: z.string().optional(),
      interpreter: z.string().optional(),
      voice: z.string().optional(),
      reasons: z.array(z.string()),
    }),
  ),
  engines: z.array(ENGINE_STATUS),
  doors: z.array(z.object({ name: z.string(), host: z.string().optional(), port: z.number().optional() })),
  legs: z.object({ active: z.number(), most: z.number(), byState: z.record(z.string(), z.number()) }),
  calls: z.number(),
  /** The nodes that serve together; none of one that serves alone. */
  nodes: z
    .object({
      own: z.string(),
      connected: z.boolean(),
      /** How many there are, this one included, by state. */
      byState: z.partialRecord(z.enum(SHOWN_NODE_STATES), z.number()),
    })
    .optional(),
  /** Lost because what takes them is too slow, or gone. A service older than this program sends none. */
  logLinesDropped: z.number().default(0),
});

export type ServiceStatus = z.infer<typeof STATUS>;

export interface StatusSources {
  readonly view: ServerView;
  readonly interpreting: InterpretingView;
  readonly health: () => ServiceHealth;
  /** The nodes that serve together with this one; undefined: it serves alone. */
  readonly nodes?: NodesView | undefined;
  readonly clock: Clock;
  readonly version: string;
  /** When the service started, in ms of the clock. */
  readonly startedAtMs: number;
}

/** The page as it is now. */
export function serviceStatus(sources: StatusSources): ServiceStatus {
  const { view, interpreting, nodes, clock, version, startedAtMs } = sources;
  const state = view.state();
  const health = sources.health();
  const upMs = clock.nowMs() - startedAtMs;
  const problems = [
    ...problemsOf(interpreting, state, health),
    ...(nodes === undefined ? [] : problemsOfNodes(nodes)),
  ];
  return {
    status: judge(interpreting, health, problems),
    problems,
    version,
    startedAt: new Date(clock.wallTime().getTime() - upMs).toISOString(),
    uptimeSeconds: Math.floor(upMs / 1_000),
    interpreting: interpreting.state,
    health,
    draining: state.draining,
    directions: interpreting
      .directions()
      .map((direction) => ({ ...direction, reasons: [...direction.reasons] })),
    engines: enginesOf(interpreting),
    doors: view.doors.map(({ health: _, ...door }) => door),
    legs: { active: state.legsActive, most: state.maxLegs, byState: Object.fromEntries(state.legsByState) },
    calls: state.callsActive,
    ...(nodes === undefined ? {} : { nodes: nodesOf(nodes) }),
    logLinesDropped: view.totals().number('logLinesDropped'),
  };
}

function judge(
  interpreting: InterpretingView,
  health: ServiceHealth,
  problems: readonly string[],
): ServiceStatus['status'] {
  const directions = interpreting.directions();
  const nothing = directions.length > 0 && directions.every(({ state }) => state === 'unserved');
  if (nothing || health === 'FAILED') {
    return 'down';
  }
  return problems.length > 0 ? 'degraded' : 'well';
}

function problemsOf(
  interpreting: InterpretingView,
  { draining }: ServerState,
  health: ServiceHealth,
): readonly string[] {
  const directions = interpreting.directions();
  const failing = interpreting.tasks().filter(({ state }) => state === 'failed');
  return [
    ...(draining
      ? [
          'no new calls are taken: it is ending, short of memory, or drained by the API until POST /api/v1/enable',
        ]
      : []),
    ...interpreting
      .health()
      .filter(({ bench }) => bench !== undefined && bench.tryAtMs === undefined)
      .map(({ bench }) => messageOf(bench?.fault.error)),
    ...(interpreting.state === 'starting' ? ['engines are being tried: calls are heard as they are'] : []),
    ...(directions.length > 0 && directions.every(({ state }) => state === 'unserved')
      ? ['nothing is interpreted: calls are heard as they are']
      : []),
    ...failing.map(
      ({ component, engine, task, reason = '' }) =>
        `${component} ${engine} does not ${task}: ${reason}; it is tried again`,
    ),
    ...(health === 'HEALTHY' ? [] : [`many of the latest utterances were not interpreted: ${health}`]),
  ];
}

/** Calls that run need no other node: what is wrong among them is nothing that the parties hear. */
function problemsOfNodes(nodes: NodesView): readonly string[] {
  const { connected, trouble = 'nothing was heard of it yet' } = nodes.link;
  const [own, ...others] = nodes.nodes();
  const hasOurName = others.some(({ name, state }) => name === own?.name && isThere(state));
  return [
    ...(connected
      ? []
      : [`NATS is away (${trouble}): calls run on, and none can go on at another node; it is tried again`]),
    ...(hasOurName ? [`another node is called ${own?.name}, too: give each its own --node-name`] : []),
  ];
}

function nodesOf(nodes: NodesView): NonNullable<ServiceStatus['nodes']> {
  const all = nodes.nodes();
  const byState: Partial<Record<ShownNodeState, number>> = {};
  for (const { state } of all) {
    byState[state] = (byState[state] ?? 0) + 1;
  }
  return { own: all[0]?.name ?? '', connected: nodes.link.connected, byState };
}

function isThere(state: ShownNodeState): boolean {
  return state !== 'lost' && state !== 'left';
}

/** Those that are there for something, with what they did. */
export function enginesOf(interpreting: InterpretingView): ServiceStatus['engines'] {
  const records = interpreting.engines();
  const tasks = interpreting.tasks();
  const engines = new Map(
    tasks.map(({ component, engine }) => [`${component} ${engine}`, { component, engine }]),
  );
  return [...engines.values()].map(({ component, engine }) => {
    const isOf = (each: { readonly component: string; readonly engine: string }): boolean =>
      each.component === component && each.engine === engine;
    const record = records.find(isOf);
    return {
      component,
      engine,
      tasks: tasks.filter(isOf).map(({ task, state, tries, reason }) => ({
        task,
        state,
        tries,
        ...(reason === undefined ? {} : { reason }),
      })),
      operations: (record?.operations ?? []).map((operation) => ({ ...operation })),
      ...(record?.lastError === undefined
        ? {}
        : { lastError: { ...record.lastError, at: record.lastError.at.toISOString() } }),
    };
  });
}
