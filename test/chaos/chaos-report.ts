/** What the rows say to people: whether each reached its target, and one table of all. */

import { cell, renderTable } from '../bench/report-table.ts';
import type { Row } from './chaos-run.ts';

/** What a machine that runs the harness too adds to a length of silence, in ms. */
const TOLERANCE_MS = 100;

/**
 * Frames that are less even than this before anything happened are the machine's doing, and pacing cannot be judged.
 */
const QUIET_MACHINE_MS = 5;

/** The row in which nothing is broken: what becomes of frames in it, the machine does by itself. */
export const YARDSTICK = 'nothing';

/**
 * How much less even frames are since the fault, in ms at the 99th percentile, beyond what they became in the
 * yardstick; undefined where the machine was too busy before anything happened for that to be told.
 */
export function pacingMovedMs(row: Row, yardstick: Row | undefined): number | undefined {
  const machineMs = yardstick === undefined ? 0 : worseMs(yardstick);
  const quiet = [row, ...(yardstick === undefined ? [] : [yardstick])].every(
    ({ facts }) => facts.pacingBeforeMs <= QUIET_MACHINE_MS,
  );
  return quiet ? worseMs(row) - Math.max(0, machineMs) : undefined;
}

function worseMs({ facts }: Row): number {
  return facts.pacingMs - facts.pacingBeforeMs;
}

/**
 * What a row missed, a few words each; empty when it reached its target.
 * @param yardstick the row in which nothing was broken, where it was run.
 */
export function missesOf(row: Row, yardstick?: Row): readonly string[] {
  const { fault, facts, extra, death } = row;
  const { target } = fault;
  const unheard = facts.untranslated - facts.asSpoken;
  const missed =
    target.words === 'none-lost' ? facts.untranslated : target.words === 'none-unheard' ? unheard : 0;
  const lost = missed > (target.spoilt ?? 0) ? missed : 0;
  const allowedMs =
    Math.max(target.deadAirMs ?? Number.POSITIVE_INFINITY, facts.deadAirBeforeMs) + TOLERANCE_MS;
  const {
    frameGapMs = Number.POSITIVE_INFINITY,
    pacingWorseMs = Number.POSITIVE_INFINITY,
    translatedAgainMs = Number.POSITIVE_INFINITY,
    growth = {},
  } = target;
  return [
    ...(death === undefined ? [] : [`the server died: ${death}`]),
    ...(facts.words === 0 ? ['nothing was said'] : []),
    ...(facts.dropped.length === 0 ? [] : [`${facts.dropped.length} legs dropped`]),
    ...(lost === 0 ? [] : [`${lost} lost`]),
    ...(facts.twice === 0 ? [] : [`${facts.twice} twice`]),
    ...(facts.strange === 0 ? [] : [`${facts.strange} words in another call`]),
    ...(facts.deadAirMs <= allowedMs ? [] : ['dead air']),
    ...(facts.frameGapMs <= frameGapMs ? [] : ['no frames']),
    ...(facts.translatedAgainMs <= translatedAgainMs ? [] : ['translated again late']),
    ...((pacingMovedMs(row, yardstick) ?? 0) > pacingWorseMs ? ['pacing'] : []),
    ...Object.entries(growth).flatMap(([name, most]) =>
      (extra[name] ?? Number.POSITIVE_INFINITY) <= most ? [] : [`${name} grew`],
    ),
  ];
}

/** Words that were heard in no way, in the speaker's own voice, and twice; in brackets what was before the fault. */
const HEAD = [
  'fault',
  'dead air s',
  'gap ms',
  'words',
  'lost',
  'own',
  'twice',
  'lag s',
  'back s',
  'drops',
  'pacing ms',
  'moved ms',
  'missed',
];

export function chaosTable(rows: readonly Row[], yardstick: Row | undefined): string {
  return renderTable(
    HEAD,
    rows.map((row) => cellsOf(row, yardstick)),
  );
}

function cellsOf(row: Row, yardstick: Row | undefined): readonly string[] {
  const { fault, facts } = row;
  const misses = missesOf(row, yardstick);
  const movedMs = row === yardstick ? undefined : pacingMovedMs(row, yardstick);
  return [
    fault.name,
    `${cell(facts.deadAirMs / 1_000, 1)} (${cell(facts.deadAirBeforeMs / 1_000, 1)})`,
    cell(facts.frameGapMs, 0),
    cell(facts.words, 0),
    cell(facts.untranslated - facts.asSpoken, 0),
    cell(facts.asSpoken, 0),
    cell(facts.twice, 0),
    `${cell(facts.lagMs / 1_000, 1)} (${cell(facts.lagBeforeMs / 1_000, 1)})`,
    cell(facts.recoveredMs / 1_000, 1),
    cell(facts.dropped.length, 0),
    `${cell(facts.pacingMs, 0)} (${cell(facts.pacingBeforeMs, 0)})`,
    movedMs === undefined ? '-' : cell(movedMs, 0),
    misses.join(', ') || '-',
  ];
}
