/**
 * `bench watched`: what it costs the voices of many legs that somebody looks on, that a thousand clients never read what
 * they have asked for, and that calls are registered by the hundred; and how soon those registrations are answered. Each
 * run is on a server freshly started, in turns.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { freePorts } from '../../support/ports.ts';
import { type MediaRun, medianRun, runLoad, WARM_UP_MS } from '../load-run.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { failuresOf } from '../media-report.ts';
import { wholeFrom } from '../options.ts';
import { spreadOf } from '../percentiles.ts';
import { cell, renderTable } from '../report-table.ts';
import { DRAGOMAN, type KnownServer, startServer } from '../server-process.ts';
import { WATCH_RESULT, WATCHES, type Watch, type WatchResult } from './watch-messages.ts';

interface WatchedFlags {
  readonly legs: number;
  readonly seconds: number;
  readonly runs: number;
}

interface WatchedRun {
  readonly run: MediaRun;
  readonly watch: WatchResult;
}

const WATCHERS = fileURLToPath(new URL('./watchers.js', import.meta.url));
const HOST = '127.0.0.1';
const RATE_HZ = 8_000;

/** `watched`, for the bench's program. */
export function watchedCommand(): Command {
  return new Command('watched')
    .description('What watchers, clients that never read, and registrations cost the voices of many legs.')
    .option('--legs <n>', 'an even number', wholeFrom(2, 2_000), 400)
    .option('--seconds <n>', 'length of a run, its first 3 s being warm-up', wholeFrom(6, 300), 9)
    .option('--runs <n>', 'runs of each, in turns; the median counts', wholeFrom(1, 20), 3)
    .action(async (flags: WatchedFlags) => {
      const failures = await benchWatched(flags);
      for (const failure of failures) {
        console.error(`FAILED: ${failure}`);
      }
      process.exitCode = failures.length === 0 ? 0 : 1;
    });
}

async function benchWatched(flags: WatchedFlags): Promise<readonly string[]> {
  console.log(`${flags.legs} legs, passed through; median of ${flags.runs} runs in turns`);
  console.log(`${machineLine(describeMachine())}\n`);
  const runs = new Map<Watch, WatchedRun[]>(WATCHES.map((what) => [what, []]));
  for (let time = 0; time < flags.runs; time += 1) {
    for (const [what, each] of runs) {
      each.push(await runWatched(what, flags));
    }
  }
  const all = [...runs.values()];
  console.log(
    renderTable(
      ['', ...WATCHES],
      ROWS.map(([name, of]) => [name, ...all.map(of)]),
    ),
  );
  return all.flat().flatMap(({ run }) => failuresOf(run));
}

const ROWS: readonly (readonly [string, (runs: readonly WatchedRun[]) => string])[] = [
  ['pacing error, ms, p50', (runs) => cell(medianOf(runs)?.media.pacingErrorMs.p50, 2)],
  ['pacing error, ms, p99', (runs) => cell(medianOf(runs)?.media.pacingErrorMs.p99, 2)],
  ['least of the runs', (runs) => cell(Math.min(...runs.map(({ run }) => run.media.pacingErrorMs.p99)), 2)],
  ['most of the runs', (runs) => cell(Math.max(...runs.map(({ run }) => run.media.pacingErrorMs.p99)), 2)],
  ['frames missing', (runs) => cell(missing(runs), 0)],
  ['server CPU, % of a core', (runs) => cell(medianOf(runs)?.server?.cpuPercent, 1)],
  [
    'server memory peak, MB',
    (runs) => cell((medianOf(runs)?.server?.peakResidentBytes ?? Number.NaN) / 1e6, 0),
  ],
  ['streams open', (runs) => total(runs, ({ streams }) => streams)],
  ['closed or refused', (runs) => total(runs, ({ refused }) => refused)],
  ['MB read', (runs) => total(runs, ({ bytesRead }) => bytesRead / 1e6)],
  ['scrapes', (runs) => total(runs, ({ scrapes }) => scrapes)],
  ['changes', (runs) => total(runs, ({ changes }) => changes)],
  ['registrations', (runs) => total(runs, ({ registeredMs }) => registeredMs.length)],
  ['answered after, ms, p50', (runs) => cell(answered(runs).p50, 1)],
  ['answered after, ms, p99', (runs) => cell(answered(runs).p99, 1)],
];

function medianOf(runs: readonly WatchedRun[]): MediaRun | undefined {
  return medianRun(runs.map(({ run }) => run));
}

function missing(runs: readonly WatchedRun[]): number {
  return runs.reduce(
    (sum, { run: { media } }) => sum + Math.max(0, media.framesExpected - media.framesHeard),
    0,
  );
}

function total(runs: readonly WatchedRun[], of: (watch: WatchResult) => number): string {
  return cell(runs.reduce((sum, { watch }) => sum + of(watch), 0) / runs.length, 0);
}

function answered(runs: readonly WatchedRun[]): ReturnType<typeof spreadOf> {
  return spreadOf(runs.flatMap(({ watch }) => watch.registeredMs));
}

/** @throws AppError `server-unreachable`; Error when a process beside the server ends by itself. */
async function runWatched(what: Watch, { legs, seconds }: WatchedFlags): Promise<WatchedRun> {
  const [apiPort = 0, metricsPort = 0] = await freePorts(2);
  const server = await startServer(shown(apiPort, metricsPort), legs);
  const watchers = fork(WATCHERS, { execArgv: [] });
  try {
    const result = resultOf(watchers);
    const order = {
      ...{ what, api: { host: HOST, port: apiPort } },
      metricsUrl: `http://${HOST}:${metricsPort}/metrics`,
      warmUpMs: WARM_UP_MS,
    };
    const run = await runLoad(server, {
      ...{ legs, seconds, rateHz: RATE_HZ, freezeMs: 0, hears: DRAGOMAN.hears },
      meanwhile: { begin: () => void watchers.send(order), end: () => void watchers.send('stop') },
    });
    return { run, watch: await result };
  } finally {
    watchers.kill();
    await server.stop();
  }
}

/** Dragoman as other benches measure it, with what it shows of itself. */
function shown(apiPort: number, metricsPort: number): KnownServer {
  const ports = new Map([
    ['--http', apiPort],
    ['--metrics', metricsPort],
  ]);
  const words = DRAGOMAN.words.map((word, index) => {
    const port = ports.get(DRAGOMAN.words[index - 1] ?? '');
    return port === undefined ? word : `${HOST}:${port}`;
  });
  return { ...DRAGOMAN, words };
}

/** @throws Error when it ends without one. */
async function resultOf(watchers: ChildProcess): Promise<WatchResult> {
  const done = new AbortController();
  const { signal } = done;
  const died = once(watchers, 'exit', { signal }).then(([code]) => {
    throw new Error(`the process of the watchers ended by itself with code ${code}`);
  });
  try {
    const [message] = await Promise.race([once(watchers, 'message', { signal }), died]);
    return WATCH_RESULT.parse(message);
  } finally {
    died.catch(() => {});
    done.abort();
  }
}
