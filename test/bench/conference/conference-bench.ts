/**
 * `npm run bench -- conference`: rooms of several sizes, half of the parties speaking at any time, through the real
 * server, real sockets and stand-ins of the vendors. It counts at the vendors what was opened and asked for, and says
 * what a party costs. A wrong count fails it; speed never does.
 */

import { Command } from 'commander';
import { describeMachine, machineLine } from '../machine.ts';
import { wholeFrom, wholesFrom } from '../options.ts';
import { cell, renderTable } from '../report-table.ts';
import { addedCosts } from './added-cost.ts';
import { type RoomRun, runRooms } from './room-run.ts';
import { fittingLength, speakersOf, speakingShare } from './room-script.ts';
import { COST_ROWS, COUNT_ROWS, doubtsOf, failuresOf, roomTable, wrongCounts } from './room-table.ts';

/** What the parties speak, by their place. */
const LANGUAGES = ['en', 'es', 'fr', 'de'];
/** A place is a hexadecimal digit. */
const MOST_PARTIES = 16;
/** Connecting, warming up, and a few turns. */
const LEAST_SECONDS = 12;
/** What a party may cost more in a room of this size than in one of three. */
const MOST_ADDED = 1.5;
const SEED = 20_261_128;

export interface ConferenceFlags {
  /** Sizes of rooms, a run each. */
  readonly parties: readonly number[];
  readonly seconds: number;
  readonly runs: number;
  readonly drafts: boolean;
  readonly seed: number;
}

/** `conference`, for the bench's program. */
export function conferenceCommand(): Command {
  return new Command('conference')
    .description('Rooms of several sizes and languages: what is asked of vendors, and what a party costs.')
    .option('--parties <sizes>', 'sizes with commas', wholesFrom(2, MOST_PARTIES), [2, 3, 6, 9, 12])
    .option('--seconds <n>', 'length of a run', wholeFrom(LEAST_SECONDS, 300), 40)
    .option(
      '--runs <n>',
      'runs of each size, one size after the other, each of other speech',
      wholeFrom(1, 20),
      1,
    )
    .option('--drafts', 'work ahead, as servers do by default; then counts are not exact', false)
    .option('--seed <n>', 'what is said is made of it', wholeFrom(0, 2 ** 31), SEED)
    .action(async (flags: ConferenceFlags) => {
      process.exitCode = (await benchConference(flags)) ? 0 : 1;
    });
}

/** Runs and prints; returns whether all counts were right. */
export async function benchConference(flags: ConferenceFlags): Promise<boolean> {
  const { parties, seconds, runs: repeats, drafts, seed } = flags;
  const renderedLength = fittingLength(spokenBy(Math.max(...parties)));
  console.log(machineLine(describeMachine()));
  console.log(
    `rooms for ${seconds} s in up to ${LANGUAGES.length} languages; translations sound ` +
      `${cell(renderedLength, 2)} times as long as what they translate, so that the largest room can hear them all\n`,
  );
  const runs: RoomRun[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const size of parties) {
      const script = { rooms: 1, languages: spokenBy(size), seconds, seed: seed + repeat, renderedLength };
      runs.push(await runRooms({ script, drafts }));
    }
  }
  const shares = runs.map(({ script }) => speakingShare(speakersOf(script), script.seconds) * 100);
  console.log(`${roomTable([...COUNT_ROWS, ...COST_ROWS], runs, titleOf)}\n`);
  console.log(`${addedTable(runs)}\n`);
  console.log(
    `parties speak ${cell(Math.min(...shares), 0)} to ${cell(Math.max(...shares), 0)} % of the time`,
  );
  for (const doubt of runs.flatMap((run) => doubtsOf(run, titleOf(run)))) {
    console.log(`pacing says little of the server: ${doubt}`);
  }
  const failures = runs.flatMap((run) => [
    ...failuresOf(run, titleOf(run)),
    ...wrongCounts(run, titleOf(run)),
  ]);
  for (const failure of failures) {
    console.error(`FAILED: ${failure}`);
  }
  return failures.length === 0;
}

/** What each more party costs, against the third. */
function addedTable(runs: readonly RoomRun[]): string {
  const costs = runs.map(({ script, serverPercent }) => ({
    parties: script.languages.length,
    percent: serverPercent,
  }));
  const added = addedCosts(costs);
  const third = added.find(({ parties }) => parties === 3)?.percent;
  return renderTable(
    ['one party more', '% of a core', 'to that of the 3rd', 'target'],
    added.map(({ parties, from, percent }) => [
      parties - from === 1 ? `the ${parties}.` : `the ${from + 1}. to the ${parties}.`,
      cell(percent, 2),
      cell(third === undefined ? undefined : percent / third, 2),
      parties > 3 ? `<= ${MOST_ADDED}` : '',
    ]),
  );
}

function spokenBy(parties: number): readonly string[] {
  return Array.from({ length: parties }, (_, place) => LANGUAGES[place % LANGUAGES.length] ?? '');
}

function titleOf({ script }: RoomRun): string {
  return `${script.languages.length} parties`;
}
