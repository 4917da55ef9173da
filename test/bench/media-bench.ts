/**
 * `bench media`: calls of numbered frames through a server, with the floor and an echo in turns beside it, each run on
 * a server freshly started so that its memory is its own. Speed never fails the benchmark; a lost leg or a dead server
 * does.
 */

import { writeFileSync } from 'node:fs';
import { AppError } from '../../src/base/errors.ts';
import { type ArrivalRun, medianArrival, runArrival } from './arrival-run.ts';
import { type MediaRun, medianRun, objectionTo, runLoad } from './load-run.ts';
import { describeMachine, machineLine } from './machine.ts';
import { arrivalTable, failuresOf, freezeTable, mediaTable } from './media-report.ts';
import {
  BESIDE,
  DRAGOMAN,
  type KnownServer,
  runningServer,
  type ServerUnderTest,
  startServer,
} from './server-process.ts';

export interface MediaBenchOptions {
  /** One table each; even numbers. */
  readonly legs: readonly number[];
  readonly seconds: number;
  /** Runs of each server, in turns; the median is shown. */
  readonly runs: number;
  /** Names of what is measured beside it: `floor`, `echo`. */
  readonly beside: readonly string[];
  /** Numbers of legs that arrive at once; with any, that is what is measured, and `legs` are there before. */
  readonly arrivals: readonly number[];
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

/** Legs that are there when others arrive. */
const LEGS_BEFORE = 20;

/**
 * Runs and prints; resolves with false when a leg was lost, a stranger heard, or the server died.
 * @throws AppError `bad-option` when the runs cannot be as asked, `server-unreachable` when a server does not start.
 */
export async function benchMedia(options: MediaBenchOptions): Promise<boolean> {
  checkOptions(options);
  const machine = describeMachine();
  const subject = subjectOf(options);
  const beside = BESIDE.filter(({ name }) => options.beside.includes(name));
  console.log(
    `media: ${options.rateHz} Hz, median of ${options.runs} runs in turns, legs evenly spread over the 20 ms`,
  );
  console.log(`${machineLine(machine)}\n`);
  const results =
    options.arrivals.length > 0
      ? await benchArrivals(options, subject, beside)
      : await benchLegs(options, subject, beside);
  if (options.jsonFile !== undefined) {
    writeFileSync(
      options.jsonFile,
      `${JSON.stringify({ scope: 'media', machine, options, ...results }, null, 2)}\n`,
    );
  }
  for (const failure of results.failures) {
    console.error(`FAILED: ${failure}`);
  }
  return results.failures.length === 0;
}

interface Results {
  readonly failures: readonly string[];
  readonly runs?: Readonly<Record<string, readonly MediaRun[]>>[];
  readonly arrivals?: Readonly<Record<string, readonly ArrivalRun[]>>;
}

async function benchLegs(
  options: MediaBenchOptions,
  subject: KnownServer,
  beside: readonly KnownServer[],
): Promise<Results> {
  console.log(`${options.seconds} s a run, 3 s of it warm-up\n`);
  const failures: string[] = [];
  const all: Record<string, readonly MediaRun[]>[] = [];
  for (const legs of options.legs) {
    const runs = await inTurns([...beside, subject], options.runs, (known) =>
      withServer(options, known, legs, (server) => {
        const freezeMs = known === subject ? options.freezeMs : 0;
        return runLoad(server, { ...options, legs, freezeMs, hears: known.hears });
      }),
    );
    all.push(Object.fromEntries(runs));
    const median = medianRun(runs.get(subject.name) ?? []);
    if (median === undefined) {
      continue;
    }
    const others = beside.flatMap(({ name }) => {
      const run = medianRun(runs.get(name) ?? []);
      return run === undefined ? [] : [{ name, run }];
    });
    console.log(`${mediaTable(subject.name, median, others)}\n`);
    console.log(`${jitterNote(median)}\n`);
    if (median.freeze !== undefined) {
      console.log(`${freezeTable(legs, median.freeze)}\n`);
    }
    failures.push(...(runs.get(subject.name) ?? []).flatMap(failuresOf));
  }
  return { failures, runs: all };
}

async function benchArrivals(
  options: MediaBenchOptions,
  subject: KnownServer,
  beside: readonly KnownServer[],
): Promise<Results> {
  console.log(`${LEGS_BEFORE} legs are there before; they are watched for 2 s from the arrival on\n`);
  // An echo answers no sooner than it is spoken to.
  const servers = [...beside.filter(({ hears }) => hears === 'partner'), subject];
  const medians = new Map<string, ArrivalRun[]>(servers.map(({ name }) => [name, []]));
  const failures: string[] = [];
  for (const newcomers of options.arrivals) {
    const runs = await inTurns(servers, options.runs, (known) =>
      withServer(options, known, LEGS_BEFORE + newcomers, (server) =>
        runArrival(server, { legs: LEGS_BEFORE, newcomers, rateHz: options.rateHz }),
      ),
    );
    for (const [name, each] of runs) {
      medians.get(name)?.push(medianArrival(each));
    }
    for (const run of runs.get(subject.name) ?? []) {
      if (run.unheard > 0 || run.legsLost > 0) {
        failures.push(
          `of ${newcomers} that arrived ${run.unheard} heard nothing; ${run.legsLost} others were lost`,
        );
      }
    }
  }
  for (const [name, runs] of medians) {
    console.log(`${arrivalTable(name, runs)}\n`);
  }
  return { failures, arrivals: Object.fromEntries(medians) };
}

/** Runs each server once, then each again: what the machine does meanwhile meets all alike. */
async function inTurns<T>(
  servers: readonly KnownServer[],
  times: number,
  run: (known: KnownServer) => Promise<T>,
): Promise<ReadonlyMap<string, readonly T[]>> {
  const runs = new Map<string, T[]>(servers.map(({ name }) => [name, []]));
  for (let time = 0; time < times; time += 1) {
    for (const known of servers) {
      runs.get(known.name)?.push(await run(known));
    }
  }
  return runs;
}

async function withServer<T>(
  options: MediaBenchOptions,
  known: KnownServer,
  legs: number,
  use: (server: ServerUnderTest) => Promise<T>,
): Promise<T> {
  const running = BESIDE.includes(known) ? undefined : options.server;
  const server =
    running === undefined
      ? await startServer(known, legs)
      : runningServer(running.host, running.port, options.pid);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

function subjectOf({ command, server }: MediaBenchOptions): KnownServer {
  if (command !== undefined) {
    return { name: 'the server', words: command.split(' '), hears: 'partner' };
  }
  return server === undefined ? DRAGOMAN : { ...DRAGOMAN, name: 'the server' };
}

function checkOptions(options: MediaBenchOptions): void {
  const objection = objectionTo(options);
  if (objection !== undefined) {
    throw new AppError('bad-option', objection);
  }
  const unknown = options.beside.find((name) => !BESIDE.some((known) => known.name === name));
  if (unknown !== undefined) {
    const names = BESIDE.map(({ name }) => name).join(' or ');
    throw new AppError('bad-option', `there is no ${unknown} to be measured beside it: ${names}`);
  }
  if (options.freezeMs > 0 && options.server !== undefined && options.pid === undefined) {
    throw new AppError('bad-option', 'a running server can be frozen only with its --pid');
  }
}

/** Whose jitter the reader is looking at. */
function jitterNote({ media, generatorCpuPercent }: MediaRun): string {
  return (
    `The generator was up to ${media.sendLatenessMs.p99.toFixed(2)} ms late to send (p99) and took ` +
    `${generatorCpuPercent.toFixed(0)} % of a core.`
  );
}
