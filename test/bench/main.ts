/**
 * `npm run bench -- <scope> [options]`: reads what is to be measured and hands it to the scope. Numbers compare
 * within one run on one machine.
 */

import { Command, InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../../src/base/errors.ts';
import { AUDIO_KINDS } from '../../src/protocol/audiosocket/kinds.ts';
import { clusterCommand } from './cluster/cluster-bench.ts';
import { callsCommand } from './conference/calls-bench.ts';
import { conferenceCommand } from './conference/conference-bench.ts';
import { consoleCommand } from './console/console-bench.ts';
import { benchCutting, DEFAULT_CUTTING_BENCH } from './cutting/cutting-bench.ts';
import { doorsCommand } from './doors/doors-bench.ts';
import { benchExactness, DEFAULT_EXACTNESS_BENCH } from './exactness/exactness-bench.ts';
import { benchFrame } from './frame-bench.ts';
import { interpretCommand } from './interpret/interpret-bench.ts';
import { localCommand } from './local/local-bench.ts';
import { benchMedia } from './media-bench.ts';
import { benchNonSpeech, DEFAULT_NON_SPEECH_BENCH } from './non-speech-bench.ts';
import { benchLive, DEFAULT_LIVE_BENCH, liveCommand } from './realtime/interpret-live-bench.ts';
import { recordingsCommand } from './recordings/recordings-bench.ts';
import { recordsCommand } from './records/records-bench.ts';
import { voicesCommand } from './voices/voices-bench.ts';
import { watchedCommand } from './watched/watched-bench.ts';

interface MediaFlags {
  readonly legs: readonly number[];
  readonly seconds: number;
  readonly runs: number;
  readonly beside: string;
  readonly arrivals: readonly number[];
  readonly rate: string;
  readonly freeze: number;
  readonly server?: { readonly host: string; readonly port: number };
  readonly pid?: number;
  readonly command?: string;
  readonly json?: string;
}

interface FrameFlags {
  readonly only?: string;
  readonly runs: number;
  readonly json?: string;
}

const program = new Command('bench').description('Measure dragoman on this machine.');

program
  .command('media')
  .description('Calls of numbered frames through a server that passes voices through.')
  .option('--legs <counts>', 'legs of each run, even numbers with commas', legCounts, [50, 200, 400])
  .option('--seconds <n>', 'length of a run, its first 3 s being warm-up', positive, 12)
  .option('--runs <n>', 'runs of each server, in turns; the median counts', positive, 3)
  .option('--beside <names>', 'what is measured beside it: floor, echo, or nothing', 'floor,echo')
  .option('--arrivals <counts>', 'legs that arrive at once, instead: even numbers with commas', legCounts, [])
  .addOption(new Option('--rate <hz>', 'rate of every leg').choices(rates()).default('8000'))
  .option('--freeze <ms>', 'stop the server at mid-run for this long', positive, 0)
  .option('--server <host:port>', 'load a server that is running already', endpoint)
  .option('--pid <pid>', 'the process of that server, to measure and to freeze it', positive)
  .addOption(
    new Option('--command <words>', 'start this server, with {port} and {legs} filled in').conflicts(
      'server',
    ),
  )
  .option('--json <file>', 'write the numbers here too')
  .action(async (flags: MediaFlags) => {
    const passed = await benchMedia({
      legs: flags.legs,
      seconds: flags.seconds,
      runs: flags.runs,
      beside: flags.beside === 'nothing' ? [] : flags.beside.split(','),
      arrivals: flags.arrivals,
      rateHz: Number(flags.rate),
      freezeMs: flags.freeze,
      server: flags.server,
      pid: flags.pid,
      command: flags.command,
      jsonFile: flags.json,
    });
    process.exitCode = passed ? 0 : 1;
  });

program
  .command('frame')
  .description('The cost of one 20 ms frame in each stage, in µs.')
  .option('--only <text>', 'only the cases whose name contains this')
  .option('--runs <n>', 'runs of each case, 5 at least', positive, 7)
  .option('--json <file>', 'write the numbers here too')
  .action(async (flags: FrameFlags) => {
    await benchFrame({ only: flags.only, runs: Math.max(5, flags.runs), jsonFile: flags.json });
  });

program.addCommand(doorsCommand());
program.addCommand(
  interpretCommand(
    new Map([
      ['cutting', () => benchCutting(DEFAULT_CUTTING_BENCH)],
      ['exactness', () => benchExactness(DEFAULT_EXACTNESS_BENCH)],
      ['non-speech', () => benchNonSpeech(DEFAULT_NON_SPEECH_BENCH)],
      ['live', () => benchLive(DEFAULT_LIVE_BENCH)],
    ]),
  ),
);
program.addCommand(liveCommand());
program.addCommand(conferenceCommand());
program.addCommand(callsCommand());
program.addCommand(localCommand());
program.addCommand(consoleCommand());
program.addCommand(watchedCommand());
program.addCommand(recordsCommand());
program.addCommand(clusterCommand());
program.addCommand(voicesCommand());
program.addCommand(recordingsCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(`bench: ${messageOf(error)}`);
  process.exitCode = 1;
}

function rates(): readonly string[] {
  return AUDIO_KINDS.map((row) => String(row.rateHz));
}

function legCounts(text: string): readonly number[] {
  return text.split(',').map((count) => {
    const legs = positive(count);
    if (legs % 2 !== 0) {
      throw new InvalidArgumentError('Legs come in pairs.');
    }
    return legs;
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) {
    throw new InvalidArgumentError('Write a whole number above 0.');
  }
  return value;
}

function endpoint(text: string): { readonly host: string; readonly port: number } {
  const split = text.lastIndexOf(':');
  return { host: text.slice(0, split), port: positive(text.slice(split + 1)) };
}
