/**
 * What is to be written of calls that are over, and what a disk refuses for a while: it is held, and tried again until the
 * disk takes it. A call's record is made once; a disk that is full for an hour must not cost anybody the day's bills.
 */

import type { Clock } from '../../base/clock.ts';
import { asError, codeOf, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { SparseLog } from '../../base/sparse-log.ts';

/** How long a write that was refused is left alone, in ms, the first time and at most. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Writes that are held, at most: a record has some KB, what was said in a call some hundreds. */
const MOST_HELD = 1_000;

export class HeldWrites {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #troubles: SparseLog<string>;
  /** What gives up each write that is held, the oldest first. */
  readonly #held = new Set<AbortController>();
  readonly #closing = new AbortController();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#troubles = new SparseLog(log, clock);
  }

  /** Writes that were refused, and wait to be tried again. */
  get held(): number {
    return this.#held.size;
  }

  /**
   * Does `work`, again and again until it is done.
   * @param unwanted ends that: nobody wants it written any more.
   * @throws what went wrong last, where it is given up: since it is unwanted, since too many younger ones are held, or since
   *   this is closed.
   */
  async write(work: () => Promise<void>, unwanted: AbortSignal): Promise<void> {
    const given = new AbortController();
    const signal = AbortSignal.any([unwanted, given.signal, this.#closing.signal]);
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
        // Who closes this wants it tried once more.
        const last = signal.aborted;
        try {
          await work();
          return;
        } catch (error) {
          if (last || unwanted.aborted || codeOf(error) === 'closed') {
            throw asError(error);
          }
          this.#hold(given, error);
        }
        await this.#clock.sleep(pauseMs, signal).catch(() => {});
        if (given.signal.aborted || unwanted.aborted) {
          throw new Error('it waited for longer than can be held');
        }
      }
    } finally {
      if (this.#held.delete(given) && this.#held.size === 0 && !signal.aborted) {
        this.#log.info({}, 'what is kept of calls can be written again');
      }
    }
  }

  /** What is held is tried once more, and then given up. Idempotent. */
  close(): void {
    this.#closing.abort();
  }

  #hold(given: AbortController, error: unknown): void {
    this.#held.add(given);
    const [oldest] = this.#held;
    if (this.#held.size > MOST_HELD && oldest !== undefined) {
      this.#held.delete(oldest);
      oldest.abort();
    }
    this.#troubles.warn(
      'held',
      { reason: messageOf(error), held: this.#held.size },
      'what is kept of calls cannot be written: it is held, and tried again',
    );
  }
}
