/**
 * `npm run bench -- doors`: the ways in beside each other. `delay`: what each adds on a real Asterisk; `load`: many legs
 * by AudioSocket and by RTP; `words`: what lost packets cost a recogniser.
 */

import { Command, Option } from 'commander';
import { systemClock } from '../../../src/base/clock.ts';
import { PocketsphinxEngine } from '../../../src/engines/stt/pocketsphinx/pocketsphinx-engine.ts';
import { loadLibrivoxClips } from '../../asterisk/audio.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { wholeFrom } from '../options.ts';
import { cell, renderTable } from '../report-table.ts';
import { benchDoorsDelay } from './doors-delay.ts';
import { benchDoorsLoad } from './doors-load.ts';
import { type LostWords, measureLostWords } from './lost-words.ts';

const MOST_LEGS = 2_000;
/** Of the packets; the target is for 0.05. */
const LOSSES = [0, 0.05, 0.2] as const;
/** How often all is said, each time with other packets lost. */
const NETWORKS = 4;
/** By how much more of the words may be wrong at 5 % loss than at none, in per cent. */
const MORE_ERRORS_PERCENT = 3;

interface Flags {
  readonly only?: 'delay' | 'load' | 'words';
  readonly legs: number;
  readonly seconds: number;
  readonly runs: number;
}

/** `doors`, for the bench's program. */
export function doorsCommand(): Command {
  return new Command('doors')
    .description('AudioSocket, RTP and chan_websocket beside each other: delay, load, and words lost.')
    .addOption(new Option('--only <part>', 'one part of it').choices(['delay', 'load', 'words']))
    .option('--legs <n>', 'legs at once, an even number, for the load', wholeFrom(2, MOST_LEGS), 200)
    .option('--seconds <n>', 'length of each call or run', wholeFrom(8, 600), 20)
    .option('--runs <n>', 'calls or runs of each door, in turns', wholeFrom(1, 20), 2)
    .action(async (flags: Flags) => {
      process.exitCode = (await bench(flags)) ? 0 : 1;
    });
}

/** Resolves with false where something went wrong that must not on any machine. */
async function bench({ only, legs, seconds, runs }: Flags): Promise<boolean> {
  console.log(`${machineLine(describeMachine())}\n`);
  const failures: string[] = [];
  if (only === undefined || only === 'words') {
    await benchWords();
  }
  if (only === undefined || only === 'load') {
    failures.push(...(await benchDoorsLoad({ legs, seconds, runs })));
  }
  if (only === undefined || only === 'delay') {
    failures.push(...(await benchDoorsDelay(seconds, runs)));
  }
  for (const failure of failures) {
    console.error(`FAILED: ${failure}`);
  }
  return failures.length === 0;
}

async function benchWords(): Promise<void> {
  const clips = loadLibrivoxClips();
  const engine = new PocketsphinxEngine({ clock: systemClock });
  const measured: LostWords[] = [];
  try {
    for (const format of ['g722', 'ulaw'] as const) {
      for (const lossShare of LOSSES) {
        measured.push(await measureLostWords(engine, clips, format, lossShare, NETWORKS));
      }
    }
  } finally {
    await engine.close();
  }
  console.log(
    `words wrong of recorded English, PocketSphinx; target at 5 %: at most ${MORE_ERRORS_PERCENT} points more\n`,
  );
  const percent = ({ errors, words }: LostWords): number => (errors / words) * 100;
  const rows = measured.map((each) => {
    const none = measured.find(({ format, lossShare }) => format === each.format && lossShare === 0);
    const more = none === undefined ? undefined : percent(each) - percent(none);
    return [
      each.format,
      cell(each.lossShare * 100, 0),
      cell(each.words, 0),
      cell(percent(each), 1),
      cell(more, 1),
      each.lossShare === 0.05 && more !== undefined ? (more <= MORE_ERRORS_PERCENT ? 'yes' : 'NO') : '',
    ];
  });
  console.log(`${renderTable(['format', 'lost %', 'words', 'wrong %', 'points more', 'ok'], rows)}\n`);
}
