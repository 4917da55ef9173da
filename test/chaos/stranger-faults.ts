/** What others do to a server beside the calls that are measured, and what many calls leave behind in it. */

import type { ChaosServer } from './chaos-server.ts';
import type { Extra, Fault, Rig, Target } from './fault.ts';
import { heldByMain } from './inspector.ts';

const HOLD_MS = 5_000;
/** What the engines of a call that is over, and places that are kept for legs that may come back, take to go. */
const SETTLED_MS = 16_000;
/** Calls that come while strangers crowd. */
const CALLERS = 10;
const UNHARMED: Target = { deadAirMs: 1_500, words: 'none-lost', pacingWorseMs: 2 };

export const STRANGER_FAULTS: readonly Fault[] = [
  stranger('nothing', 'nothing at all: what the harness itself makes of calls that are well', () => {}),
  {
    ...stranger(
      'nothing-others',
      'nothing at all, on the engines that take over: one of them writes no marks',
      () => {},
    ),
    engines: 'others',
  },
  stranger('leg-deaf', 'a leg that reads nothing for 3 s', ({ strangers }) => strangers.deaf(3_000)),
  stranger('leg-floods', 'a leg that sends fifty times as much as it should', ({ strangers }) =>
    strangers.flood(50),
  ),
  stranger('silent-thousand', 'a thousand connections at once that say nothing', ({ strangers }) =>
    strangers.crowd(1_000),
  ),
  {
    ...stranger('silent-stream', 'five hundred connections a second that say nothing', () => {}),
    inject: async ({ server, strangers, pass }) => {
      strangers.stream(500);
      await pass(3_000);
      const before = await accepted(server);
      await strangers.shortCalls(CALLERS, CALLERS, 1_000);
      return {
        'callers kept out': 2 * CALLERS - ((await accepted(server)) - before),
        'RSS MB': server.residentMb,
      };
    },
    injectMs: 5_000,
    target: { ...UNHARMED, growth: { 'callers kept out': 0 } },
  },
  stranger('noise', 'fifty connections a second that send random bytes', ({ strangers }) =>
    strangers.noise(50, 11),
  ),
  {
    ...stranger(
      'noise-minute',
      'fifty connections a second that send random bytes, for a minute',
      ({ strangers }) => strangers.noise(50, 12),
    ),
    holdMs: 60_000,
  },
  {
    name: 'soak',
    what: 'two thousand short calls, thirty at a time; nothing of them stays',
    engines: 'one',
    nodeFlags: ['--inspect={inspector}'],
    // The first half is warm-up: memory is judged by what the second half adds.
    inject: async (rig) => {
      await rig.strangers.shortCalls(1_000, 30, 300);
      const before = await held(rig, SETTLED_MS);
      await rig.strangers.shortCalls(1_000, 30, 300);
      const after = await held(rig, SETTLED_MS);
      return Object.fromEntries(
        Object.keys(after).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]),
      );
    },
    injectMs: 58_000,
    holdMs: 0,
    target: { words: 'none-lost', growth: { 'used MB': 5, descriptors: 2, handles: 2, listeners: 20 } },
  },
  {
    name: 'soak-talk',
    what: 'fifty calls that talk for five minutes, each followed by another after 30 s; nothing grows',
    calls: 2,
    engines: 'one',
    nodeFlags: ['--inspect={inspector}'],
    // The first minute is warm-up.
    inject: async (rig) => {
      rig.strangers.talk(50, 30_000);
      const samples: Sample[] = [{ minutes: 1, held: await held(rig, 60_000) }];
      while (samples.length < 9) {
        samples.push({ minutes: 1 + samples.length / 2, held: await held(rig, 30_000) });
      }
      return slopes(samples);
    },
    heal: ({ strangers }) => strangers.leave(),
    injectMs: 302_000,
    holdMs: 0,
    target: {
      words: 'none-lost',
      growth: {
        'used MB a minute': 1,
        'descriptors a minute': 2,
        'handles a minute': 2,
        'listeners a minute': 10,
      },
    },
  },
  {
    name: 'talk-minute',
    what: 'eight calls that talk without a break; nothing grows from the twentieth second to the sixtieth',
    calls: 8,
    engines: 'one',
    nodeFlags: ['--inspect={inspector}'],
    inject: async (rig) => {
      await rig.pass(12_000);
      const before = await held(rig, 0);
      await rig.pass(38_000);
      return growth(before, await held(rig, 0));
    },
    injectMs: 52_000,
    holdMs: 0,
    target: { words: 'none-lost', growth: { 'used MB': 10, descriptors: 4, handles: 4 } },
  },
];

function stranger(name: string, what: string, act: (rig: Rig) => void): Fault {
  return {
    name,
    what,
    engines: 'one',
    inject: async (rig) => {
      act(rig);
      return undefined;
    },
    heal: ({ strangers }) => strangers.leave(),
    holdMs: HOLD_MS,
    target: UNHARMED,
  };
}

function growth(before: Extra, after: Extra): Extra {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]),
  );
}

/** Legs that were let in so far. */
async function accepted(server: ChaosServer): Promise<number> {
  return (await server.metrics()).get('dragoman_connections_accepted_total') ?? Number.NaN;
}

/** What was held when. */
interface Sample {
  readonly minutes: number;
  readonly held: Extra;
}

/** How fast each thing grows, by the line that is nearest to all samples. */
function slopes(samples: readonly Sample[]): Extra {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(samples.map(({ minutes }) => minutes));
  const spread = mean(samples.map(({ minutes }) => (minutes - middle) ** 2));
  const names = Object.keys(samples[0]?.held ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const slope =
        mean(samples.map((sample) => (sample.minutes - middle) * (sample.held[name] ?? 0))) / spread;
      return [`${name} a minute`, slope];
    }),
  );
}

/** What the process holds after so long. */
async function held({ server, pass }: Rig, afterMs: number): Promise<Extra> {
  await pass(afterMs);
  const { usedMb, handles, listeners } = await heldByMain(server.inspectorPort);
  // Resident memory is told and not judged: when what was collected goes back to the system is the allocator's.
  return {
    'used MB': usedMb,
    'RSS MB': server.residentMb,
    descriptors: server.descriptors,
    handles,
    listeners,
  };
}
