/**
 * `bench records`: many calls end in a minute, and what is to be kept of each goes its whole way: into files by the real
 * recorder, and into a real PostgreSQL. What it asks is whether anything waits longer and longer. Sound is measured
 * elsewhere; the calls are events.
 */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../../src/base/clock.ts';
import { CountSums } from '../../../src/base/counts.ts';
import { silentLog } from '../../../src/base/log.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { CallEvent } from '../../../src/call/call-events.ts';
import type { CallListener, EndListener } from '../../../src/call/switchboard.ts';
import { Redaction } from '../../../src/call/transcript/redaction.ts';
import { RecorderProcess } from '../../../src/server/recording/recorder-process.ts';
import { CallRecords } from '../../../src/server/records/call-records.ts';
import { PLAN } from '../../call/scripted-legs.ts';
import { callOf } from '../../server/http/fake-server-view.ts';
import { detailOf } from '../../server/records/details.ts';
import { removeFolder } from '../../support/folders.ts';
import { Postgres, withoutPostgres } from '../../support/postgres.ts';
import { pass } from '../../support/waiting.ts';
import { describeMachine, machineLine } from '../machine.ts';
import { wholeFrom } from '../options.ts';
import { readProcessUsage } from '../process-usage.ts';
import { cell, renderTable } from '../report-table.ts';

interface RecordsFlags {
  readonly calls: number;
  readonly seconds: number;
}

interface Way {
  readonly name: string;
  readonly transcripts: boolean;
  readonly database: boolean;
}

const WAYS: readonly Way[] = [
  { name: 'records in files', transcripts: false, database: false },
  { name: 'and in PostgreSQL', transcripts: false, database: true },
  { name: 'and transcripts', transcripts: true, database: true },
];

const RECORDER = new URL('../../../workers/recorder.js', import.meta.url);
/** What is said in each call: two minutes of talk. */
const UTTERANCES = 20;
const SAID =
  'Please take one tablet of 500 milligrams twice a day, and come back on Monday at half past nine.';
const RENDERED =
  'Tome un comprimido de 500 miligramos dos veces al día, y vuelva el lunes a las nueve y media.';
/** How long what waits at the end may take, in ms. */
const LIMIT_MS = 120_000;

interface Result {
  readonly ended: number;
  /** Calls that had ended and were not kept yet: the most in the first half, and in the second. */
  readonly waitedFirst: number;
  readonly waitedSecond: number;
  /** From the end of the last call until all were kept. */
  readonly restMs: number;
  /** Of this process and of the recorder, for each call. */
  readonly ownCpuMs: number;
  readonly recorderCpuMs: number;
  readonly lost: number;
}

/** `records`, for the bench's program. */
export function recordsCommand(): Command {
  return new Command('records')
    .description('Calls that end by the thousand in a minute: what is kept of them, and whether it keeps up.')
    .option('--calls <n>', 'calls that end in a minute', wholeFrom(1, 100_000), 1_000)
    .option('--seconds <n>', 'for how long', wholeFrom(2, 600), 30)
    .action(async (flags: RecordsFlags) => {
      console.log(`${flags.calls} calls a minute for ${flags.seconds} s, ${UTTERANCES} utterances each`);
      console.log(`${machineLine(describeMachine())}\n`);
      const without = withoutPostgres();
      const rows: string[][] = [];
      for (const way of WAYS.filter(({ database }) => !database || without === undefined)) {
        rows.push([way.name, ...rowOf(await run(way, flags))]);
      }
      console.log(renderTable(HEAD, rows));
      if (without !== undefined) {
        console.log(`\nPostgreSQL: ${without}`);
      }
    });
}

const HEAD = [
  ...['', 'calls', 'lost', 'waiting at most, 1st half', '2nd half', 'rest, ms'],
  ...['own CPU, ms a call', "recorder's"],
];

function rowOf(result: Result): readonly string[] {
  const { ended, lost, waitedFirst, waitedSecond, restMs, ownCpuMs, recorderCpuMs } = result;
  return [
    ...[ended, lost, waitedFirst, waitedSecond, restMs].map((count) => cell(count, 0)),
    ...[ownCpuMs, recorderCpuMs].map((ms) => cell(ms, 2)),
  ];
}

