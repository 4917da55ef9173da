/**
 * The runs of the media benchmark as tables for people. A missed target is marked, never an error: numbers depend
 * on the machine. What is an error on any machine is said by `failuresOf`.
 */

import type { ArrivalRun } from './arrival-run.ts';
import { FREEZE_WATCH_MS, type FreezeResult, ON_TIME_MS } from './freeze-analysis.ts';
import type { MediaRun } from './load-run.ts';
import type { Spread } from './percentiles.ts';
import { cell, renderTable } from './report-table.ts';

const BACK_WITHIN_MS = 2_000;
const MEGABYTE = 1_000_000;

interface Row {
  readonly measure: string;
  readonly of: (run: MediaRun) => number | undefined;
  readonly digits: number;
  /** The most it should be. */
  readonly target?: number;
  /** The most it should be, as a multiple of the floor's. */
  readonly floors?: number;
}

const ROWS: readonly Row[] = [
  { measure: 'legs lost', of: (run) => run.media.lostLegs.length, digits: 0, target: 0 },
  { measure: 'frames missing, %', of: missingPercent, digits: 3, target: 0.1 },
  { measure: 'frames heard', of: (run) => run.media.framesHeard, digits: 0 },
  { measure: 'frames expected', of: (run) => run.media.framesExpected, digits: 0 },
  { measure: 'worst leg, frames off', of: (run) => run.media.worstLegFrames, digits: 0 },
  ...spreadRows('pacing error, ms', (run) => run.media.pacingErrorMs, 2),
  { measure: 'pacing error, ms, worst leg p99', of: (run) => run.media.worstLegPacingP99Ms, digits: 2 },
  { measure: 'drift, worst leg, %', of: (run) => run.media.worstDriftPercent, digits: 3 },
  ...spreadRows('passthrough delay, ms', (run) => run.media.delayMs, ON_TIME_MS),
  { measure: 'frames bit-exact', of: (run) => run.media.exactFrames, digits: 0 },
  { measure: 'frames of silence', of: (run) => run.media.silentFrames, digits: 0 },
  { measure: 'frames shifted by samples', of: (run) => run.media.shiftedFrames, digits: 0 },
  { measure: 'frames changed', of: (run) => run.media.changedFrames, digits: 0 },
  { measure: 'frames skipped', of: (run) => run.media.skippedFrames, digits: 0 },
  { measure: 'frames repeated', of: (run) => run.media.repeatedFrames, digits: 0 },
  { measure: "frames of a stranger's", of: (run) => run.media.strangerFrames, digits: 0, target: 0 },
  { measure: 'server CPU, % of a core', of: (run) => run.server?.cpuPercent, digits: 1 },
  {
    measure: 'server CPU, % of a core per leg',
    of: (run) => run.server?.cpuPercentPerLeg,
    digits: 3,
    floors: 2,
  },
  { measure: 'server memory idle, MB', of: (run) => megabytes(run.server?.residentBytesIdle), digits: 1 },
  {
    measure: 'server memory per leg, MB',
    of: (run) => megabytes(run.server?.residentBytesPerLeg),
    digits: 3,
    target: 0.7,
  },
  { measure: 'server memory peak, MB', of: (run) => megabytes(run.server?.peakResidentBytes), digits: 1 },
  { measure: 'generator CPU, % of a core', of: (run) => run.generatorCpuPercent, digits: 1 },
  ...spreadRows('generator late to send, ms', (run) => run.media.sendLatenessMs),
];

const ARRIVAL_ROWS: readonly {
  readonly measure: string;
  readonly of: (run: ArrivalRun) => number;
  readonly digits: number;
}[] = [
  { measure: 'first frame after, ms, p50', of: (run) => run.firstFrameMs.p50, digits: 1 },
  { measure: 'first frame after, ms, p99', of: (run) => run.firstFrameMs.p99, digits: 1 },
  { measure: 'first frame after, ms, last', of: (run) => run.firstFrameMs.max, digits: 1 },
  { measure: 'heard nothing in 2 s, or were lost', of: (run) => run.unheard, digits: 0 },
  { measure: 'main thread, ms for each', of: (run) => run.mainThreadMsPerNewcomer, digits: 2 },
  { measure: 'who was there: pacing error, ms, p99', of: (run) => run.pacingErrorMs.p99, digits: 1 },
  { measure: 'who was there: pacing error, ms, max', of: (run) => run.pacingErrorMs.max, digits: 1 },
  { measure: 'who was there: frames skipped', of: (run) => run.framesSkipped, digits: 0 },
];

