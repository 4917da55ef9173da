/**
 * Runs with rooms as a table for people, a column for each run, with targets; and what must not happen on any machine.
 * Numbers that depend on the machine are marked where they miss a target, never an error.
 */

import { cell, renderTable } from '../report-table.ts';
import type { Tally } from './room-counts.ts';
import type { RoomRun } from './room-run.ts';

const MEGABYTE = 1_000_000;

export interface Row {
  readonly measure: string;
  readonly of: (run: RoomRun) => number;
  readonly digits: number;
  /** The most it should be, in every run or in this one; a run without is not judged. */
  readonly target?: number | ((run: RoomRun) => number | undefined);
}

/** What a run costs and how evenly it sends. */
export const COST_ROWS: readonly Row[] = [
  { measure: 'server CPU, % of a core', of: ({ serverPercent }) => serverPercent, digits: 1 },
  { measure: '  per party', of: (run) => run.serverPercent / run.wire.legs, digits: 2 },
  { measure: 'server memory idle, MB', of: ({ idleBytes }) => idleBytes / MEGABYTE, digits: 0 },
  { measure: '  at the end of the talk, MB', of: ({ residentBytes }) => residentBytes / MEGABYTE, digits: 0 },
  { measure: '  peak, MB', of: ({ peakBytes }) => peakBytes / MEGABYTE, digits: 0 },
  {
    measure: '  per party, MB',
    of: ({ residentBytes, idleBytes, wire }) => (residentBytes - idleBytes) / wire.legs / MEGABYTE,
    digits: 2,
  },
  { measure: 'pacing error, ms, p50', of: ({ wire }) => wire.pacingErrorMs.p50, digits: 2 },
  { measure: '  p99', of: ({ wire }) => wire.pacingErrorMs.p99, digits: 2, target: 5 },
  { measure: '  max', of: ({ wire }) => wire.pacingErrorMs.max, digits: 2 },
  {
    measure: 'frames missing, %',
    of: ({ wire }) => (wire.framesMissing / wire.framesExpected) * 100,
    digits: 3,
    target: 0.1,
  },
  { measure: 'legs lost', of: ({ wire }) => wire.lostLegs.length, digits: 0, target: 0 },
  { measure: 'vendors CPU, % of a core', of: ({ vendorsPercent }) => vendorsPercent, digits: 1 },
  { measure: 'telephones CPU, % of a core', of: ({ phonesPercent }) => phonesPercent, digits: 1 },
  { measure: 'telephones late to send, ms, p99', of: ({ wire }) => wire.sendLatenessMs.p99, digits: 2 },
  { measure: 'others, % of the machine', of: ({ othersPercent }) => othersPercent, digits: 0 },
];

/** What was opened and asked for. */
export const COUNT_ROWS: readonly Row[] = [
  { measure: 'clauses said', of: ({ counts }) => counts.clauses, digits: 0 },
  {
    measure: 'STT streams opened',
    of: ({ counts }) => counts.streamsOpened,
    digits: 0,
    target: ({ counts }) => counts.streamsWanted,
  },
  { measure: 'sounds that reached recognition broken', of: ({ counts }) => counts.brokenSounds, digits: 0 },
  ...tallyRows('translations', ({ counts }) => counts.translations),
  ...tallyRows('syntheses', ({ counts }) => counts.syntheses),
  {
    measure: 'requests for speech that overlapped',
    of: ({ counts }) => counts.overlaps,
    digits: 0,
    target: 0,
  },
];

/** One table, a column for each run. */
export function roomTable(
  rows: readonly Row[],
  runs: readonly RoomRun[],
  titleOf: (run: RoomRun) => string,
): string {
  return renderTable(
    ['', ...runs.map(titleOf), 'target', 'ok'],
    rows.map((row) => {
      const values = runs.map(row.of);
      const limits = runs.flatMap((run) => limitOf(row, run) ?? []);
      const met = runs.every((run) => row.of(run) <= (limitOf(row, run) ?? Number.POSITIVE_INFINITY));
      return [
        row.measure,
        ...values.map((value) => cell(value, row.digits)),
        limits.length === 0 ? '' : `<= ${[...new Set(limits)].join(', ')}`,
        limits.length === 0 ? '' : met ? 'yes' : 'NO',
      ];
    }),
  );
}

/** What must not happen on any machine: one sentence each. */
export function failuresOf(run: RoomRun, title: string): readonly string[] {
  const { lostLegs } = run.wire;
  return [
    ...(run.serverDeath === undefined ? [] : [`${title}: the server died: ${run.serverDeath}`]),
    ...(lostLegs.length === 0
      ? []
      : [`${title}: legs were lost: ${[...new Set(lostLegs.map(({ because }) => because))].join(', ')}`]),
  ];
}

/**
 * What others may use of the machine, in per cent, and how late telephones may be (p99), where pacing is to be
 * judged.
 */
const MOST_OTHERS_PERCENT = 10;
const MOST_LATENESS_MS = 4;

/** Why the pacing of a run says little of the server: one sentence each. */
export function doubtsOf({ othersPercent, wire }: RoomRun, title: string): readonly string[] {
  const { p99 } = wire.sendLatenessMs;
  return [
    ...(othersPercent > MOST_OTHERS_PERCENT
      ? [`${title}: others used ${cell(othersPercent, 0)} % of the machine`]
      : []),
    ...(p99 > MOST_LATENESS_MS
      ? [`${title}: the telephones themselves were late by ${cell(p99, 0)} ms`]
      : []),
  ];
}

/** Counts that are wrong, whatever the machine: one sentence each. */
export function wrongCounts({ counts, drafts }: RoomRun, title: string): readonly string[] {
  const { streamsOpened, streamsIdle, streamsWanted, brokenSounds } = counts;
  // Who works ahead asks for what turns out otherwise; of sound that a slow machine lost, nobody knows what it said.
  const judged = { missing: brokenSounds === 0, repeated: !drafts };
  const streams = streamsOpened === streamsWanted && streamsIdle === 0;
  return [
    ...(streams
      ? []
      : [
          `${title}: ${streamsOpened} STT streams were opened, ${streamsIdle} of them for nothing; ` +
            `${streamsWanted} parties were to be heard`,
        ]),
    ...wrongTally(`${title}: translations`, counts.translations, judged),
    ...wrongTally(`${title}: syntheses`, counts.syntheses, judged),
  ];
}

function wrongTally(
  what: string,
  { missing, repeated, strange }: Tally,
  judged: { readonly missing: boolean; readonly repeated: boolean },
): readonly string[] {
  return [
    ...(missing.length > 0 && judged.missing
      ? [`${what}: ${missing.length} are missing: ${missing.join(', ')}`]
      : []),
    ...(repeated > 0 && judged.repeated ? [`${what}: ${repeated} were asked for more than once`] : []),
    ...(strange > 0 ? [`${what}: ${strange} were in a language that nobody listens in`] : []),
  ];
}

function tallyRows(name: string, of: (run: RoomRun) => Tally): readonly Row[] {
  return [
    { measure: `${name} asked for`, of: (run) => of(run).asked, digits: 0 },
    {
      measure: '  per segment and language',
      of: (run) => of(run).counted / of(run).wanted,
      digits: 3,
    },
    { measure: '  asked again, the answer being late', of: (run) => of(run).again, digits: 0 },
    { measure: '  missing', of: (run) => of(run).missing.length, digits: 0, target: 0 },
  ];
}

function limitOf({ target }: Row, run: RoomRun): number | undefined {
  return typeof target === 'function' ? target(run) : target;
}
