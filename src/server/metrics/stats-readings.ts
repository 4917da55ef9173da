/**
 * What the metrics are at one moment, from the server's own account of itself. A pure reading: counters here are
 * totals since the process started; whoever exports them works out what was added.
 */

import { ERROR_CATALOGUE, type ErrorCategory } from '../../base/errors.ts';
import type { Noted } from '../../interpret/interpreter.ts';
import type { ServerStats } from '../server-stats.ts';
import type { MetricName } from './metric-catalogue.ts';

export interface Reading {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The values of the label `what`: whatever else is noted is `other`. */
const NOTED: Readonly<Record<Noted, true>> = {
  'draft-hit': true,
  'draft-miss': true,
  'cache-hit': true,
  'cache-miss': true,
  repaired: true,
  'contradicted-word': true,
  echo: true,
  listening: true,
  'same-language': true,
  'not-speech': true,
};

export type Severity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

/** Every counter and gauge that the statistics tell of. */
export function readingsOf(stats: ServerStats): readonly Reading[] {
  return [
    reading('frames_processed_total', stats.framesIn, { direction: 'in' }),
    reading('frames_processed_total', stats.framesOut, { direction: 'out' }),
    reading('audio_bytes_processed_total', stats.audioBytesIn, { direction: 'in' }),
    reading('audio_bytes_processed_total', stats.audioBytesOut, { direction: 'out' }),
    ...tally('translations_completed_total', stats.utterances, (outcome) => ({ outcome })),
    reading('words_translated_total', stats.wordsTranslated),
    ...tally('dragoman_interpreting_total', stats.noted, (what) => ({
      what: isNoted(what) ? what : 'other',
    })),
    reading('translation_cache_hit_rate', cacheHitRate(stats.noted)),
    ...tally('errors_total', stats.errors, errorLabels),
    ...tally('recoveries_total', stats.interpreterRecoveries, (success) => ({
      component: 'interpreter',
      // A new interpreter is the reset of a component, the second of the four tiers of recovery.
      tier: 'hard',
      success,
    })),
    reading('active_channels', stats.legsActive),
    reading('dragoman_calls_active', stats.callsActive),
    ...tally('dragoman_legs', stats.legsByState, (state) => ({ state })),
    reading('dragoman_legs_limit', stats.maxLegs),
    reading('dragoman_draining', stats.draining ? 1 : 0),
    reading('dragoman_media_threads', stats.mediaThreads),
    reading('dragoman_connections_accepted_total', stats.connectionsAccepted),
    ...tally('dragoman_connections_refused_total', stats.connectionsRefused, (reason) => ({ reason })),
    ...tally('dragoman_legs_ended_total', stats.legsEnded, (reason) => ({ reason })),
    ...tally('dragoman_queue_dropped_total', stats.dropped, (queue) => ({ queue })),
    reading('dragoman_frames_forgiven_total', stats.framesForgiven),
    reading('dragoman_frames_missing_total', stats.framesMissing),
    reading('dragoman_playout_backlog_seconds', stats.longestBacklogMs / 1_000),
    reading('dragoman_cues_total', stats.cues),
    reading('dragoman_interruptions_total', stats.interruptions),
    reading('dragoman_media_restarts_total', stats.mediaRestarts),
    reading('dragoman_illegal_transitions_total', stats.illegalTransitions),
    reading('dragoman_dtmf_keys_total', stats.dtmfKeys),
  ];
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

function isNoted(what: string): what is Noted {
  return Object.hasOwn(NOTED, what);
}

function cacheHitRate(noted: ReadonlyMap<string, number>): number {
  const hits = noted.get('cache-hit') ?? 0;
  const misses = noted.get('cache-miss') ?? 0;
  return hits === 0 ? 0 : hits / (hits + misses);
}

function categoryOf(code: string): ErrorCategory | undefined {
  return Object.entries(ERROR_CATALOGUE).find(([known]) => known === code)?.[1].category;
}

function errorLabels(name: string): Record<string, string> {
  const [component = 'unknown', code = 'unknown'] = name.split(' ');
  return { component, error_type: code, severity: severityOf(code) };
}

function reading(metric: MetricName, value: number, labels: Record<string, string> = {}): Reading {
  return { metric, labels, value };
}

function tally(
  metric: MetricName,
  counts: ReadonlyMap<string, number>,
  labels: (name: string) => Record<string, string>,
): readonly Reading[] {
  return [...counts].map(([name, count]) => reading(metric, count, labels(name)));
}
