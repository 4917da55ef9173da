/**
 * What each engine has done of late, for people who ask how it is: how many of its operations ended how, how long the
 * latest took, and what failed last. It hears of operations as they end; nothing of what was said is in them.
 */

import type { Clock } from '../../base/clock.ts';
import type { Component } from '../support.ts';
import type { Observation, Operation } from './operations.ts';

/** Operations of which the time is kept, of each kind. */
const MOST_TIMES = 100;

export interface OperationRecord {
  readonly operation: Operation;
  readonly done: number;
  readonly failed: number;
  /** Of the latest {@link MOST_TIMES} that were done, in ms; absent before the first. */
  readonly medianMs?: number;
  readonly lastMs?: number;
}

export interface EngineRecord {
  readonly component: Component;
  readonly engine: string;
  readonly operations: readonly OperationRecord[];
  /** The last operation that failed, however long ago. */
  readonly lastError?: { readonly operation: Operation; readonly code: string; readonly at: Date };
}

/** One operation of an engine. */
interface Times {
  done: number;
  failed: number;
  /** In ms, the oldest first. */
  readonly latestMs: number[];
}

interface Kept {
  readonly component: Component;
  readonly engine: string;
  readonly operations: Map<Operation, Times>;
  lastError: EngineRecord['lastError'];
}

export class EngineRecords {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes in an operation that has ended; what was no longer wanted says nothing of an engine. */
  readonly observe = (observation: Observation): void => {
    const { component, engine, operation, outcome, ms } = observation;
    if (outcome === 'aborted') {
      return;
    }
    const key = `${component} ${engine}`;
    const kept = this.#kept.get(key) ?? { component, engine, operations: new Map(), lastError: undefined };
    this.#kept.set(key, kept);
    const times = kept.operations.get(operation) ?? { done: 0, failed: 0, latestMs: [] };
    kept.operations.set(operation, times);
    if (outcome === 'failed') {
      times.failed += 1;
      kept.lastError = { operation, code: observation.code ?? 'unknown', at: this.#clock.wallTime() };
    } else {
      times.done += 1;
      times.latestMs.push(ms);
      if (times.latestMs.length > MOST_TIMES) {
        times.latestMs.shift();
      }
    }
  };

  /** The median time of an operation of late, in ms; undefined before it was done once. */
  readonly usualMs = (component: Component, engine: string, operation: Operation): number | undefined =>
    latencyOf(this.#kept.get(`${component} ${engine}`)?.operations.get(operation)?.latestMs ?? []).medianMs;

  /** In the order in which the engines ended their first operations. How long a stream was open is no latency. */
  records(): readonly EngineRecord[] {
    return [...this.#kept.values()].map(({ component, engine, operations, lastError }) => ({
      component,
      engine,
      operations: [...operations].map(([operation, { done, failed, latestMs }]) => ({
        operation,
        done,
        failed,
        ...(operation === 'stream' ? {} : latencyOf(latestMs)),
      })),
      ...(lastError === undefined ? {} : { lastError }),
    }));
  }
}

function latencyOf(latestMs: readonly number[]): Pick<OperationRecord, 'medianMs' | 'lastMs'> {
  const medianMs = latestMs.toSorted((a, b) => a - b)[Math.floor((latestMs.length - 1) / 2)];
  const lastMs = latestMs.at(-1);
  return medianMs === undefined || lastMs === undefined ? {} : { medianMs, lastMs };
}
