/**
 * `npm run bench -- local`: what a call costs that is interpreted by the engines of this machine, PocketSphinx,
 * Apertium and eSpeak NG. It is told as processor time, which hardly depends on what else the machine does; how late
 * sound comes and what is missing does, so what others used is said beside it.
 */

import { readdirSync } from 'node:fs';
import { Command } from 'commander';
import { AppError, messageOf } from '../../../src/base/errors.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { wholesFrom } from '../options.ts';
import { spreadOf } from '../percentiles.ts';
import { cell, renderTable } from '../report-table.ts';
import { type LocalRun, runLocal } from './local-run.ts';

const MOST_CALLS = 64;
/** Debian's pocketsphinx-testdata; scripts/setup installs it. */
const RECORDINGS = '/usr/share/pocketsphinx/test/data/librivox';
/**
 * A run holds while the first sound takes at most so many times that of the smallest run, and hardly a frame is
 * missing.
 */
const LATER = 2;
const MISSING_SHARE = 0.001;

interface Row {
  readonly measure: string;
  readonly of: (run: LocalRun) => number;
  readonly digits: number;
}

const ROWS: readonly Row[] = [
  { measure: 'processor time of a second of a call, s', of: coresOfCall, digits: 3 },
  {
    measure: '  of it the server itself',
    of: ({ used, callSeconds }) => used.ownMs / 1_000 / callSeconds,
    digits: 3,
  },
  { measure: 'calls a core', of: (run) => 1 / coresOfCall(run), digits: 1 },
  { measure: 'first translated sound, ms, p50', of: firstSoundMs, digits: 0 },
  { measure: '  the latest', of: ({ startMs }) => spreadOf(startMs).max, digits: 0 },
  { measure: 'utterances', of: ({ utterances }) => utterances, digits: 0 },
  { measure: '  heard translated', of: ({ startMs }) => startMs.length, digits: 0 },
  { measure: 'frames missing, %', of: (run) => missingShare(run) * 100, digits: 2 },
  { measure: 'others used, % of all cores', of: ({ othersPercent }) => othersPercent, digits: 0 },
];

/** `local`, for the bench's program. */
export function localCommand(): Command {
  return new Command('local')
    .description(
      'What an interpreted call costs with the engines of this machine, and how many hold at once.',
    )
    .option(
      '--calls <counts>',
      'calls at once, with commas, a run each',
      wholesFrom(1, MOST_CALLS),
      [1, 2, 4],
    )
    .action(async ({ calls }: { readonly calls: readonly number[] }) => {
      process.exitCode = (await benchLocal(calls)) ? 0 : 1;
    });
}

/** Runs and prints; returns whether the server ended no call. */
async function benchLocal(counts: readonly number[]): Promise<boolean> {
  const machine = describeMachine();
  const wavs = recordings();
  console.log(machineLine(machine));
  console.log(`one party speaks recorded English (${wavs.length} files), the other listens in Spanish\n`);
  const runs: LocalRun[] = [];
  for (const calls of counts.toSorted((one, other) => one - other)) {
    runs.push(await runLocal(calls, wavs, machine.cores));
  }
  console.log(localTable(runs));
  console.log(`\n${localVerdict(runs)}`);
  const lost = runs.reduce((sum, run) => sum + run.lost, 0);
  if (lost > 0) {
    console.error(`FAILED: the server ended ${lost} calls`);
  }
  return lost === 0;
}

function recordings(): readonly string[] {
  try {
    return readdirSync(RECORDINGS)
      .filter((name) => name.endsWith('.wav'))
      .toSorted()
      .map((name) => `${RECORDINGS}/${name}`);
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `the recordings are missing: run scripts/setup (${messageOf(error)})`,
    );
  }
}

/** A column for each run. */
export function localTable(runs: readonly LocalRun[]): string {
  const head = ['', ...runs.map(({ calls }) => `${calls} ${calls === 1 ? 'call' : 'calls'}`)];
  return renderTable(
    head,
    ROWS.map(({ measure, of, digits }) => [measure, ...runs.map((run) => cell(of(run), digits))]),
  );
}

/** How many of `runs`, from the smallest on, held. */
export function localVerdict(runs: readonly LocalRun[]): string {
  const [least] = runs;
  if (least === undefined) {
    return 'nothing was run';
  }
  const failed = runs.findIndex(
    (run) => !(firstSoundMs(run) <= LATER * firstSoundMs(least) && missingShare(run) <= MISSING_SHARE),
  );
  const held = failed === -1 ? runs.at(-1) : runs[failed - 1];
  const beyond = failed === -1 ? 'more were not tried' : `not with ${runs[failed]?.calls}`;
  const rule = `first sound at most ${LATER} times as late as with ${least.calls}, at most ${MISSING_SHARE * 100} % of frames missing`;
  return `${rule}: with ${held?.calls ?? 'none of these'}, ${beyond}`;
}

function coresOfCall({ used, callSeconds }: LocalRun): number {
  return used.treeMs / 1_000 / callSeconds;
}

function firstSoundMs({ startMs }: LocalRun): number {
  return spreadOf(startMs).p50;
}

function missingShare({ framesMissing, framesSent }: LocalRun): number {
  return framesMissing / framesSent;
}
