/**
 * The runs as tables for people: what was aimed at beside what came out. The clock is not the machine's, so a target
 * that is missed is missed on every machine, and fails the bench.
 */

import { cell, renderTable } from '../report-table.ts';
import type { Reduction, Summary } from './summary.ts';

/** One number with its target, if it has one. */
export interface Line {
  readonly measure: string;
  /** As people read it. */
  readonly shown: string;
  readonly target?: string;
  /** Undefined without a target. */
  readonly met?: boolean;
}

/** What was run; what was not is left out of the report. */
export interface InterpretRuns {
  /** The same turns by policy, standard profile. */
  readonly byPolicy: ReadonlyMap<string, Summary>;
  /** How much lower the clause policy's LAAL is than another policy's. */
  readonly reductions: ReadonlyMap<string, Reduction>;
  /** The same against the turn policy as it runs, which our own endpointing ends in long turns before they are over. */
  readonly againstUtterances: Reduction | undefined;
  /** Turns of one clause, clause policy, by profile. */
  readonly oneClause: ReadonlyMap<string, Summary>;
  /** The same turns with recognition that revises and never says that it will not. */
  readonly revising: Summary | undefined;
  readonly monologues: Summary | undefined;
}

/** The targets, one line each. */
export function targetLines(runs: InterpretRuns): readonly Line[] {
  return [
    ...firstSoundLines(runs),
    ...lagLines(runs),
    ...backlogLines(runs.monologues),
    ...truthLines(runs),
    ...costLines(runs.byPolicy.get('clause')),
  ];
}

export function renderLines(lines: readonly Line[]): string {
  return renderTable(
    ['measure', 'target', 'result', ''],
    lines.map(({ measure, target, shown, met }) => [
      measure,
      target ?? '',
      shown,
      met === undefined ? '' : met ? 'PASS' : 'FAIL',
    ]),
  );
}

/** The policies side by side. */
export function policyTable(byPolicy: ReadonlyMap<string, Summary>): string {
  const head = [
    's',
    'turns',
    'start offset',
    'LAAL',
    'AL',
    'DAL',
    'YAAL',
    'ATD',
    'p90',
    'end offset',
    'p90',
    'ear-voice',
    'segments',
  ];
  return renderTable(
    head,
    [...byPolicy].map(([policy, summary]) => [
      policy,
      String(summary.turns),
      seconds(summary.startOffsetMs.mean),
      seconds(summary.laalMs.mean),
      seconds(summary.alMs.mean),
      seconds(summary.dalMs.mean),
      seconds(summary.yaalMs.mean),
      seconds(summary.atdMs.mean),
      seconds(summary.atdMs.p90),
      seconds(summary.endOffsetMs.mean),
      seconds(summary.endOffsetMs.p90),
      seconds(summary.earVoiceMs.mean),
      String(summary.segments),
    ]),
  );
}

/** Where the time between the end of a segment's last word and its first sound went. */
export function waysTable(byName: ReadonlyMap<string, Summary>): string {
  const head = [
    'ms, mean (p99)',
    'recognition',
    'declared waits',
    'translation',
    'synthesis',
    'queue',
    'own',
  ];
  return renderTable(
    head,
    [...byName].map(([name, { parts }]) => [
      name,
      ...[parts.sttMs, parts.declaredMs, parts.mtMs, parts.ttsMs, parts.queueMs, parts.ownMs].map(
        ({ mean, p99 }) => `${cell(mean, 0)} (${cell(p99, 0)})`,
      ),
    ]),
  );
}

function firstSoundLines({ oneClause }: InterpretRuns): readonly Line[] {
  const turns = oneClause.get('standard');
  const standard = turns?.afterSpeechWholeMs;
  const reported = oneClause.get('reported')?.afterSpeechWholeMs;
  const slow = oneClause.get('slow')?.afterSpeechWholeMs;
  const name = 'end of speech to first sound, one clause';
  return [
    ...(standard === undefined
      ? []
      : [atMost(`${name}, p50, ms`, standard.p50, 650, 0), atMost(`${name}, p95, ms`, standard.p95, 950, 0)]),
    ...(reported === undefined ? [] : [below(`${name}, p95, reported engines, ms`, reported.p95, 480, 0)]),
    ...(turns === undefined
      ? []
      : [
          plain(
            'one-clause turns cut in two or more, left out, %',
            cell((100 * turns.cutTurns) / turns.turns, 1),
          ),
        ]),
    ...(slow === undefined ? [] : [plain(`${name}, p95, slow engines, ms`, cell(slow.p95, 0))]),
  ];
}

