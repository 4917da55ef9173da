/**
 * The run as tables for people: our hops, our share with its targets, and what else must be known to judge them.
 */

import { percentile } from '../percentiles.ts';
import { cell, renderTable } from '../report-table.ts';
import type { LeftOut, SegmentWay } from './segment-ways.ts';

type Measured = Extract<SegmentWay, { type: 'measured' }>;

/** What our share may be, in ms. */
const OWN_P50_TARGET_MS = 15;
const OWN_P99_TARGET_MS = 40;

const REASONS: Readonly<Record<LeftOut, string>> = {
  queued: 'waited for earlier speech',
  unheard: 'not heard',
  'unknown-source': 'not found in what was said',
  'unknown-at-vendors': 'not found at the vendors',
  broken: 'parts are not the whole',
};

export interface LiveVerdict {
  readonly text: string;
  readonly passed: boolean;
}

/** The hops of the segments that need not queue. */
export function hopsTable(ways: readonly SegmentWay[]): string {
  const measured = measuredOf(ways);
  const rows: readonly (readonly [string, readonly number[]])[] = [
    ["caller's frame -> recogniser", measured.map(({ hops }) => hops.ingressMs)],
    ['result -> translation asked for', measured.flatMap(({ hops }) => hops.toTranslationMs ?? [])],
    ['translation -> speech asked for', measured.flatMap(({ hops }) => hops.toSpeechMs ?? [])],
    ["speech ready and certain -> listener's frame", measured.map(({ hops }) => hops.toListenerMs)],
    ['own share', measured.map(({ parts }) => parts.ownMs)],
    ["  of it, until the caller's next frame filled a packet", measured.map(({ packetMs }) => packetMs)],
    ['  of it, until a frame to the listener was due', measured.map(({ frameMs }) => frameMs)],
    ['  the rest', measured.map(withoutFraming)],
    [
      'own share from the recogniser on, as `interpret` has it',
      measured.map(({ parts, hops }) => parts.ownMs - hops.ingressMs),
    ],
  ];
  return renderTable(
    ['ms', 'n', 'p50', 'p95', 'p99', 'max'],
    rows.map(([name, values]) => [
      name,
      String(values.length),
      ...[50, 95, 99, 100].map((p) => at(values, p)),
    ]),
  );
}

/** Where the whole time went. */
export function partsTable(ways: readonly SegmentWay[]): string {
  const measured = measuredOf(ways);
  const rows: readonly (readonly [string, readonly number[]])[] = [
    ['recognition', measured.map(({ parts }) => parts.sttMs)],
    ['declared waits', measured.map(({ parts }) => parts.declaredMs)],
    ['translation', measured.map(({ parts }) => parts.mtMs)],
    ['synthesis', measured.map(({ parts }) => parts.ttsMs)],
    ['own', measured.map(({ parts }) => parts.ownMs)],
    ['end of the last word -> first sound', measured.map(({ wholeMs }) => wholeMs)],
    [
      'the same, turns spoken as one segment',
      measured.filter(({ wholeTurn }) => wholeTurn).map(({ wholeMs }) => wholeMs),
    ],
  ];
  return renderTable(
    ['ms', 'n', 'mean', 'p50', 'p95'],
    rows.map(([name, values]) => [
      name,
      String(values.length),
      cell(values.reduce((sum, value) => sum + value, 0) / values.length, 0),
      at(values, 50),
      at(values, 95),
    ]),
  );
}

/** The targets. A run in which nothing was measured, or something failed, has not passed. */
export function verdict(ways: readonly SegmentWay[], troubles: readonly string[]): LiveVerdict {
  const measured = measuredOf(ways);
  const own = measured.map(({ parts }) => parts.ownMs);
  const broken = ways.filter((way) => way.type === 'left-out' && way.why === 'broken').length;
  const lost = ways.filter((way) => way.type === 'left-out' && way.why !== 'queued').length - broken;
  const lines = [
    limited('own share, segments that need not queue, p50, ms', valueAt(own, 50), OWN_P50_TARGET_MS, 1),
    limited('own share, segments that need not queue, p99, ms', valueAt(own, 99), OWN_P99_TARGET_MS, 1),
    limited('segments whose parts are not the whole within 1 ms', broken, 0, 0),
    limited('segments that were not found again', lost, 0, 0),
    limited('legs lost, utterances failed, and other troubles', troubles.length, 0, 0),
  ];
  const table = renderTable(
    ['measure', 'target', 'result', ''],
    lines.map(({ measure, target, shown, met }) => [measure, target, shown, met ? 'PASS' : 'FAIL']),
  );
  return {
    text: [table, ...troubles.map((trouble) => `  ${trouble}`)].join('\n'),
    passed: lines.every(({ met }) => met),
  };
}

/** How many segments there were, and what became of them, in one line. */
export function countsLine(ways: readonly SegmentWay[]): string {
  const measured = measuredOf(ways);
  const reasons = Object.entries(REASONS).flatMap(([why, text]) => {
    const count = ways.filter((way) => way.type === 'left-out' && way.why === why).length;
    return count === 0 ? [] : [`${count} ${text}`];
  });
  const ahead = measured.filter((way) => way.ahead).length;
  const byTimer = measured.filter((way) => way.byTimer).length;
  return (
    `${ways.length} segments: ${measured.length} measured (${ahead} worked on ahead, ${byTimer} decided by time), ` +
    `left out: ${reasons.join(', ') || 'none'}`
  );
}

function measuredOf(ways: readonly SegmentWay[]): readonly Measured[] {
  return ways.filter((way) => way.type === 'measured');
}

function withoutFraming({ parts, packetMs, frameMs }: Measured): number {
  return parts.ownMs - packetMs - frameMs;
}

function limited(measure: string, value: number, limit: number, digits: number) {
  return { measure, target: `<= ${limit}`, shown: cell(value, digits), met: value <= limit };
}

function at(values: readonly number[], percent: number): string {
  return cell(valueAt(values, percent), 1);
}

function valueAt(values: readonly number[], percent: number): number {
  return percentile(Float64Array.from(values).sort(), percent);
}
