/** `scripts/chaos`: breaks one thing after another under running calls and says what became of the calls. */

import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { messageOf } from '../../src/base/errors.ts';
import { describeMachine, machineLine } from '../bench/machine.ts';
import { cell } from '../bench/report-table.ts';
import { chaosTable, missesOf, pacingMovedMs, YARDSTICK } from './chaos-report.ts';
import { type Row, runFault } from './chaos-run.ts';
import { FAULTS } from './faults.ts';

interface ChaosFlags {
  readonly fault?: string;
  readonly list: boolean;
  readonly json?: string;
}

const program = new Command('chaos')
  .description(
    'Breaks one thing after another under calls through a server, and measures at their telephones what became of them. ' +
      'Exit status: 0 every target is reached, 1 one is missed, 2 there is no such fault.',
  )
  .option('--fault <names>', 'these only, with commas; stt-* is all that begin so')
  .option('--list', 'say which faults there are', false)
  .option('--json <file>', 'write everything that was measured here, too')
  .action(async (flags: ChaosFlags) => {
    process.exitCode = await run(flags);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(`chaos: ${messageOf(error)}`);
  process.exitCode = 1;
}

async function run({ fault: names, list, json }: ChaosFlags): Promise<number> {
  const faults = FAULTS.filter(({ name }) => names === undefined || isWanted(name, names)).sort(
    // What the others are measured by comes first.
    (a, b) => Number(b.name === YARDSTICK) - Number(a.name === YARDSTICK),
  );
  if (faults.length === 0) {
    console.error(`chaos: there is no fault ${names}; see scripts/chaos --list`);
    return 2;
  }
  if (list) {
    for (const { name, what } of faults) {
      console.log(`${name.padEnd(20)} ${what}`);
    }
    return 0;
  }
  console.log(machineLine(describeMachine()));
  const rows: Row[] = [];
  const failed: string[] = [];
  for (const fault of faults) {
    const row = await runFault(fault).catch((error: unknown) => {
      failed.push(fault.name);
      console.log(`FAILED ${fault.name}: it could not be run: ${messageOf(error)}`);
      return undefined;
    });
    if (row === undefined) {
      continue;
    }
    rows.push(row);
    const misses = missesOf(row, yardstickOf(rows));
    console.log(
      `${misses.length === 0 ? 'well  ' : 'MISSED'} ${fault.name}: ${fault.what} ${misses.join(', ')}`,
    );
    if (fault.target.translatedAgainMs !== undefined) {
      console.log(
        `         ${cell(row.facts.translatedAgainMs, 0)} ms until every word was translated again`,
      );
    }
    for (const [message, count] of Object.entries({ ...row.extra, ...row.logged, ...row.counted })) {
      console.log(`         ${cell(count, 0)} ${message}`);
    }
    // What was measured so far is there if the rest is cut short.
    if (json !== undefined) {
      writeFileSync(json, JSON.stringify({ machine: describeMachine(), rows }, null, 2));
    }
  }
  console.log(`\n${chaosTable(rows, yardstickOf(rows))}`);
  const missed = rows.filter((row) => missesOf(row, yardstickOf(rows)).length > 0).length;
  const failures = failed.length === 0 ? '' : `; could not be run: ${failed.join(', ')}`;
  console.log(`\n${rows.length - missed} of ${rows.length} reached their target${failures}`);
  const unjudged = rows.filter(
    (row) =>
      row.fault.target.pacingWorseMs !== undefined && pacingMovedMs(row, yardstickOf(rows)) === undefined,
  ).length;
  if (unjudged > 0) {
    console.log(`in ${unjudged} rows frames were uneven before anything happened, so pacing was not judged`);
  }
  return missed + failed.length === 0 ? 0 : 1;
}

function yardstickOf(rows: readonly Row[]): Row | undefined {
  return rows.find(({ fault }) => fault.name === YARDSTICK);
}

function isWanted(name: string, names: string): boolean {
  return names
    .split(',')
    .some((wanted) => (wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted));
}
