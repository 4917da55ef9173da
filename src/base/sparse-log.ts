/**
 * Lines about what strangers do, who may do it a thousand times a second: of each kind one in ten seconds, or a few, with
 * how many there were since the one before. Counters have them all.
 */

import type { Clock } from './clock.ts';
import type { Log, LogFields } from './log.ts';

/** From one line of a kind to the next, or from the first of a few to the first of the next few, in ms. */
const PAUSE_MS = 10_000;

interface Written {
  /** When the first of the last few was written. */
  readonly atMs: number;
  lines: number;
  unwritten: number;
}

export class SparseLog<Kind extends string> {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #kinds = new Map<Kind, Written>();

  /** @param most lines of a kind in ten seconds; default 1. */
  constructor(log: Log, clock: Clock, most = 1) {
    this.#log = log;
    this.#clock = clock;
    this.#most = most;
  }

  info(kind: Kind, fields: LogFields, message: string): void {
    this.#write('info', kind, fields, message);
  }

  warn(kind: Kind, fields: LogFields, message: string): void {
    this.#write('warn', kind, fields, message);
  }

  error(kind: Kind, fields: LogFields, message: string): void {
    this.#write('error', kind, fields, message);
  }

  #write(level: 'info' | 'warn' | 'error', kind: Kind, fields: LogFields, message: string): void {
    const nowMs = this.#clock.nowMs();
    const last = this.#kinds.get(kind);
    if (last !== undefined && nowMs - last.atMs < PAUSE_MS) {
      if (last.lines === this.#most) {
        last.unwritten += 1;
      } else {
        last.lines += 1;
        this.#log[level](fields, message);
      }
      return;
    }
    const more = last === undefined || last.unwritten === 0 ? {} : { moreBefore: last.unwritten };
    this.#kinds.set(kind, { atMs: nowMs, lines: 1, unwritten: 0 });
    this.#log[level]({ ...fields, ...more }, message);
  }
}
