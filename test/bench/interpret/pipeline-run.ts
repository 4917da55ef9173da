/**
 * Turns through the real pipeline: a switchboard, its legs' media, endpointing, playout and the interpreter under test,
 * all on one fake clock. Several calls go on at once and share the clock, so that an hour of talk takes less than a
 * minute. Time that code takes does not pass on this clock: what is measured is waiting.
 */

import { silentLog } from '../../../src/base/log.ts';
import { FRAME_MS } from '../../../src/base/units.ts';
import type { CallPlan } from '../../../src/call/plan.ts';
import { SuffixSeating } from '../../../src/call/seating/suffix-seating.ts';
import { Switchboard } from '../../../src/call/switchboard.ts';
import { EMPTY_GLOSSARY } from '../../../src/interpret/exactness/glossary.ts';
import type { Interpreters } from '../../../src/interpret/rendering/rendering.ts';
import { loadMediaModules } from '../../../src/media/dsp/wasm.ts';
import { FanOut } from '../../../src/media/play/fan-out.ts';
import { LocalThreads } from '../../../src/media/thread/local-threads.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { BenchLine, type LineOptions } from './bench-line.ts';
import type { Turn } from './timelines.ts';
import type { TurnFacts } from './turn-facts.ts';
import { WatchedMedia } from './watched-media.ts';

export interface PipelineRun extends LineOptions {
  /** What is said, spread over the calls. */
  readonly turns: readonly Turn[];
  /** Calls at once. */
  readonly calls: number;
}

/** Moments within each 20 ms at which callers' frames arrive: the phones' clocks know nothing of ours. */
const ARRIVALS = 4;

/** Runs all turns and tells what happened to each, in the order of `turns`. */
export async function runPipeline(run: PipelineRun): Promise<readonly TurnFacts[]> {
  const clock = new FakeClock();
  const modules = await loadMediaModules();
  const media = new WatchedMedia(new LocalThreads(modules, clock));
  let ringing: Interpreters | undefined;
  const switchboard = new Switchboard(
    { uuidTimeoutMs: 5_000, waitLimitMs: 600_000, maxLegs: run.calls * 2 },
    {
      pool: media,
      fanOut: new FanOut(modules, clock),
      clock,
      log: silentLog,
      seating: new SuffixSeating(planOf(run)),
      interpreters: (from) => (from === 'en' ? ringing : undefined),
      announcements: () => undefined,
    },
  );
  // The longest first, so that no call goes on alone for long.
  const waiting = [...run.turns].sort((a, b) => a.lengthMs - b.lengthMs);
  const lines: BenchLine[] = [];
  for (let index = 0; index < Math.min(run.calls, run.turns.length); index += 1) {
    const line = new BenchLine(clock, run, () => waiting.pop());
    lines.push(line);
    ringing = line.interpreters;
    line.ring(switchboard, media, `call${index}-`);
    // Its parties are seated, and look for who interprets them, before the next call rings.
    await clock.settle();
  }
  while (lines.some((line) => !line.over)) {
    for (let arrival = 0; arrival < ARRIVALS; arrival += 1) {
      for (let index = arrival; index < lines.length; index += ARRIVALS) {
        lines[index]?.tick();
      }
      await clock.advance(FRAME_MS / ARRIVALS);
    }
  }
  const closed = switchboard.close();
  await clock.advance(5_000);
  await closed;
  return lines.flatMap(({ facts }) => facts).sort((a, b) => a.turn.id - b.turn.id);
}

/** Only what the first party says is interpreted; its own voice goes under the translation. */
function planOf({ policy, drafts }: PipelineRun): CallPlan {
  return {
    kind: 'pair',
    languages: ['en', 'fr'],
    mode: 'unidirectional',
    translating: true,
    policy,
    original: 'duck',
    matchDelay: false,
    drafts,
    codeSwitching: false,
    voices: new Map(),
    glossary: () => EMPTY_GLOSSARY,
    announce: false,
    joinTones: false,
    maxParties: 2,
    limitMs: undefined,
  };
}