/** Measured in the same way, in turns, beside what the table is about. */
export interface Beside {
  readonly name: string;
  readonly run: MediaRun;
}

/**
 * One table for one number of legs.
 * @param run what it is about; @param beside the first of them is the floor that it is held against.
 */
export function mediaTable(name: string, run: MediaRun, beside: readonly Beside[]): string {
  const floor = beside[0];
  const head = [
    `${run.media.legs} legs`,
    'target',
    ...beside.map((each) => each.name),
    name,
    floor === undefined ? '' : `/ ${floor.name}`,
    'ok',
  ];
  const rows = ROWS.map((row) => {
    const value = row.of(run);
    const floorValue = floor === undefined ? undefined : row.of(floor.run);
    const ratio = value === undefined || !floorValue ? undefined : value / floorValue;
    return [
      row.measure,
      row.target !== undefined
        ? `<= ${row.target}`
        : row.floors !== undefined
          ? `<= ${row.floors} floors`
          : '',
      ...beside.map((each) => cell(row.of(each.run), row.digits)),
      cell(value, row.digits),
      ratio === undefined ? '' : cell(ratio, 2),
      verdict(value, row.target) ?? verdict(ratio, row.floors) ?? '',
    ];
  });
  return renderTable(head, rows);
}

function verdict(value: number | undefined, most: number | undefined): string | undefined {
  if (value === undefined || Number.isNaN(value) || most === undefined) {
    return undefined;
  }
  return value <= most ? 'yes' : 'NO';
}

/** Arrivals, a column for each number of legs that came at once. */
export function arrivalTable(name: string, runs: readonly ArrivalRun[]): string {
  const head = [`${name}: legs that arrive at once`, ...runs.map((run) => String(run.newcomers))];
  return renderTable(
    head,
    ARRIVAL_ROWS.map(({ measure, of, digits }) => [measure, ...runs.map((run) => cell(of(run), digits))]),
  );
}

/** The windows after a freeze, and the verdict. */
export function freezeTable(legs: number, freeze: FreezeResult): string {
  const rows = freeze.windows.map((window) => [
    String(window.fromMs),
    cell(window.framesHeard, 0),
    cell(window.delayMs.count, 0),
    cell(window.delayMs.p50, 1),
    cell(window.delayMs.p99, 1),
    cell(window.delayMs.max, 1),
  ]);
  const back = freeze.onTimeAfterMs;
  const verdict =
    back === undefined
      ? `not back under ${ON_TIME_MS} ms within ${FREEZE_WATCH_MS} ms`
      : `back under ${ON_TIME_MS} ms (p99) after ${back} ms`;
  const met = back !== undefined && back <= BACK_WITHIN_MS;
  return [
    `${legs} legs, server stopped for ${cell(freeze.frozenMs, 0)} ms; delay by time since it went on:`,
    renderTable(['ms after', 'frames', 'delay known', 'p50 ms', 'p99 ms', 'max ms'], rows),
    `${verdict}; target <= ${BACK_WITHIN_MS} ms: ${met ? 'yes' : 'NO'}`,
  ].join('\n');
}

/** What the legs should have heard and did not. */
function missingPercent({ media }: MediaRun): number {
  return (Math.max(0, media.framesExpected - media.framesHeard) / media.framesExpected) * 100;
}

/** What must not happen on any machine: one sentence each. */
export function failuresOf(run: MediaRun): readonly string[] {
  const { legs, lostLegs, strangerFrames } = run.media;
  const failures: string[] = [];
  if (run.serverDeath !== undefined) {
    failures.push(`at ${legs} legs the server died: ${run.serverDeath}`);
  }
  if (lostLegs.length > 0) {
    const reasons = [...new Set(lostLegs.map((lost) => lost.because))].join(', ');
    failures.push(`at ${legs} legs ${lostLegs.length} were lost: ${reasons}`);
  }
  if (strangerFrames > 0) {
    failures.push(`at ${legs} legs ${strangerFrames} frames were heard by a stranger`);
  }
  return failures;
}

function spreadRows(measure: string, of: (run: MediaRun) => Spread, p99Target?: number): readonly Row[] {
  return [
    { measure: `${measure}, p50`, of: (run) => of(run).p50, digits: 2 },
    {
      measure: `${measure}, p99`,
      of: (run) => of(run).p99,
      digits: 2,
      ...(p99Target === undefined ? {} : { target: p99Target }),
    },
    { measure: `${measure}, max`, of: (run) => of(run).max, digits: 2 },
  ];
}

function megabytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / MEGABYTE;
}
