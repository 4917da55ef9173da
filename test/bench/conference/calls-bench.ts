/**
 * `npm run bench -- calls`: how many two-party calls, interpreted both ways, before frames are no longer sent evenly.
 * The stand-ins of vendors and the telephones work on the same cores as the server; what they use is said beside it.
 */

import { Command } from 'commander';
import { describeMachine, machineLine } from '../machine.ts';
import { wholeFrom, wholesFrom } from '../options.ts';
import { spreadOf } from '../percentiles.ts';
import { cell } from '../report-table.ts';
import { type RoomRun, runRooms } from './room-run.ts';
import { COST_ROWS, doubtsOf, failuresOf, type Row, roomTable } from './room-table.ts';

const LANGUAGES = ['en', 'fr'];
/** A word for each clause of all, and two machines' worth of calls. */
const MOST_CALLS = 250;
const LEAST_SECONDS = 15;
const SEED = 20_261_128;
/** How far apart from 20 ms frames may be, as far as hardly anybody hears it. */
const PACING_P99_MS = 5;

export interface CallsFlags {
  /** Calls at once, a run each. */
  readonly calls: readonly number[];
  readonly seconds: number;
  readonly drafts: boolean;
  readonly seed: number;
}

/** What many calls may use, in cores and in MB. */
const MANY_CALLS = 100;
const MANY_CORES = 1.5;
const MANY_MEGABYTES = 1_000;

/** What the common rows have not. */
const ROWS: readonly Row[] = [
  {
    measure: 'server cores',
    of: ({ serverPercent }) => serverPercent / 100,
    digits: 2,
    target: ({ script }) => (script.rooms === MANY_CALLS ? MANY_CORES : undefined),
  },
  {
    measure: 'server memory, MB',
    of: ({ residentBytes }) => residentBytes / 1e6,
    digits: 0,
    target: ({ script }) => (script.rooms === MANY_CALLS ? MANY_MEGABYTES : undefined),
  },
  { measure: 'STT streams opened', of: ({ counts }) => counts.streamsOpened, digits: 0 },
  { measure: 'sounds that reached recognition broken', of: ({ counts }) => counts.brokenSounds, digits: 0 },
  { measure: 'clauses said', of: ({ counts }) => counts.clauses, digits: 0 },
  { measure: '  not translated', of: ({ counts }) => counts.translations.missing.length, digits: 0 },
  { measure: '  not spoken', of: ({ counts }) => counts.syntheses.missing.length, digits: 0 },
  { measure: 'translations asked for', of: ({ counts }) => counts.translations.asked, digits: 0 },
  { measure: '  again, the answer being late', of: ({ counts }) => counts.translations.again, digits: 0 },
  { measure: 'syntheses asked for', of: ({ counts }) => counts.syntheses.asked, digits: 0 },
  {
    measure: 'translation -> speech asked for, ms, p50',
    of: ({ toSpeechMs }) => spreadOf(toSpeechMs).p50,
    digits: 1,
  },
];

/** `calls`, for the bench's program. */
export function callsCommand(): Command {
  return new Command('calls')
    .description('How many interpreted two-party calls at once, both ways, on stand-ins of vendors.')
    .option('--calls <counts>', 'with commas', wholesFrom(1, MOST_CALLS), [10, 25, 50, 75, 100])
    .option('--seconds <n>', 'length of a run', wholeFrom(LEAST_SECONDS, 300), 40)
    .option('--no-drafts', 'do not work ahead')
    .option('--seed <n>', 'what is said is made of it', wholeFrom(0, 2 ** 31), SEED)
    .action(async (flags: CallsFlags) => {
      process.exitCode = (await benchCalls(flags)) ? 0 : 1;
    });
}

/** Runs and prints; returns whether no leg was lost and no server died. */
export async function benchCalls({ calls, seconds, drafts, seed }: CallsFlags): Promise<boolean> {
  console.log(machineLine(describeMachine()));
  console.log(`two parties, ${LANGUAGES.join(' and ')}, who both speak half of the time, for ${seconds} s\n`);
  const runs: RoomRun[] = [];
  for (const rooms of calls) {
    const script = { rooms, languages: LANGUAGES, seconds, seed, renderedLength: 1 };
    runs.push(await runRooms({ script, drafts }));
  }
  console.log(`${roomTable([...ROWS, ...COST_ROWS], runs, titleOf)}\n`);
  console.log(capacityLine(runs));
  for (const doubt of runs.flatMap((run) => doubtsOf(run, titleOf(run)))) {
    console.log(`pacing says little of the server: ${doubt}`);
  }
  const failures = runs.flatMap((run) => failuresOf(run, titleOf(run)));
  for (const failure of failures) {
    console.error(`FAILED: ${failure}`);
  }
  return failures.length === 0;
}

/** The most calls up to which all runs were paced as they should be. */
export function capacityLine(runs: readonly RoomRun[]): string {
  const sorted = runs.toSorted((one, other) => one.script.rooms - other.script.rooms);
  const failed = sorted.findIndex(({ wire }) => !(wire.pacingErrorMs.p99 <= PACING_P99_MS));
  const held = sorted[failed === -1 ? sorted.length - 1 : failed - 1]?.script.rooms ?? 0;
  const beyond = failed === -1 ? 'more were not tried' : `not with ${sorted[failed]?.script.rooms}`;
  const all = sorted.find(({ script }) => script.rooms === held);
  const megabytes = cell(all === undefined ? undefined : all.residentBytes / 1e6, 0);
  return `pacing p99 <= ${PACING_P99_MS} ms with ${held} calls (${megabytes} MB), ${beyond}`;
}

function titleOf({ script }: RoomRun): string {
  return `${script.rooms} calls`;
}
