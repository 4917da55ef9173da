/**
 * Errors that nobody caught. Left alone, Node ends the process for one, and every call with it; while calls are
 * served such an error is counted and logged with where it came from, and the process goes on, since it came from one
 * callback of one leg.
 */

import type { Counted } from '../base/counts.ts';
import type { Log } from '../base/log.ts';
import { stackFrames } from './redact.ts';

/** Where stray errors surface: the process, or a stand-in of a test. */
export interface StraySource {
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  off(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
}

/** Logs stray errors, rejected promises included, instead of dying of them. */
export class Strays implements Counted {
  readonly counts = { strayErrors: 0 };
  readonly #source: StraySource;
  readonly #listener: (error: unknown) => void;

  /** Listens from now on. */
  constructor(source: StraySource, log: Log) {
    this.#source = source;
    this.#listener = (error) => {
      this.counts.strayErrors += 1;
      log.error({ error, stack: stackFrames(error) }, 'an error of ours that nobody caught; calls go on');
    };
    source.on('uncaughtException', this.#listener);
  }

  /** Listens no more: Node does again what it does. Idempotent. */
  close(): void {
    this.#source.off('uncaughtException', this.#listener);
  }
}
