/**
 * What the histograms observe, from the events of calls and the operations of engines as they happen. Only ids of
 * parties and times are kept, and only while a leg lasts; what is said passes by unread.
 */

import type { Language } from '../../base/language.ts';
import type { CallEvent, SegmentStages, UtteranceReport } from '../../call/call-events.ts';
import type { Observation as OperationEnded } from '../../engines/resilience/operations.ts';
import type { MetricName } from './metric-catalogue.ts';

export interface Observation {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  /** In the unit of the metric. */
  readonly value: number;
}

/** What each stage is called in the `stage` label. */
const STAGES: readonly (readonly [field: keyof UtteranceReport['stages'], stage: string])[] = [
  ['endpointMs', 'endpoint'],
  ['sttMs', 'stt'],
  ['mtMs', 'mt'],
  ['ttsMs', 'tts'],
  ['playoutMs', 'playout'],
  ['endToEndMs', 'end_to_end'],
];

const SEGMENT_STAGES: readonly (readonly [field: keyof SegmentStages, stage: string])[] = [
  ['mtMs', 'mt'],
  ['ttsMs', 'tts'],
  ['queueMs', 'queue'],
];

/** Turns events into observations; remembers when each leg began. */
export class EventObserver {
  readonly #languages: ReadonlySet<Language>;
  /** When the present leg of each party of each call began, in ms since its call did. */
  readonly #legStartsMs = new Map<string, Map<string, number>>();

  /** @param languages those of the configuration; any other is labelled `other`. */
  constructor(languages: ReadonlySet<Language>) {
    this.#languages = languages;
  }

  observe(callId: string, event: CallEvent): readonly Observation[] {
    switch (event.type) {
      case 'utterance':
        return this.#latencies(event.report);
      case 'party-state':
        return event.state === 'DISCONNECTED' || event.state === 'DETACHED'
          ? this.#legEnded(callId, event.party, event.atMs)
          : this.#legRuns(callId, event.party, event.atMs);
      case 'ended':
        this.#legStartsMs.delete(callId);
        return [];
      case 'spoken':
        return event.stages === undefined ? [] : segmentLatencies(event.stages);
      case 'key':
      case 'recording':
      case 'recording-full':
      case 'resumed':
      case 'saying':
      case 'call-changed':
      case 'heard':
      case 'listened':
      case 'party-changed':
      case 'party-unattended':
      case 'uninterpreted':
        return [];
    }
  }

  #latencies({ source, target, startOffsetMs, stages }: UtteranceReport): readonly Observation[] {
    const observations: Observation[] =
      startOffsetMs === undefined
        ? []
        : [{ metric: 'dragoman_start_offset_seconds', labels: {}, value: startOffsetMs / 1_000 }];
    for (const [field, stage] of STAGES) {
      const stageMs = stages[field];
      // A time before the end of speech would pull the mean down and count as the fastest there is.
      if (stageMs !== undefined && stageMs >= 0) {
        observations.push({
          metric: 'translation_latency_seconds',
          labels: {
            source_lang: this.#bounded(source.language),
            target_lang: this.#bounded(target.language),
            stage,
          },
          value: stageMs / 1_000,
        });
      }
    }
    return observations;
  }

  #legRuns(callId: string, party: string, atMs: number): readonly Observation[] {
    const starts = this.#legStartsMs.get(callId) ?? new Map<string, number>();
    this.#legStartsMs.set(callId, starts);
    if (!starts.has(party)) {
      starts.set(party, atMs);
    }
    return [];
  }

  #legEnded(callId: string, party: string, atMs: number): readonly Observation[] {
    const starts = this.#legStartsMs.get(callId);
    const startMs = starts?.get(party);
    if (starts === undefined || startMs === undefined) {
      return [];
    }
    starts.delete(party);
    if (starts.size === 0) {
      this.#legStartsMs.delete(callId);
    }
    return [{ metric: 'channel_duration_seconds', labels: {}, value: (atMs - startMs) / 1_000 }];
  }

  #bounded(language: Language): string {
    return this.#languages.has(language) ? language : 'other';
  }
}

/** What an operation of an engine took. How long a stream was open is no latency, nor is what failed. */
export function operationLatencies({
  component,
  engine,
  operation,
  outcome,
  ms,
}: OperationEnded): readonly Observation[] {
  return outcome !== 'done' || operation === 'stream'
    ? []
    : [
        { metric: 'component_latency_milliseconds', labels: { component, operation }, value: ms },
        {
          metric: 'dragoman_engine_latency_seconds',
          labels: { component, engine, operation },
          value: ms / 1_000,
        },
      ];
}

function segmentLatencies(stages: SegmentStages): readonly Observation[] {
  return SEGMENT_STAGES.map(([field, stage]) => ({
    metric: 'dragoman_segment_latency_seconds',
    labels: { stage },
    value: Math.max(0, stages[field]) / 1_000,
  }));
}
