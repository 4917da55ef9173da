/**
 * The metrics of one running server, in a registry of their own. Counters and gauges are read from the server
 * once per scrape, a little in each turn of the loop, since 400 legs take some ms of the thread that sends sound;
 * histograms are fed by the events of calls. The registry stays inside: a reader that went past {@link Metrics.expose} would see the last scrape.
 */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import type { Language } from '../../base/language.ts';
import { LongWork } from '../../base/long-work.ts';
import type { NodesView } from '../../cluster/nodes-view.ts';
import type { ServiceHealth } from '../../engines/resilience/health-window.ts';
import type { UtteranceCounts } from '../http/service-health.ts';
import type { InterpretingView } from '../interpreting/interpreting-view.ts';
import type { ServerView } from '../server-view.ts';
import { EventObserver, type Observation, operationLatencies } from './event-observations.ts';
import { KeptHistogram } from './kept-histogram.ts';
import { METRICS, type MetricEntry } from './metric-catalogue.ts';
import type { Moment, Reading } from './metric-readings.ts';

export interface MetricsOptions {
  /** Languages of the configuration: the only ones that become labels. */
  readonly languages: ReadonlySet<Language>;
  /** When the service started, in ms of the clock. */
  readonly startedAtMs: number;
  /** The version of dragoman. */
  readonly version: string;
}

export interface MetricsDeps {
  readonly view: ServerView;
  readonly health: () => ServiceHealth;
  /** The latest utterances. */
  readonly utterances: UtteranceCounts;
  readonly interpreting: InterpretingView;
  /** The nodes that serve together with this one; undefined: it serves alone. */
  readonly nodes?: NodesView | undefined;
  readonly clock: Clock;
}

/** Gauges of prom-client that have the names of counters. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Sets of labels one metric may have from the server's tallies; further ones are counted as `other`. */
const MOST_LABEL_SETS = 100;

export class Metrics {
  /** The media type of what {@link expose} returns. */
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #keptHistograms = new Map<string, KeptHistogram>();
  /** The highest total so far of each counter and set of labels. */
  readonly #totals = new Map<string, number>();
  /** Sets of labels in use, by metric. */
  readonly #labelSets = new Map<string, Set<string>>();
  readonly #options: MetricsOptions;
  readonly #deps: MetricsDeps;
  readonly #controller = new AbortController();
  /** Set while the server is read. */
  #exposing: Promise<string> | undefined;

  /** Watches the calls of `deps.view` from now on, until closed. */
  constructor(options: MetricsOptions, deps: MetricsDeps) {
    this.#options = options;
    this.#deps = deps;
    this.contentType = this.#registry.contentType;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) {
      this.#registry.removeSingleMetric(name);
    }
    for (const [name, entry] of Object.entries<MetricEntry>(METRICS)) {
      this.#make(name, entry);
    }
    const { signal } = this.#controller;
    const observer = new EventObserver(options.languages);
    deps.view.watch((callId, event) => this.#observe(observer.observe(callId, event)), signal);
    deps.interpreting.watch((operation) => this.#observe(operationLatencies(operation)), signal);
  }

  /** Reads the server now and returns everything in the text format of Prometheus; who asks meanwhile has the same. */
  expose(): Promise<string> {
    this.#exposing ??= this.#expose().finally(() => {
      this.#exposing = undefined;
    });
    return this.#exposing;
  }

  /** Stops watching. Idempotent. */
  close(): void {
    this.#controller.abort();
    this.#registry.clear();
  }

  async #expose(): Promise<string> {
    const work = new LongWork(this.#deps.clock);
    const moment = await this.#moment(work);
    for (const [name, { labels, read, readBuckets }] of Object.entries<MetricEntry>(METRICS)) {
      const readings = read?.(moment) ?? [];
      // States that hold no legs any more are not in the reading.
      this.#gauges.get(name)?.reset();
      if (readings.length === 0 && labels.length === 0) {
        // One without labels would say 0 of what is not there.
        this.#gauges.get(name)?.remove();
      }
      for (const reading of readings) {
        this.#take(name, reading);
      }
      this.#keptHistograms.get(name)?.show(readBuckets?.(moment) ?? []);
      if (work.isPauseDue) {
        await work.pause();
      }
    }
    // As the registry does for all of them at once.
    const texts: string[] = [];
    for (const { name } of this.#registry.getMetricsAsArray()) {
      // None are there any more where it was closed meanwhile.
      if (this.#registry.getSingleMetric(name) !== undefined) {
        texts.push(await this.#registry.getSingleMetricAsString(name));
      }
      if (work.isPauseDue) {
        await work.pause();
      }
    }
    return `${texts.join('\n\n')}\n`;
  }

  async #moment(work: LongWork): Promise<Moment> {
    const { view, health, utterances, interpreting, nodes, clock } = this.#deps;
    const { startedAtMs, version, languages } = this.#options;
    const totals = await view.totalsSlowly(work);
    return {
      ...{ totals, state: view.state(), interpreting, health: health(), utterances, version },
      nodes,
      uptimeS: (clock.nowMs() - startedAtMs) / 1_000,
      labelOf: (language) => (languages.has(language) ? language : 'other'),
    };
  }

  #observe(observations: readonly Observation[]): void {
    for (const { metric, labels, value } of observations) {
      this.#histograms.get(metric)?.observe(labels, value);
    }
  }

  #make(name: string, { type, help, labels, buckets = [], readBuckets }: MetricEntry): void {
    const options = { name, help, labelNames: [...labels], registers: [this.#registry] };
    switch (type) {
      case 'counter':
        this.#counters.set(name, new Counter(options));
        break;
      case 'gauge':
        this.#gauges.set(name, new Gauge(options));
        break;
      case 'histogram':
        if (readBuckets !== undefined) {
          this.#keptHistograms.set(name, new KeptHistogram(name, help, this.#registry));
          break;
        }
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
