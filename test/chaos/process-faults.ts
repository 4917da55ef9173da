/** What happens to the server's own process, its threads, its children and the machine it runs on. */

import { execFileSync } from 'node:child_process';
import { systemClock } from '../../src/base/clock.ts';
import { FRAME_MS } from '../../src/base/units.ts';
import { CALLS } from './chaos-script.ts';
import type { ChaosServer } from './chaos-server.ts';
import { isStopped } from './descendants.ts';
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
interface MachineEngine {
  readonly name: string;
  readonly engines: Fault['engines'];
  /** What its processes are called. */
  readonly process: RegExp;
  /** For so long every process that is there, or comes, gets the signal, in ms; then it is left to mend. */
  readonly signalledMs: number;
  readonly target: Target;
}

/** Whoever is not understood anyway is judged by everything but words. */
const WORDLESS: Target = { words: 'some-lost' };

const MACHINE_ENGINES: readonly MachineEngine[] = [
  {
    name: 'apertium',
    engines: 'machine',
    // Of the direction that is spoken; what stands still of the other one is noticed when it is needed.
    process: /\/eng-spa\./,
    signalledMs: 0,
    target: { deadAirMs: 1_500, words: 'none-lost' },
  },
  {
    name: 'pocketsphinx',
    engines: 'machine-stt',
    process: /pocketsphinx.*recogniser\.py/,
    signalledMs: 0,
    target: WORDLESS,
  },
  {
    name: 'espeak',
    engines: 'machine-tts',
    process: /^espeak-ng /,
    // Each of its processes speaks one segment and ends.
    signalledMs: 1_500,
    target: WORDLESS,
  },
];
const MENDED_MS = 12_000;
const LEFT = 'stopped processes left';

const CHILDREN: readonly Fault[] = MACHINE_ENGINES.flatMap(
  ({ name, engines, process: called, signalledMs, target }) =>
    (['SIGKILL', 'SIGSTOP'] as const).map(
      (signal): Fault => ({
        name: `${name}-${signal === 'SIGKILL' ? 'killed' : 'stopped'}`,
        what: `the processes of ${name} get ${signal}, and are replaced`,
        engines,
        inject: async ({ server, pass }) => {
          const signalled = new Set<number>();
          const untilMs = systemClock.nowMs() + signalledMs;
          do {
            for (const { pid, command } of server.descendants) {
              if (called.test(command) && !signalled.has(pid)) {
                signalled.add(pid);
                sendSignal(pid, signal);
              }
            }
            await pass(10);
          } while (systemClock.nowMs() < untilMs);
          if (signalled.size === 0) {
            throw new Error(`the server has no ${name} running`);
          }
          await pass(MENDED_MS);
          return { signalled: signalled.size, [LEFT]: [...signalled].filter(isStopped).length };
        },
        injectMs: signalledMs + MENDED_MS,
        holdMs: 0,
        target: { ...target, growth: { [LEFT]: 0 } },
      }),
    ),
);

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

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
