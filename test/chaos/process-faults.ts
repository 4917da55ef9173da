/** What happens to the server's own process, its threads, its children and the machine it runs on. */

import { execFileSync } from 'node:child_process';
import { FRAME_MS } from '../../src/base/units.ts';
import { CALLS } from './chaos-script.ts';
import type { ChaosServer } from './chaos-server.ts';
import type { Fault, Target } from './fault.ts';
import { DIES, HANGS, runInMediaThread } from './inspector.ts';

const INSPECTED = ['--inspect={inspector}'];
/** Sound of a media thread that is gone is back after so long. */
const THREAD_BACK_MS = 200;
/** What a leg is sent as silence, or not at all, because its media thread is gone, on the average of all legs. */
const THREAD_GAP = 'ms without a media thread';
const FRAMES_LOST = ['dragoman_frames_missing_total', 'dragoman_frames_forgiven_total'];
/** What a machine that is shared with the harness adds to any wait. */
const SCHEDULING_MS = 50;

const WITHOUT_LOSS: Target = { deadAirMs: 1_500, words: 'none-lost' };

const THREADS: readonly Fault[] = [
  {
    name: 'thread-killed',
    what: 'a media thread ends by an error of its own',
    engines: 'one',
    nodeFlags: INSPECTED,
    inject: inMediaThread(DIES),
    injectMs: 2_000,
    holdMs: 0,
    target: { ...WITHOUT_LOSS, frameGapMs: THREAD_BACK_MS, growth: { [THREAD_GAP]: THREAD_BACK_MS } },
  },
  {
    name: 'thread-hung',
    what: 'a media thread does not come out of a loop any more',
    engines: 'one',
    nodeFlags: INSPECTED,
    inject: inMediaThread(HANGS),
    injectMs: 2_000,
    holdMs: 0,
    target: { ...WITHOUT_LOSS, frameGapMs: THREAD_BACK_MS, growth: { [THREAD_GAP]: THREAD_BACK_MS } },
  },
];

const FREEZES: readonly Fault[] = [300, 3_000, 10_000].map((ms) => ({
  name: `frozen-${ms < 1_000 ? `${ms}ms` : `${ms / 1_000}s`}`,
  what: `the whole process stands still for ${ms} ms`,
  engines: 'one' as const,
  inject: async ({ server, pass }) => {
    server.signal('SIGSTOP');
    await pass(ms);
    server.signal('SIGCONT');
    return undefined;
  },
  injectMs: ms,
  holdMs: 0,
  afterMs: 10_000,
  // What is said into a process that stands still for longer than it keeps sound may be lost; no call is.
  target: {
    words: ms < 1_000 ? ('none-lost' as const) : ('some-lost' as const),
    frameGapMs: ms + THREAD_BACK_MS,
  },
}));

const STARVED: Fault = {
  name: 'cpu-starved',
  what: 'the process gets no processor for 40 of every 100 ms, as under a quota, for 4 s',
  engines: 'one',
  inject: async ({ server, pass }) => {
    for (let turn = 0; turn < 40; turn += 1) {
      server.signal('SIGSTOP');
      await pass(40);
      server.signal('SIGCONT');
      await pass(60);
    }
    return undefined;
  },
  injectMs: 4_000,
  holdMs: 0,
  target: { ...WITHOUT_LOSS, frameGapMs: 100 + SCHEDULING_MS },
};

const LIMITS: readonly Fault[] = [
  {
    name: 'descriptors',
    what: 'the process may open nothing more for 4 s, while others connect',
    engines: 'one',
    inject: async ({ server, strangers, pass }) => {
      limitDescriptors(server, server.descriptors);
      strangers.crowd(20);
      await pass(4_000);
      limitDescriptors(server, 1_024);
      return undefined;
    },
    injectMs: 4_000,
    holdMs: 0,
    target: WITHOUT_LOSS,
  },
  {
    name: 'memory',
    what: 'the heap may grow to 64 MB only, while 300 others connect each second',
    engines: 'one',
    nodeFlags: ['--max-old-space-size=64'],
    inject: async ({ strangers }) => {
      strangers.stream(300);
      return undefined;
    },
    heal: ({ strangers }) => strangers.leave(),
    holdMs: 4_000,
    target: WITHOUT_LOSS,
  },
];

/** Engines of this machine are children of the server. */
const CHILDREN: readonly Fault[] = (['SIGKILL', 'SIGSTOP'] as const).map((signal) => ({
  name: signal === 'SIGKILL' ? 'apertium-killed' : 'apertium-stopped',
  what: `the processes of Apertium get ${signal}`,
  engines: 'machine' as const,
  inject: async ({ server }) => {
    const children = server.descendants.filter(({ command }) =>
      /apertium|lt-proc|lrx-proc|hfst/.test(command),
    );
    if (children.length === 0) {
      throw new Error('the server has no Apertium running');
    }
    for (const { pid } of children) {
      process.kill(pid, signal);
    }
    return { signalled: children.length };
  },
  holdMs: 4_000,
  target: { deadAirMs: 1_500, words: 'none-lost' as const },
}));

export const PROCESS_FAULTS: readonly Fault[] = [...THREADS, ...FREEZES, STARVED, ...LIMITS, ...CHILDREN];

function inMediaThread(expression: string): Fault['inject'] {
  return async ({ server, pass }) => {
    const lost = async (): Promise<number> => {
      const metrics = await server.metrics();
      return FRAMES_LOST.reduce((sum, name) => sum + (metrics.get(name) ?? Number.NaN), 0);
    };
    const before = await lost();
    await runInMediaThread(server.inspectorPort, expression);
    await pass(2_000);
    return { [THREAD_GAP]: (((await lost()) - before) * FRAME_MS) / (2 * CALLS) };
  };
}

/** Sets the soft limit only, so that it can be raised again. */
function limitDescriptors({ pid }: ChaosServer, count: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${count}:`]);
}
