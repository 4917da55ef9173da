/**
 * A histogram whose values are counted elsewhere, by objects that count each frame: prom-client's own would have to be
 * told of every one.
 */

import { Histogram, type Registry } from 'prom-client';
import type { BucketReading } from './metric-readings.ts';

export class KeptHistogram extends Histogram {
  readonly #name: string;
  readonly #help: string;
  #readings: readonly BucketReading[] = [];

  /** Becomes one of the metrics of `registry`. */
  constructor(name: string, help: string, registry: Registry) {
    super({ name, help, registers: [registry] });
    this.#name = name;
    this.#help = help;
  }

  /** What it is from now on. */
  show(readings: readonly BucketReading[]): void {
    this.#readings = readings;
  }

  /** What the registry asks for, in place of what prom-client would have counted. */
  async getForPromString() {
    const values = this.#readings.flatMap((reading) => this.#valuesOf(reading));
    return { name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum', values };
  }

  #valuesOf({ labels, upTo, count, sum }: BucketReading) {
    return [
      ...upTo.map(([le, value]) => ({
        metricName: `${this.#name}_bucket`,
        labels: { le, ...labels },
        value,
      })),
      { metricName: `${this.#name}_sum`, labels, value: sum },
      { metricName: `${this.#name}_count`, labels, value: count },
    ];
  }
}
