/**
 * The runs of the media benchmark as tables for people. A missed target is marked, never an error: numbers depend
 * on the machine. What is an error on any machine is said by `failuresOf`.
 */

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
}

const ROWS: readonly Row[] = [
  { measure: 'legs lost', of: (run) => run.media.lostLegs.length, digits: 0, target: 0 },
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
    target: 0.25,
  },
  { measure: 'server memory idle, MB', of: (run) => megabytes(run.server?.residentBytesIdle), digits: 1 },
  {
    measure: 'server memory per leg, MB',
    of: (run) => megabytes(run.server?.residentBytesPerLeg),
    digits: 3,
    target: 1,
  },
  { measure: 'server memory peak, MB', of: (run) => megabytes(run.server?.peakResidentBytes), digits: 1 },
  { measure: 'generator CPU, % of a core', of: (run) => run.generatorCpuPercent, digits: 1 },
  ...spreadRows('generator late to send, ms', (run) => run.media.sendLatenessMs),
];

/** One table, a column per run. */
export function mediaTable(runs: readonly MediaRun[]): string {
  const head = ['', 'target', ...runs.map((run) => `${run.media.legs} legs`), 'ok'];
  const rows = ROWS.map((row) => {
    const values = runs.map((run) => row.of(run));
    const target = row.target;
    const known = values.every((value) => value !== undefined && !Number.isNaN(value));
    const met = values.every((value) => (value ?? 0) <= (target ?? 0));
    return [
      row.measure,
      target === undefined ? '' : `<= ${target}`,
      ...values.map((value) => cell(value, row.digits)),
      target === undefined || !known ? '' : met ? 'yes' : 'NO',
    ];
  });
  return renderTable(head, rows);
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
