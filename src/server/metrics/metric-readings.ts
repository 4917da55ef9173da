/**
 * How a metric is read from what the server shows of itself: what the rows of the catalogue are made of. All are pure;
 * counters are totals since the process started, and whoever exports them works out what was added.
 */

import type { CountSums } from '../../base/counts.ts';
import { ERROR_CATALOGUE, type ErrorCategory } from '../../base/errors.ts';
import { NOTED } from '../../interpret/noted.ts';
import type { ServerState } from '../server-view.ts';

/** A value and the labels it is under. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Everything that is read at one moment. */
export interface Moment {
  readonly totals: CountSums;
  readonly state: ServerState;
}

export type Read = (moment: Moment) => readonly Reading[];

export type Severity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

/** What is counted under `name`; `unit` is how many of what is counted make one of the metric. */
export function count(name: string, unit = 1): Read {
  return ({ totals }) => [{ labels: {}, value: totals.number(name) / unit }];
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

/** What is so now. */
export function state(read: (state: ServerState) => number): Read {
  return (moment) => [{ labels: {}, value: read(moment.state) }];
}

/** What is so now, divided by a word. */
export function states(label: string, read: (state: ServerState) => ReadonlyMap<string, number>): Read {
  return (moment) => labelled(label, read(moment.state));
}

/** What interpreters noted; a word that is not in the list is `other`. */
export function noted({ totals }: Moment): readonly Reading[] {
  const known: readonly string[] = NOTED;
  return [...totals.tally('noted')].map(([what, value]) => ({
    labels: { what: known.includes(what) ? what : 'other' },
    value,
  }));
}

export function cacheHitRate({ totals }: Moment): readonly Reading[] {
  const hits = totals.tally('noted').get('cache-hit') ?? 0;
  const misses = totals.tally('noted').get('cache-miss') ?? 0;
  return [{ labels: {}, value: hits === 0 ? 0 : hits / (hits + misses) }];
}

/** Errors by component and code, which the tally joins with a space: `stt engine-died`. */
export function errors({ totals }: Moment): readonly Reading[] {
  return [...totals.tally('errors')].map(([name, value]) => {
    const [component = 'unknown', code = 'unknown'] = name.split(' ');
    return { labels: { component, error_type: code, severity: severityOf(code) }, value };
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

/** How bad an error of this code is for the people on the line. */
export function severityOf(code: string): Severity {
  if (code === 'engine-died' || code === 'engine-start-failed') {
    // The direction is not translated until another engine has started.
    return 'HIGH';
  }
  const category = categoryOf(code);
  switch (category) {
    case 'peer':
      return 'LOW';
    case 'engine':
    case 'text':
    case undefined:
      // One utterance is late or lost.
      return 'MEDIUM';
    case 'usage':
    case 'machine':
      // Every call fails the same way until the operator acts.
      return 'HIGH';
    case 'internal':
      return 'CRITICAL';
  }
}

function categoryOf(code: string): ErrorCategory | undefined {
  return Object.entries(ERROR_CATALOGUE).find(([known]) => known === code)?.[1].category;
}

function labelled(label: string, values: ReadonlyMap<string, number>): readonly Reading[] {
  return [...values].map(([word, value]) => ({ labels: { [label]: word }, value }));
}
