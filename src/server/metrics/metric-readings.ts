/**
 * How a metric is read from what the server shows of itself: what the rows of the catalogue are made of. All are pure;
 * counters are totals since the process started, and whoever exports them works out what was added.
 */

import { ABOVE, SUM } from '../../base/bucket-counts.ts';
import type { CountSums } from '../../base/counts.ts';
import type { Language } from '../../base/language.ts';
import { type NodesView, SHOWN_NODE_STATES } from '../../cluster/nodes-view.ts';
import { SERVICE_HEALTHS, type ServiceHealth } from '../../engines/resilience/health-window.ts';
import { CHARGED, NOTED } from '../../interpret/noted.ts';
import { successRate, type UtteranceCounts } from '../http/service-health.ts';
import type { InterpretingView } from '../interpreting/interpreting-view.ts';
import type { ServerState } from '../server-view.ts';

/** A value and the labels it is under. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A histogram and the labels it is under. */
export interface BucketReading {
  readonly labels: Readonly<Record<string, string>>;
  /** How many values there were up to each bound, and in all under `+Inf`; bounds are in the unit of the metric. */
  readonly upTo: readonly (readonly [bound: string, count: number])[];
  readonly count: number;
  readonly sum: number;
}

/** Everything that is read at one moment. */
export interface Moment {
  readonly totals: CountSums;
  readonly state: ServerState;
  readonly interpreting: InterpretingView;
  readonly health: ServiceHealth;
  /** The latest utterances. */
  readonly utterances: UtteranceCounts;
  readonly uptimeS: number;
  /** The nodes that serve together with this one; undefined: it serves alone. */
  readonly nodes: NodesView | undefined;
  readonly version: string;
  /** What a language is labelled: one that is not of the configuration is `other`. */
  readonly labelOf: (language: Language) => string;
}

export type Read = (moment: Moment) => readonly Reading[];
export type ReadBuckets = (moment: Moment) => readonly BucketReading[];

/** What is counted under `name`; `unit` is how many of what is counted make one of the metric. */
export function count(name: string, unit = 1): Read {
  return ({ totals }) => [{ labels: {}, value: totals.number(name) / unit }];
}

/** Several counts, added up. */
export function sumOf(...names: readonly string[]): Read {
  return ({ totals }) => [{ labels: {}, value: names.reduce((sum, name) => sum + totals.number(name), 0) }];
}

/** How many of what is counted under `begun` have not ended. */
export function running(begun: string, ended: string): Read {
  return ({ totals }) => [{ labels: {}, value: totals.number(begun) - totals.number(ended) }];
}

/** Several counts of one metric, each with a value of `label`. */
export function counts(label: string, names: Readonly<Record<string, string>>): Read {
  return ({ totals }) =>
    Object.entries(names).map(([name, value]) => ({
      labels: { [label]: value },
      value: totals.number(name),
    }));
}

/** A tally, each of its words a value of `label`. */
export function tally(name: string, label: string): Read {
  return ({ totals }) => labelled(label, totals.tally(name));
}

/** A tally whose words are several, joined with spaces, each the value of a label; `unit` as of {@link count}. */
export function wordTally(name: string, labels: readonly string[], unit = 1): Read {
  return ({ totals }) =>
    [...totals.tally(name)].map(([words, value]) => {
      const split = words.split(' ');
      const labelled = labels.map((label, index) => [label, split[index] ?? 'unknown'] as const);
      return { labels: Object.fromEntries(labelled), value: value / unit };
    });
}

/**
 * A reading that has a zero for what never happened: Prometheus cannot tell what was added to a series that begins
 * with its first value.
 */
export function fromZero(read: Read, sets: readonly Reading['labels'][]): Read {
  return (moment) => {
    const readings = read(moment);
    const known = new Set(readings.map(({ labels }) => JSON.stringify(labels)));
    return [
      ...sets.filter((labels) => !known.has(JSON.stringify(labels))).map((labels) => ({ labels, value: 0 })),
      ...readings,
    ];
  };
}

