/** What others do to a server beside the calls that are measured, and what many calls leave behind in it. */

import type { ChaosServer } from './chaos-server.ts';
import type { Extra, Fault, Rig, Target } from './fault.ts';
import { heldByMain } from './inspector.ts';

const HOLD_MS = 5_000;
/** What the engines of a call that is over, and places that are kept for legs that may come back, take to go. */
const SETTLED_MS = 16_000;
/** Calls that come while strangers crowd. */
const CALLERS = 10;
/** How many calls this machine holds beside its telephones and vendors is the benches' business (`npm run bench`). */
const JUDGED_BY_WHAT_STAYS: Target = { words: 'some-lost' };
/** The soak of calls that talk: how many, how long each, and when memory is looked at. */
const TALKERS = 50;
const TALK_MS = 30_000;
const WARM_UP_MS = 60_000;
const SAMPLE_MS = 25_000;
const SAMPLES = 8;
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
      return growth(before, await held(rig, SETTLED_MS));
    },
    injectMs: 58_000,
    holdMs: 0,
    target: { ...JUDGED_BY_WHAT_STAYS, growth: { 'used MB': 5, descriptors: 2, handles: 2, listeners: 60 } },
  },
  {
    name: 'soak-talk',
    what: 'fifty calls that talk for five minutes, each followed by another after 30 s; nothing grows, nothing of them stays',
    calls: 2,
    engines: 'one',
    nodeFlags: ['--inspect={inspector}'],
    // The first minute is warm-up: what is there when its calls have gone is what may be there.
    inject: async (rig) => {
      const stop = rig.strangers.talk(TALKERS, TALK_MS);
      await rig.pass(WARM_UP_MS);
      await stop();
      const before = await held(rig, SETTLED_MS);
      const stopAgain = rig.strangers.talk(TALKERS, TALK_MS);
      const samples: Sample[] = [];
      while (samples.length < SAMPLES) {
        const { 'used MB': usedMb = Number.NaN } = await held(rig, SAMPLE_MS);
        samples.push({ minutes: (samples.length * SAMPLE_MS) / 60_000, usedMb });
      }
      await stopAgain();
      const left = growth(before, await held(rig, SETTLED_MS));
      return { ...left, 'used MB a minute': slope(samples) };
    },
    heal: ({ strangers }) => strangers.leave(),
    injectMs: WARM_UP_MS + SAMPLES * SAMPLE_MS + 2 * SETTLED_MS + 8_000,
    holdMs: 0,
    target: {
      ...JUDGED_BY_WHAT_STAYS,
      growth: { 'used MB': 5, 'used MB a minute': 1, descriptors: 2, handles: 2, listeners: 60 },
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

/** What was in use when. */
interface Sample {
  readonly minutes: number;
  readonly usedMb: number;
}

/** How much more is in use each minute, by the line that is nearest to all samples. */
function slope(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(samples.map(({ minutes }) => minutes));
  const spread = mean(samples.map(({ minutes }) => (minutes - middle) ** 2));
  return mean(samples.map(({ minutes, usedMb }) => (minutes - middle) * usedMb)) / spread;
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
