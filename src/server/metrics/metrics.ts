/**
 * The metrics of one running server, in a registry of their own. Counters and gauges are read from the server
 * once per scrape, in one reading, so that they agree with each other; histograms are fed by the events of
 * calls. The registry stays inside: a reader that went past {@link Metrics.expose} would see the last scrape.
 */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import type { Language } from '../../base/language.ts';
import { SERVICE_HEALTHS, type ServiceHealth } from '../../engines/resilience/health-window.ts';
import { successRate, type UtteranceCounts } from '../http/service-health.ts';
import type { InterpretingView } from '../interpreting/interpreting-view.ts';
import type { ServerView } from '../server-view.ts';
import { EventObserver } from './event-observations.ts';
import { METRICS, type MetricEntry } from './metric-catalogue.ts';
import type { Reading } from './metric-readings.ts';

export interface MetricsOptions {
  /** Languages of the configuration: the only ones that become labels. */
  readonly languages: ReadonlySet<Language>;
  /** When the service started, in ms of the clock. */
  readonly startedAtMs: number;
}

export interface MetricsDeps {
  readonly view: ServerView;
  readonly health: () => ServiceHealth;
  /** The latest utterances. */
  readonly utterances: UtteranceCounts;
  readonly interpreting: InterpretingView;
  readonly clock: Clock;
}

/** Sets of labels one metric may have from the server's tallies; further ones are counted as `other`. */
const MOST_LABEL_SETS = 100;

export class Metrics {
  /** The media type of what {@link expose} returns. */
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  /** The highest total so far of each counter and set of labels. */
  readonly #totals = new Map<string, number>();
  /** Sets of labels in use, by metric. */
  readonly #labelSets = new Map<string, Set<string>>();
  readonly #startedAtMs: number;
  readonly #deps: MetricsDeps;
  readonly #controller = new AbortController();

  /** Watches the calls of `deps.view` from now on, until closed. */
  constructor(options: MetricsOptions, deps: MetricsDeps) {
    this.#startedAtMs = options.startedAtMs;
    this.#deps = deps;
    this.contentType = this.#registry.contentType;
    collectDefaultMetrics({ register: this.#registry });
    for (const [name, entry] of Object.entries<MetricEntry>(METRICS)) {
      this.#make(name, entry);
    }
    const observer = new EventObserver(options.languages);
    deps.view.watch((callId, event) => {
      for (const { metric, labels, valueS } of observer.observe(callId, event)) {
        this.#histograms.get(metric)?.observe(labels, valueS);
      }
    }, this.#controller.signal);
  }

  /** Reads the server now and returns everything in the text format of Prometheus. */
  expose(): Promise<string> {
    const { view, health, utterances, interpreting, clock } = this.#deps;
    for (const gauge of this.#gauges.values()) {
      // States that hold no legs any more are not in the reading.
      gauge.reset();
    }
    const moment = { totals: view.totals(), state: view.state() };
    for (const [name, { read }] of Object.entries<MetricEntry>(METRICS)) {
      for (const reading of read?.(moment) ?? []) {
        this.#take(name, reading);
      }
    }
    this.#gauges.get('service_uptime_seconds')?.set((clock.nowMs() - this.#startedAtMs) / 1_000);
    this.#gauges.get('service_health')?.set(SERVICE_HEALTHS.indexOf(health()));
    this.#gauges.get('success_rate')?.set(successRate(utterances));
    for (const { component, engine, state } of interpreting.health()) {
      this.#gauges.get('dragoman_engine_health')?.set({ component, engine }, SERVICE_HEALTHS.indexOf(state));
    }
    return this.#registry.metrics();
  }

  /** Stops watching. Idempotent. */
  close(): void {
    this.#controller.abort();
    this.#registry.clear();
  }

  #make(name: string, { type, help, labels, buckets = [] }: MetricEntry): void {
    const options = { name, help, labelNames: [...labels], registers: [this.#registry] };
    switch (type) {
      case 'counter':
        this.#counters.set(name, new Counter(options));
        break;
      case 'gauge':
        this.#gauges.set(name, new Gauge(options));
        break;
      case 'histogram':
        this.#histograms.set(name, new Histogram({ ...options, buckets: [...buckets] }));
        break;
    }
  }

  #take(metric: string, { labels, value }: Reading): void {
    const bounded = this.#bounded(metric, labels);
    this.#gauges.get(metric)?.inc(bounded, value);
    const counter = this.#counters.get(metric);
    if (counter !== undefined) {
      const key = `${metric} ${JSON.stringify(labels)}`;
      const before = this.#totals.get(key) ?? 0;
      // A total that falls back for a moment must not be counted again when it rises.
      counter.inc(bounded, Math.max(0, value - before));
      this.#totals.set(key, Math.max(before, value));
    }
  }

  /** The labels, or `other` for each of them once the metric has all the sets it may have. */
  #bounded(metric: string, labels: Readonly<Record<string, string>>): Record<string, string> {
    const sets = this.#labelSets.get(metric) ?? new Set();
    this.#labelSets.set(metric, sets);
    const set = JSON.stringify(labels);
    if (sets.size < MOST_LABEL_SETS || sets.has(set)) {
      sets.add(set);
      return { ...labels };
    }
    return Object.fromEntries(Object.keys(labels).map((name) => [name, 'other']));
  }
}
