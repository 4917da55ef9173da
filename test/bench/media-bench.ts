/**
 * `bench media`: calls of numbered frames through a server, one run per number of legs, each on a server freshly
 * started so that its memory is its own. Speed never fails the benchmark; a lost leg or a dead server does.
 */

import { writeFileSync } from 'node:fs';
import { AppError } from '../../src/base/errors.ts';
import { type MediaRun, objectionTo, runLoad } from './load-run.ts';
import { describeMachine, machineLine } from './machine.ts';
import { failuresOf, freezeTable, mediaTable } from './media-report.ts';
import { runningServer, type ServerUnderTest, startServer } from './server-process.ts';

export interface MediaBenchOptions {
  /** One run each; even numbers. */
  readonly legs: readonly number[];
  readonly seconds: number;
  readonly rateHz: number;
  /** How long the server stands still at mid-run, in ms; 0 for not at all. */
  readonly freezeMs: number;
  /** A server that is running already; without it, one is started for each run. */
  readonly server: { readonly host: string; readonly port: number } | undefined;
  /** The process of that server, for its usage and for the freeze. */
  readonly pid: number | undefined;
  /** How to start a server that is not dragoman, with `{port}` and `{legs}`. */
  readonly command: string | undefined;
  /** Where the numbers go as JSON. */
  readonly jsonFile: string | undefined;
}

/**
 * Runs and prints; resolves with false when a leg was lost, a stranger heard, or the server died.
 * @throws AppError `bad-option` when the runs cannot be as asked, `server-unreachable` when a server does not start.
 */
export async function benchMedia(options: MediaBenchOptions): Promise<boolean> {
  checkOptions(options);
  const machine = describeMachine();
  console.log(`media: ${options.rateHz} Hz, ${options.seconds} s a run, 3 s of it warm-up`);
  console.log(`${machineLine(machine)}\n`);
  const runs: MediaRun[] = [];
  for (const legs of options.legs) {
    const server = await openServer(options, legs);
    try {
      runs.push(await runLoad(server, { ...options, legs }));
    } finally {
      await server.stop();
    }
  }
  console.log(mediaTable(runs));
  console.log(`\n${jitterNote(runs)}`);
  for (const run of runs) {
    if (run.freeze !== undefined) {
      console.log(`\n${freezeTable(run.media.legs, run.freeze)}`);
    }
  }
  const failures = runs.flatMap(failuresOf);
  for (const failure of failures) {
    console.error(`FAILED: ${failure}`);
  }
  if (options.jsonFile !== undefined) {
    writeFileSync(
      options.jsonFile,
      `${JSON.stringify({ scope: 'media', machine, options, runs }, null, 2)}\n`,
    );
  }
  return failures.length === 0;
}

function checkOptions(options: MediaBenchOptions): void {
  for (const legs of options.legs) {
    const objection = objectionTo({ ...options, legs });
    if (objection !== undefined) {
      throw new AppError('bad-option', objection);
    }
  }
  if (options.freezeMs > 0 && options.server !== undefined && options.pid === undefined) {
    throw new AppError('bad-option', 'a running server can be frozen only with its --pid');
  }
}

function openServer(options: MediaBenchOptions, legs: number): Promise<ServerUnderTest> {
  return options.server === undefined
    ? startServer(options.command, legs)
    : Promise.resolve(runningServer(options.server.host, options.server.port, options.pid));
}

/** Whose jitter the reader is looking at. */
function jitterNote(runs: readonly MediaRun[]): string {
  const worstMs = Math.max(...runs.map((run) => run.media.sendLatenessMs.p99));
  return (
    `The generator's own timers were up to ${worstMs.toFixed(2)} ms late (p99; up to 1 ms is how timers round). It ` +
    'reads arrivals in the same loop, so about as much of the pacing error may be its own.'
  );
}