async function run({ transcripts, database }: Way, { calls, seconds }: RecordsFlags): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'dragoman-bench-records-'));
  const postgres = database ? await Postgres.open() : undefined;
  const recorder = RecorderProcess.open({ workerUrl: RECORDER, key: undefined }, systemClock, silentLog);
  const records = new CallRecords(
    {
      ...{ directory, recordingsDirectory: undefined, numbers: false, transcripts },
      ...{
        redaction: new Redaction(['digits']),
        prices: { currency: 'EUR', prices: new Map([['deepl', 20]]) },
      },
      ...{ keepRecordsDays: undefined, keepTranscriptsDays: undefined, summaryEngine: undefined },
      databaseUrl: postgres === undefined ? undefined : new Secret(postgres.url),
    },
    { recorder, clock: systemClock, log: silentLog },
  );
  try {
    const played = new PlayedCalls();
    records.follow(played);
    const kept = (): number => keptBy(records, database, transcripts);
    const before = usage(recorder);
    const result = await endCalls(played, kept, calls, seconds);
    const after = usage(recorder);
    return {
      ...result,
      ownCpuMs: (after.ownMs - before.ownMs) / result.ended,
      recorderCpuMs: (after.recorderMs - before.recorderMs) / result.ended,
    };
  } finally {
    await records.close();
    await recorder.close();
    await postgres?.close();
    await removeFolder(directory);
  }
}

/** Calls that are wherever they are to be. */
function keptBy(records: CallRecords, database: boolean, transcripts: boolean): number {
  const sums = new CountSums().add(records);
  const written = sums.tally('recordsKept');
  return Math.min(
    written.get('record') ?? 0,
    transcripts ? (written.get('transcript') ?? 0) : Number.POSITIVE_INFINITY,
    database ? (sums.tally('recordsForwarded').get('stored') ?? 0) : Number.POSITIVE_INFINITY,
  );
}

async function endCalls(
  played: PlayedCalls,
  kept: () => number,
  callsAMinute: number,
  seconds: number,
): Promise<Omit<Result, 'ownCpuMs' | 'recorderCpuMs'>> {
  const all = Math.round((callsAMinute * seconds) / 60);
  const startMs = systemClock.nowMs();
  const waited = [0, 0];
  let ended = 0;
  while (ended < all) {
    const due = Math.min(all, Math.floor(((systemClock.nowMs() - startMs) * callsAMinute) / 60_000));
    for (; ended < due; ended += 1) {
      played.hold(String(ended));
    }
    const half = ended * 2 < all ? 0 : 1;
    waited[half] = Math.max(waited[half] ?? 0, ended - kept());
    await pass(5);
  }
  const endMs = systemClock.nowMs();
  while (kept() < all && systemClock.nowMs() - endMs < LIMIT_MS) {
    await pass(5);
  }
  return {
    ended,
    waitedFirst: waited[0] ?? 0,
    waitedSecond: waited[1] ?? 0,
    restMs: systemClock.nowMs() - endMs,
    lost: all - kept(),
  };
}

function usage(recorder: RecorderProcess): { readonly ownMs: number; readonly recorderMs: number } {
  return {
    ownMs: readProcessUsage(process.pid)?.cpuMs ?? Number.NaN,
    recorderMs: readProcessUsage(recorder.processId ?? 0)?.cpuMs ?? Number.NaN,
  };
}

/** Calls that begin, are talked in and end in one moment. */
class PlayedCalls {
  #listener: CallListener = () => {};
  #endListener: EndListener = () => {};

  watch(listener: CallListener): void {
    this.#listener = listener;
  }

  watchEnds(listener: EndListener): void {
    this.#endListener = listener;
  }

  call(callId: string) {
    return callOf(callId);
  }

  hold(call: string): void {
    const callId = `own-${call}`;
    for (let utterance = 0; utterance < UTTERANCES; utterance += 1) {
      this.#listener(callId, utteranceOf(utterance));
    }
    const endedAt = systemClock.wallTime().toISOString();
    this.#endListener(detailOf(call, { startedAt: endedAt, endedAt }), PLAN);
  }
}

function utteranceOf(utterance: number): CallEvent {
  const startMs = utterance * 6_000;
  return {
    type: 'utterance',
    atMs: startMs + 5_000,
    report: {
      ...{ party: 'a', utterance, outcome: 'spoken', segments: 2, stages: { endToEndMs: 600 } },
      source: { language: 'en', piiText: SAID, startMs, endMs: startMs + 4_000 },
      target: { language: 'es', piiText: RENDERED, startMs: startMs + 2_000, endMs: startMs + 5_500 },
    },
  };
}
