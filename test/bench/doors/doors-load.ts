/**
 * Many legs by AudioSocket and by RTP, in turns on servers that differ in the door alone: what is lost, how even the
 * frames leave, and what a leg costs.
 */

import { fileURLToPath } from 'node:url';
import type { RtpFormat } from '../../../src/protocol/rtp/payloads.ts';
import { type MediaRun, medianRun, runLoad } from '../load-run.ts';
import { failuresOf } from '../media-report.ts';
import { cell, renderTable } from '../report-table.ts';
import { type KnownServer, startServer } from '../server-process.ts';

const SERVER = fileURLToPath(new URL('./doors-server.js', import.meta.url));

/** Targets of the issue: pacing in ms, and how many times a leg by AudioSocket of the same rate. */
const PACING_P99_MS = 3;
const TIMES_AUDIOSOCKET = 1.5;

interface Way {
  readonly name: string;
  readonly rateHz: number;
  readonly rtp?: RtpFormat;
}

const WAYS: readonly Way[] = [
  { name: 'AudioSocket, 8 kHz', rateHz: 8_000 },
  { name: 'RTP, 8 kHz linear', rateHz: 8_000, rtp: 'slin' },
  { name: 'RTP, G.711', rateHz: 8_000, rtp: 'ulaw' },
  { name: 'AudioSocket, 16 kHz', rateHz: 16_000 },
  { name: 'RTP, G.722', rateHz: 16_000, rtp: 'g722' },
];

export interface DoorsLoadOptions {
  /** An even number. */
  readonly legs: number;
  readonly seconds: number;
  readonly runs: number;
}

/** Prints a table; resolves with what went wrong on any machine, one sentence each. */
export async function benchDoorsLoad({ legs, seconds, runs }: DoorsLoadOptions): Promise<readonly string[]> {
  const found = new Map<Way, MediaRun[]>(WAYS.map((way) => [way, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const way of WAYS) {
      const server = await startServer(serverOf(way), legs);
      try {
        found.get(way)?.push(await runLoad(server, { ...way, legs, seconds, freezeMs: 0, hears: 'partner' }));
      } finally {
        await server.stop();
      }
    }
  }
  const medians = new Map(WAYS.map((way) => [way, medianRun(found.get(way) ?? [])]));
  const rows = WAYS.map((way) => {
    const beside = WAYS.find(({ rateHz, rtp }) => rateHz === way.rateHz && rtp === undefined);
    return rowOf(
      way,
      medians.get(way),
      way.rtp === undefined || beside === undefined ? undefined : medians.get(beside),
    );
  });
  console.log(`${legs} legs in pairs, ${seconds} s, 3 s of it warm-up, median of ${runs} runs in turns`);
  console.log(
    `targets: pacing p99 <= ${PACING_P99_MS} ms, processor a leg <= ${TIMES_AUDIOSOCKET} times AudioSocket's\n`,
  );
  const pacing = ['pacing ms p50', 'p99', 'max'];
  const head = ['door', 'lost', 'missing %', ...pacing, 'delay ms p50', 'p99', '% core a leg', 'times'];
  console.log(`${renderTable(head, rows)}\n`);
  return [...found].flatMap(([{ name }, all]) =>
    all.flatMap(failuresOf).map((failure) => `${name}: ${failure}`),
  );
}

function serverOf({ name, rtp }: Way): KnownServer {
  const door = rtp === undefined ? 'audiosocket' : 'rtp';
  return { name, hears: 'partner', words: [process.execPath, SERVER, '{port}', '{legs}', door] };
}

function rowOf({ name }: Way, run: MediaRun | undefined, beside: MediaRun | undefined): readonly string[] {
  if (run === undefined) {
    return [name];
  }
  const { lostLegs, framesExpected, framesHeard, pacingErrorMs, delayMs } = run.media;
  const missing = (Math.max(0, framesExpected - framesHeard) / framesExpected) * 100;
  const leg = run.server?.cpuPercentPerLeg;
  const besideLeg = beside?.server?.cpuPercentPerLeg;
  return [
    name,
    cell(lostLegs.length, 0),
    cell(missing, 3),
    ...[pacingErrorMs.p50, pacingErrorMs.p99, pacingErrorMs.max].map((ms) => cell(ms, 2)),
    ...[delayMs.p50, delayMs.p99].map((ms) => cell(ms, 1)),
    cell(leg, 3),
    cell(leg === undefined || besideLeg === undefined ? undefined : leg / besideLeg, 2),
  ];
}
