/**
 * Waits for engines that are away, so that what was cut off just before, or meanwhile, is said when they are back. Only
 * while an engine is known to fail everybody: where one is well, the fault is the segment's, and who waits would hold
 * up what comes after it. Not for longer than what was said is worth saying. Many wait for an engine that is back: it
 * is asked for what is spoken next, and for the rest as its turn comes near.
 */

import type { Clock } from '../../base/clock.ts';
import { LIMITS } from '../limits.ts';

/** An engine that knows whether it is away. */
export interface ReturningEngine {
  /** Resolves when it is back; undefined while it is not known to be away. Default it never is. */
  whenBack?(signal: AbortSignal): Promise<void> | undefined;
}

/** How often one segment may wait: one that its engine fails at each time it is back is at fault itself. */
const MOST_RETURNS = 3;

/** Hears of a segment that waits. */
export interface WaitListener {
  /** It begins to. */
  waits(): void;
  /** It has waited in vain, for too long. */
  expired(): void;
}

/** Of one segment. */
export class EngineReturn {
  readonly #clock: Clock;
  readonly #untilMs: number;
  readonly #listener: WaitListener;
  #returns = 0;
  #waiting = false;
  #isNear = false;
  #comesNear = (): void => {};

  /** The segment is new. */
  constructor(clock: Clock, listener: WaitListener) {
    this.#clock = clock;
    this.#untilMs = clock.nowMs() + LIMITS.staleMs;
    this.#listener = listener;
  }

  /** Whether the segment waits for an engine. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Its turn comes soon. */
  near(): void {
    this.#isNear = true;
    this.#comesNear();
  }

  /** What `work` resolves with, begun anew each time that `engine` is back. @throws what it throws at last. */
  async patiently<T>(engine: ReturningEngine, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted || !(await this.#comesBack(engine, signal))) {
          throw error;
        }
      }
    }
  }

  /** Resolves with false at once when it is not away, later when it does not come back in time. */
  async #comesBack(engine: ReturningEngine, signal: AbortSignal): Promise<boolean> {
    const limit = new AbortController();
    const either = AbortSignal.any([signal, limit.signal]);
    const back = this.#returns < MOST_RETURNS ? engine.whenBack?.(either) : undefined;
    if (back === undefined) {
      return false;
    }
    const timer = this.#clock.at(this.#untilMs, () => limit.abort());
    this.#returns += 1;
    this.#waiting = true;
    this.#listener.waits();
    try {
      await back;
      await this.#untilNear(either);
      return true;
    } catch (error) {
      if (either.aborted) {
        if (!signal.aborted) {
          this.#listener.expired();
        }
        return false;
      }
      throw error;
    } finally {
      this.#waiting = false;
      timer.cancel();
    }
  }

  #untilNear(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      this.#comesNear = resolve;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (this.#isNear) {
        resolve();
      }
    });
  }
}
