/**
 * `bench recordings`: what it costs to record. The same calls as of `bench media` through a server that records nothing
 * and one that records all of each, in turns; then once with a recorder that stands still for 5 s, which is what a disk
 * that stands still does to a call at most.
 */

import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../../src/base/clock.ts';
import { removeFolder } from '../../support/folders.ts';
import { freePort } from '../../support/ports.ts';
import { type MediaRun, medianRun, runLoad } from '../load-run.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { wholeFrom } from '../options.ts';
import { readProcessUsage } from '../process-usage.ts';
import { cell, renderTable } from '../report-table.ts';
import { DRAGOMAN, startServer } from '../server-process.ts';
import { childrenOf } from './child-processes.ts';

interface RecordingsFlags {
  readonly legs: number;
  readonly seconds: number;
  readonly runs: number;
}

/** How a run is recorded: not at all, all of it, or all of it by a recorder that stands still for a while. */
type How = 'off' | 'all' | 'stalled';

interface RecordedRun {
  readonly run: MediaRun;
  /** Of the recorder, in percent of a core; undefined where there is none. */
  readonly recorderPercent: number | undefined;
  readonly bytes: number;
  readonly framesDropped: number;
}

/** How long the recorder stands still, in ms. */
const STALL_MS = 5_000;

export function recordingsCommand(): Command {
  return new Command('recordings')
    .description('What it costs to record all tracks of each call.')
    .option('--legs <n>', 'legs, an even number', wholeFrom(2, 2_000), 200)
    .option('--seconds <n>', 'length of a run, its first 3 s being warm-up', wholeFrom(8, 300), 14)
    .option('--runs <n>', 'runs of each, in turns; the median counts', wholeFrom(1, 20), 3)
    .action(async (flags: RecordingsFlags) => benchRecordings(flags));
}

async function benchRecordings({ legs, seconds, runs }: RecordingsFlags): Promise<void> {
  console.log(`recordings: ${legs} legs at 8 kHz, all tracks of each, median of ${runs} runs in turns`);
  console.log(`${machineLine(describeMachine())}\n`);
  const all: Record<How, RecordedRun[]> = { off: [], all: [], stalled: [] };
  for (let time = 0; time < runs; time += 1) {
    for (const how of ['off', 'all'] as const) {
      all[how].push(await recordedRun(how, legs, seconds));
    }
  }
  all.stalled.push(await recordedRun('stalled', legs, seconds));
  const head = ['', 'off', 'all', 'all, stalled for 5 s'];
  const row = (name: string, digits: number, of: (run: RecordedRun) => number | undefined): string[] => [
    name,
    ...(['off', 'all', 'stalled'] as const).map((how) => cell(medianOf(all[how].map(of)), digits)),
  ];
  console.log(
    renderTable(head, [
      row('pacing error p99, ms', 2, ({ run }) => run.media.pacingErrorMs.p99),
      row('delay p99, ms', 2, ({ run }) => run.media.delayMs.p99),
      row(
        'frames missing, ‰',
        2,
        ({ run: { media } }) => 1_000 * (1 - media.framesHeard / media.framesExpected),
      ),
      row('server, % of a core a leg', 3, ({ run }) => run.server?.cpuPercentPerLeg),
      row('recorder, % of a core a leg', 3, ({ recorderPercent }) =>
        recorderPercent === undefined ? undefined : recorderPercent / legs,
      ),
      row('server, MB in all', 0, ({ run }) => (run.server?.peakResidentBytes ?? Number.NaN) / 1e6),
      row('written, kB a leg and second', 1, ({ bytes }) => bytes / 1_000 / legs / seconds),
      row('frames dropped from recordings', 0, ({ framesDropped }) => framesDropped),
    ]),
  );
  const lost = [...all.off, ...all.all, ...all.stalled].flatMap(({ run }) => run.media.lostLegs);
  process.exitCode = lost.length > 0 || medianRun(all.all.map(({ run }) => run)) === undefined ? 1 : 0;
}

async function recordedRun(how: How, legs: number, seconds: number): Promise<RecordedRun> {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-bench-recordings-'));
  const metricsPort = await freePort();
  const flags =
    how === 'off'
      ? []
      : [
          ...['--record', 'all', '--record-dir', directory, '--record-layout', 'both'],
          '--record-announcement',
          'off',
        ];
  const words = DRAGOMAN.words.map((word, index, before) =>
    before[index - 1] === '--metrics' ? `127.0.0.1:${metricsPort}` : word,
  );
  const server = await startServer({ ...DRAGOMAN, words: [...words, ...flags] }, legs);
  try {
    const recorder = childrenOf(server.pid ?? 0)[0];
    if (recorder !== undefined && how === 'stalled') {
      // Where all this is run with real-time priority, the recorder's niceness would be nothing, and what it has to make up
      // for would take the processor from the calls.
      spawnSync('chrt', ['--all-tasks', '--other', '--pid', '0', String(recorder)]);
    }
    const usedMs = (): number => readProcessUsage(recorder ?? 0)?.cpuMs ?? Number.NaN;
    const beforeMs = usedMs();
    const stall = how === 'stalled' && recorder !== undefined ? stallAt(recorder, seconds) : undefined;
    const run = await runLoad(server, { legs, seconds, rateHz: 8_000, freezeMs: 0, hears: 'partner' });
    await stall;
    return {
      run,
      recorderPercent: recorder === undefined ? undefined : (usedMs() - beforeMs) / seconds / 10,
      bytes: await metric(metricsPort, 'dragoman_recording_bytes_total'),
      framesDropped: await metric(metricsPort, 'dragoman_recording_frames_dropped_total'),
    };
  } finally {
    await server.stop();
    // The recorder may still be at its last file.
    await removeFolder(directory);
  }
}

/** Stops a process in the middle of a run for a while. */
async function stallAt(pid: number, seconds: number): Promise<void> {
  const { signal } = new AbortController();
  await systemClock.sleep((seconds * 1_000 - STALL_MS) / 2, signal);
  process.kill(pid, 'SIGSTOP');
  await systemClock.sleep(STALL_MS, signal);
  process.kill(pid, 'SIGCONT');
}

async function metric(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