function lagLines({ byPolicy, reductions, againstUtterances }: InterpretRuns): readonly Line[] {
  const clause = byPolicy.get('clause');
  const lines: Line[] = [];
  for (const [policy, least] of [
    ['turn', 65],
    ['sentence', 40],
  ] as const) {
    const reduction = reductions.get(policy);
    if (reduction !== undefined) {
      lines.push({
        measure: `LAAL below the ${policy} policy, % (95 % of draws)`,
        target: `>= ${least}`,
        shown: shareOf(reduction),
        met: reduction.share * 100 >= least,
      });
    }
  }
  if (againstUtterances !== undefined) {
    lines.push(plain('LAAL below the turn policy on utterances, %', shareOf(againstUtterances)));
  }
  return clause === undefined
    ? lines
    : [
        ...lines,
        atMost('ATD, mean, s', clause.atdMs.mean / 1_000, 2.8, 2),
        atMost('ATD, p90, s', clause.atdMs.p90 / 1_000, 3.4, 2),
      ];
}

function backlogLines(monologues: Summary | undefined): readonly Line[] {
  if (monologues === undefined) {
    return [];
  }
  const { worstBacklogSlope, waitedMs, queuedMs, tempo, mostTempo } = monologues;
  return [
    atMost('monologue, backlog slope, worst speaker, s/s', worstBacklogSlope, 0.01, 4),
    atMost('monologue, backlog (wait for earlier speech), p99, s', waitedMs.p99 / 1_000, 2.5, 2),
    plain(
      'monologue, speech waiting, p50 and p99, s',
      `${seconds(queuedMs.p50)} and ${seconds(queuedMs.p99)}`,
    ),
    plain('monologue, tempo, p95 of the time', tempo.p95.toFixed(2)),
    atMost('monologue, tempo, most', mostTempo, 1.3, 3),
  ];
}

function truthLines({ byPolicy, revising, monologues }: InterpretRuns): readonly Line[] {
  const lines: Line[] = [];
  const named = [
    ['', byPolicy.get('clause')],
    [', recognition that revises', revising],
    [', monologue', monologues],
  ] as const;
  for (const [where, summary] of named) {
    if (summary !== undefined) {
      lines.push(
        atMost(`spoken erasure${where}`, summary.spokenErasure, 0, 3),
        atMost(
          `contradicted words${where}, %`,
          (100 * summary.contradictedWords) / summary.spokenWords,
          1,
          2,
        ),
        atMost(
          `words of which nothing was heard${where}, %`,
          (100 * summary.lostWords) / summary.words,
          1,
          2,
        ),
      );
    }
  }
  const clause = byPolicy.get('clause');
  return clause === undefined ? lines : [...lines, plain('caption erasure', cell(clause.captionErasure, 3))];
}

function costLines(clause: Summary | undefined): readonly Line[] {
  if (clause === undefined) {
    return [];
  }
  const { speculation, ownAtOnceMs, brokenWays } = clause;
  const { segments, hits, mtCalls, ttsCharacters, wastedTtsCharacters } = speculation;
  return [
    plain('segments translated ahead, %', ((100 * hits) / segments).toFixed(1)),
    atMost('translations asked for, per segment', mtCalls / segments, 1.7, 2),
    atMost('characters synthesised for nothing, %', (100 * wastedTtsCharacters) / ttsCharacters, 25, 1),
    atMost('own share, segments that need not queue, p50, ms', ownAtOnceMs.p50, 15, 1),
    atMost('own share, segments that need not queue, p99, ms', ownAtOnceMs.p99, 40, 1),
    atMost('segments whose parts are not their whole', brokenWays, 0, 0),
  ];
}

function atMost(measure: string, value: number, target: number, digits: number): Line {
  return { measure, target: `<= ${target}`, shown: cell(value, digits), met: value <= target };
}

function below(measure: string, value: number, target: number, digits: number): Line {
  return { measure, target: `< ${target}`, shown: cell(value, digits), met: value < target };
}

function plain(measure: string, shown: string): Line {
  return { measure, shown };
}

function seconds(ms: number): string {
  return cell(ms / 1_000, 2);
}

function shareOf({ share, low, high }: Reduction): string {
  const percent = (value: number): string => cell(value * 100, 1);
  return `${percent(share)} (${percent(low)} to ${percent(high)})`;
}
