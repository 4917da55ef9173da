/**
 * Warnings about what strangers do, who may do it a thousand times a second: of each kind one line in ten seconds, with
 * how many there were since the one before. Counters have them all.
 */

import type { Clock } from './clock.ts';
import type { Log, LogFields } from './log.ts';

/** From one line of a kind to the next, in ms. */
const PAUSE_MS = 10_000;

export class SparseLog<Kind extends string> {
  readonly #log: Log;
  readonly #clock: Clock;
  /** When each kind was last written, and how many were not since. */
  readonly #kinds = new Map<Kind, { atMs: number; unwritten: number }>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  warn(kind: Kind, fields: LogFields, message: string): void {
    const nowMs = this.#clock.nowMs();
    const last = this.#kinds.get(kind);
    if (last !== undefined && nowMs - last.atMs < PAUSE_MS) {
      last.unwritten += 1;
      return;
    }
    const more = last === undefined || last.unwritten === 0 ? {} : { moreBefore: last.unwritten };
    this.#kinds.set(kind, { atMs: nowMs, unwritten: 0 });
    this.#log.warn({ ...fields, ...more }, message);
  }
}
