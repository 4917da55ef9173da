/**
 * What happens to nodes that serve together, under calls whose legs dial again as `dialplan/cluster.conf` has them do: the
 * failure table of several nodes, row by row.
 */

import { systemClock } from '../../src/base/clock.ts';
import { eventually } from '../support/waiting.ts';
import type { ChaosNodes } from './chaos-nodes.ts';
import type { Fault, Rig } from './fault.ts';

const NODES = 3;
/** Until both legs are at another node that has the call, in ms: what they wait, dial, and a busy machine. */
const MOVED_MS = 400;
/** A node that stands still is killed after so long, in ms. */
const FROZEN_MS = 1_750;
/** From then on every word is translated again, in ms. */
const KILLED_AGAIN_MS = 1_000;
const FROZEN_AGAIN_MS = 2_000;
/** A node that is asked to end waits for a pause in each call, in ms, and ends. */
const DRAINED_LIMIT_MS = 60_000;
/** As long as who speaks waits for an answer, in ms: the translation is over by then, and the call pauses. */
const ANSWER_MS = 4_000;
/** Calls of the rolling restart that are listened to word by word, and those beside them. */
const SPOKEN_CALLS = 10;
const STEADY_CALLS = 50;
const REDIALLED = 'times that a leg went on with another node';
const ALONE = 'legs that no node took';
const STEADY_LOST = 'legs beside them that were dropped';
const STEADY_GAP = 'ms without a frame on the worst of them';

function nodesOf({ nodes }: Rig): ChaosNodes {
  if (nodes === undefined) {
    throw new Error('this fault is of several nodes');
  }
  return nodes;
}

function told({ front, steady }: ChaosNodes): Readonly<Record<string, number>> {
  return {
    [REDIALLED]: front.redialled,
    [ALONE]: front.alone,
    ...(steady === undefined
      ? {}
      : { [STEADY_LOST]: steady.lost, [STEADY_GAP]: Math.round(steady.longestGapMs) }),
  };
}

/** Asks a node to end, waits until it has, and starts it again. */
async function restart(nodes: ChaosNodes, index: number): Promise<void> {
  const server = nodes.server(index);
  const askedMs = systemClock.nowMs();
  if (server.deathCause !== undefined) {
    throw new Error(`node ${index + 1} had ended before it was asked to: ${server.deathCause}`);
  }
  server.signal('SIGTERM');
  await eventually(`node ${index} has ended`, DRAINED_LIMIT_MS, () => server.deathCause !== undefined);
  console.log(
    `         node ${index + 1} had ended ${Math.round(systemClock.nowMs() - askedMs)} ms after it was asked to`,
  );
  await nodes.again(index);
}

const CLUSTERED = { engines: 'one', nodes: NODES, holdMs: 0 } as const;
const NO_LEG_LOST = { [ALONE]: 0 };

export const NODE_FAULTS: readonly Fault[] = [
  {
    ...CLUSTERED,
    name: 'node-killed',
    what: 'the node of a call is killed; its legs dial the next one',
    inject: async (rig) => {
      rig.server.signal('SIGKILL');
      await rig.pass(1_000);
      return told(nodesOf(rig));
    },
    injectMs: 1_000,
    afterMs: 8_000,
    // What was said and not yet rendered goes with the node.
    target: {
      ...{ words: 'some-lost', frameGapMs: MOVED_MS, growth: NO_LEG_LOST },
      translatedAgainMs: KILLED_AGAIN_MS,
    },
  },
  {
    ...CLUSTERED,
    name: 'node-frozen',
    what: 'the node of a call stands still, and what watches it kills it',
    inject: async (rig) => {
      rig.server.signal('SIGSTOP');
      await rig.pass(FROZEN_MS + 1_000);
      return told(nodesOf(rig));
    },
    injectMs: FROZEN_MS + 1_000,
    afterMs: 8_000,
    target: {
      ...{ words: 'some-lost', frameGapMs: FROZEN_MS + MOVED_MS, growth: NO_LEG_LOST },
      translatedAgainMs: FROZEN_AGAIN_MS,
    },
  },
  {
    ...CLUSTERED,
    name: 'node-drained',
    what: 'the node of a call is asked to end, and hands its calls over',
    inject: async (rig) => {
      rig.server.signal('SIGTERM');
      await rig.pass(12_000);
      return told(nodesOf(rig));
    },
    turnGapMs: ANSWER_MS,
    injectMs: 12_000,
    afterMs: 8_000,
    target: { words: 'none-lost', frameGapMs: MOVED_MS, growth: NO_LEG_LOST },
  },
  {
    ...CLUSTERED,
    name: 'node-leg-broken',
    what: 'the connections of all legs of a node break, and the node lives',
    inject: async (rig) => {
      nodesOf(rig).front.breakLegs(rig.busyNode);
      await rig.pass(1_000);
      return told(nodesOf(rig));
    },
    injectMs: 1_000,
    afterMs: 8_000,
    // A leg that is away hears nothing and is not heard; what others had said to it is kept for it.
    target: { words: 'some-lost', frameGapMs: MOVED_MS, growth: NO_LEG_LOST },
  },
  {
    ...CLUSTERED,
    name: 'legs-scattered',
    what: 'the second leg of each call comes to another node, which passes it on',
    scattered: true,
    inject: async () => undefined,
    holdMs: 3_000,
    target: { words: 'none-lost', deadAirMs: 1_500 },
  },
  {
    ...CLUSTERED,
    name: 'passing-node-killed',
    what: 'a node that passes legs on is killed; they dial the next one, which passes them on, or has their call',
    scattered: true,
    inject: async (rig) => {
      const nodes = nodesOf(rig);
      nodes.server((rig.busyNode + 1) % NODES).signal('SIGKILL');
      await rig.pass(1_000);
      return told(nodes);
    },
    injectMs: 1_000,
    afterMs: 8_000,
    target: { words: 'some-lost', frameGapMs: MOVED_MS, growth: NO_LEG_LOST },
  },
  {
    ...CLUSTERED,
    name: 'broker-killed',
    what: 'NATS is killed, and is back 3 s later',
    inject: async (rig) => {
      await nodesOf(rig).nats.kill();
      return undefined;
    },
    holdMs: 3_000,
    heal: (rig) => nodesOf(rig).nats.start(),
    target: { words: 'none-lost', deadAirMs: 1_500 },
  },
  {
    ...CLUSTERED,
    name: 'broker-and-node-killed',
    what: 'NATS is killed, and the node of a call 1 s later',
    inject: async (rig) => {
      await nodesOf(rig).nats.kill();
      await rig.pass(1_000);
      rig.server.signal('SIGKILL');
      await rig.pass(2_000);
      return told(nodesOf(rig));
    },
    injectMs: 3_000,
    heal: (rig) => nodesOf(rig).nats.start(),
    afterMs: 8_000,
    target: { words: 'some-lost', frameGapMs: MOVED_MS, growth: NO_LEG_LOST },
  },
  {
    ...CLUSTERED,
    name: 'rolling-restart',
    what: `three nodes are restarted one after the other under ${SPOKEN_CALLS + STEADY_CALLS} calls`,
    calls: SPOKEN_CALLS,
    steadyCalls: STEADY_CALLS,
    turnGapMs: ANSWER_MS,
    inject: async (rig) => {
      const nodes = nodesOf(rig);
      for (let index = 0; index < NODES; index += 1) {
        await restart(nodes, index);
      }
      return told(nodes);
    },
    injectMs: 40_000,
    target: { words: 'none-lost', frameGapMs: MOVED_MS, growth: { ...NO_LEG_LOST, [STEADY_LOST]: 0 } },
  },
];
