/**
 * `npm run bench -- interpret-live`: calls in real time through the real server, real sockets and stand-ins of the
 * vendors, to see what we ourselves add to the engines' time. Whether policies are good is the business of `interpret`,
 * which needs no real time.
 */

import { Command } from 'commander';
import { describeMachine, machineLine } from '../machine.ts';
import { wholeFrom } from '../options.ts';
import { cell } from '../report-table.ts';
import { countsLine, hopsTable, partsTable, verdict } from './live-report.ts';
import { type LiveCost, runLive } from './live-run.ts';
import { MOST_CALLS } from './live-turns.ts';

/** A first turn, its translation, and some more. */
const LEAST_SECONDS = 15;
const SEED = 20_240_229;

export interface LiveFlags {
  readonly calls: number;
  readonly seconds: number;
  readonly seed: number;
}

export const DEFAULT_LIVE_BENCH: LiveFlags = { calls: 20, seconds: 60, seed: 1 };

/** `interpret-live`, for the bench's program. */
export function liveCommand(): Command {
  return new Command('interpret-live')
    .description('What we add to the engines, in real time: calls through a server and stand-ins of vendors.')
    .option('--calls <n>', `calls at once, ${MOST_CALLS} at most`, wholeFrom(1, MOST_CALLS), 20)
    .option(
      '--seconds <n>',
      `length of the run, ${LEAST_SECONDS} at least`,
      wholeFrom(LEAST_SECONDS, 3_600),
      60,
    )
    .option('--seed <n>', 'what is said is made of it', wholeFrom(0, 2 ** 31), SEED)
    .action(async (flags: LiveFlags) => {
      process.exitCode = (await benchLive(flags)) ? 0 : 1;
    });
}

/** Runs and prints; returns whether every target was reached. */
export async function benchLive({ calls, seconds, seed }: LiveFlags): Promise<boolean> {
  console.log(machineLine(describeMachine()));
  console.log(
    `${calls} calls for ${seconds} s; recognition 350 ms after the end of speech, translation 150 ms, synthesis 190 ms\n`,
  );
  const { ways, cost, troubles } = await runLive({ calls, seconds, seed });
  const { text, passed } = verdict(ways, troubles);
  console.log(`${countsLine(ways)}\n`);
  console.log(`${hopsTable(ways)}\n`);
  console.log(`${partsTable(ways)}\n`);
  console.log(`${costLine(cost)}\n`);
  console.log(text);
  return passed;
}

function costLine({ serverPercent, vendorsPercent, phonesPercent, othersPercent }: LiveCost): string {
  return (
    `CPU: server ${cell(serverPercent, 1)} % of a core, vendors ${cell(vendorsPercent, 1)} %, ` +
    `telephones ${cell(phonesPercent, 1)} %; others kept ${cell(othersPercent, 0)} % of the whole machine busy`
  );
}
