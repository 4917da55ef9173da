/** What the rows say to people: whether each reached its target, and one table of all. */

import { cell, renderTable } from '../bench/report-table.ts';
import type { Row } from './chaos-run.ts';

/** What a machine that runs the harness too adds to a length of silence, in ms. */
const TOLERANCE_MS = 100;

/**
 * Frames that are less even than this before anything happened are the machine's doing, and pacing cannot be judged.
 */
const QUIET_MACHINE_MS = 5;

/** Whether the machine was quiet enough for pacing to be judged. */
export function judgesPacing({ facts }: Row): boolean {
  return facts.pacingBeforeMs <= QUIET_MACHINE_MS;
}

/** What a row missed, a few words each; empty when it reached its target. */
export function missesOf(row: Row): readonly string[] {
  const { fault, facts, extra, death } = row;
  const { target } = fault;
  const unheard = facts.untranslated - facts.asSpoken;
  const lost =
    target.words === 'none-lost' ? facts.untranslated : target.words === 'none-unheard' ? unheard : 0;
  const allowedMs =
    Math.max(target.deadAirMs ?? Number.POSITIVE_INFINITY, facts.deadAirBeforeMs) + TOLERANCE_MS;
  const {
    frameGapMs = Number.POSITIVE_INFINITY,
    pacingWorseMs = Number.POSITIVE_INFINITY,
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
    ...(judgesPacing(row) && facts.pacingMs - facts.pacingBeforeMs > pacingWorseMs ? ['pacing'] : []),
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
  'missed',
];

export function chaosTable(rows: readonly Row[]): string {
  return renderTable(HEAD, rows.map(cellsOf));
}

function cellsOf(row: Row): readonly string[] {
  const { fault, facts } = row;
  const misses = missesOf(row);
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
    misses.join(', ') || '-',
  ];
}