/** Each word as a value of `label`. */
export function each(label: string, words: readonly string[]): readonly Reading['labels'][] {
  return words.map((word) => ({ [label]: word }));
}

/** What is so now. */
export function state(read: (state: ServerState) => number): Read {
  return (moment) => [{ labels: {}, value: read(moment.state) }];
}

/** What is so now, divided by a word. */
export function states(label: string, read: (state: ServerState) => ReadonlyMap<string, number>): Read {
  return (moment) => labelled(label, read(moment.state));
}

/** What interpreters noted; a word that is not in the list is `other`. What is charged for is counted by engine. */
export function noted({ totals }: Moment): readonly Reading[] {
  const [known, charged]: readonly (readonly string[])[] = [NOTED, CHARGED];
  return [...totals.tally('noted')]
    .filter(([what]) => charged?.includes(what) !== true)
    .map(([what, value]) => ({ labels: { what: known?.includes(what) === true ? what : 'other' }, value }));
}

export function cacheHitRate({ totals }: Moment): readonly Reading[] {
  const hits = totals.tally('noted').get('cache-hit') ?? 0;
  const misses = totals.tally('noted').get('cache-miss') ?? 0;
  return [{ labels: {}, value: hits === 0 ? 0 : hits / (hits + misses) }];
}

/** Histograms that objects keep, by a word each or by none; `unit` is how many of what is counted make one. */
export function buckets(names: Readonly<Record<string, string>>, label?: string, unit = 1): ReadBuckets {
  return ({ totals }) =>
    Object.entries(names).map(([name, word]) => ({
      labels: label === undefined ? {} : { [label]: word },
      ...addedUp(totals.tally(name), unit),
    }));
}

/** Pieces that wait, by queue. */
export function depths({ totals, state: { framesUnheard, segmentsWaiting } }: Moment): readonly Reading[] {
  const underWay = new Map<string, number>();
  for (const [words, value] of totals.tally('engineUnderWay')) {
    const [component = '', , operation = ''] = words.split(' ');
    const queue = `${component} ${operation}`;
    underWay.set(queue, (underWay.get(queue) ?? 0) + value);
  }
  const of = (operation: string): number => underWay.get(operation) ?? 0;
  return Object.entries({
    inbound: framesUnheard,
    stt: of('stt final') + of('s2s catch-up'),
    mt: of('mt translate'),
    tts: of('tts first-sound'),
    playout: segmentsWaiting,
  }).map(([queue, value]) => ({ labels: { queue }, value }));
}

/** What came of the operations of each engine, those of its trials included. */
export function operations({ interpreting }: Moment): readonly Reading[] {
  return interpreting.engines().flatMap(({ component, engine, operations: kinds }) =>
    kinds.flatMap(({ operation, done, failed }) => [
      { labels: { component, engine, operation, outcome: 'done' }, value: done },
      { labels: { component, engine, operation, outcome: 'failed' }, value: failed },
    ]),
  );
}

export function engineHealth({ interpreting }: Moment): readonly Reading[] {
  return interpreting.health().map(({ component, engine, state: health }) => ({
    labels: { component, engine },
    value: SERVICE_HEALTHS.indexOf(health),
  }));
}

/** Directions that are to be interpreted, 1 where they are. */
export function directionsServed({ interpreting, labelOf }: Moment): readonly Reading[] {
  return interpreting.directions().map(({ from, to, state: served }) => ({
    labels: { source_lang: labelOf(from), target_lang: labelOf(to) },
    value: served === 'served' ? 1 : 0,
  }));
}

export function parties({ state: { partiesByLanguage }, labelOf }: Moment): readonly Reading[] {
  return [...partiesByLanguage].map(([language, value]) => ({
    labels: { language: labelOf(language) },
    value,
  }));
}

export function renderings({ state: { renderings: directions }, labelOf }: Moment): readonly Reading[] {
  return directions.map(({ from, to, count: value }) => ({
    labels: { source_lang: labelOf(from), target_lang: labelOf(to) },
    value,
  }));
}

export function threadTimes({ state: { threads } }: Moment): readonly Reading[] {
  return threads.map(({ name, ranMs }) => ({ labels: { thread: name }, value: ranMs / 1_000 }));
}

/** Nodes that serve together, by how they are; none where this one serves alone. */
export function clusterMembers({ nodes }: Moment): readonly Reading[] {
  const states = nodes?.nodes().map(({ state }) => state);
  return states === undefined
    ? []
    : SHOWN_NODE_STATES.map((state) => ({
        labels: { state },
        value: states.filter((each) => each === state).length,
      }));
}

export function clusterConnected({ nodes }: Moment): readonly Reading[] {
  return nodes === undefined ? [] : [{ labels: {}, value: nodes.link.connected ? 1 : 0 }];
}

export function clusterRecords({ nodes }: Moment): readonly Reading[] {
  return nodes === undefined ? [] : [{ labels: {}, value: nodes.records }];
}

/** Legs that are passed on to other nodes now. */
export function relayedLegs({ totals }: Moment): readonly Reading[] {
  const ended = [...totals.tally('relaysEnded').values()].reduce((sum, count) => sum + count, 0);
  return [{ labels: {}, value: totals.number('relaysBegun') - ended }];
}

export function buildInfo({ version }: Moment): readonly Reading[] {
  return [{ labels: { version }, value: 1 }];
}

export function serviceHealth({ health }: Moment): readonly Reading[] {
  return [{ labels: {}, value: SERVICE_HEALTHS.indexOf(health) }];
}

export function interpretedShare({ utterances }: Moment): readonly Reading[] {
  return [{ labels: {}, value: successRate(utterances) }];
}

export function uptime({ uptimeS }: Moment): readonly Reading[] {
  return [{ labels: {}, value: uptimeS }];
}

/** Errors by component, code and severity, which the tally joins with spaces: `stt engine-died HIGH`. */
export function errors({ totals }: Moment): readonly Reading[] {
  return [...totals.tally('errors')].map(([name, value]) => {
    const [component = 'unknown', code = 'unknown', severity = 'unknown'] = name.split(' ');
    return { labels: { component, error_type: code, severity }, value };
  });
}

/**
 * Steps of recovery, which the tally joins with spaces: `mt failover true`. A new interpreter is the reset of a
 * component, the second of the four tiers.
 */
export function recoveries({ totals }: Pick<Moment, 'totals'>): readonly Reading[] {
  const interpreters = [...totals.tally('recoveries')].map(([success, value]) => ({
    labels: { component: 'interpreter', tier: 'hard', success },
    value,
  }));
  const steps = [...totals.tally('recoverySteps')].map(([step, value]) => {
    const [component = 'unknown', tier = 'unknown', success = 'unknown'] = step.split(' ');
    return { labels: { component, tier, success }, value };
  });
  return [...interpreters, ...steps];
}

/** Operations of engines that took longer than they may lag. */
export function lags({ totals }: Moment): readonly Reading[] {
  return labelled('component', totals.tally('engineLags'));
}

/** What a histogram counted, added up from bound to bound as Prometheus wants it. */
function addedUp(
  entries: ReadonlyMap<string, number>,
  unit: number,
): Pick<BucketReading, 'upTo' | 'count' | 'sum'> {
  let count = 0;
  const upTo: (readonly [string, number])[] = [];
  for (const [bound, values] of entries) {
    if (bound !== SUM) {
      count += values;
      upTo.push([bound === ABOVE ? bound : String(Number(bound) / unit), count]);
    }
  }
  return { upTo, count, sum: (entries.get(SUM) ?? 0) / unit };
}

function labelled(label: string, values: ReadonlyMap<string, number>): readonly Reading[] {
  return [...values].map(([word, value]) => ({ labels: { [label]: word }, value }));
}
