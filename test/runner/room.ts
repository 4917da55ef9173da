/**
 * Whether the machine has room for one more file of whole calls beside those that run. Such files wait most of their
 * time, so several go side by side; but what they measure is worth nothing once the processors are full, and how much a
 * machine can do differs by a factor of four.
 */

import type { Clock } from '../../src/base/clock.ts';
import { busyPercent, type ProcessorTime } from '../bench/realtime/machine-load.ts';

/** Longer than it takes to start a server or an Asterisk, so that the next look sees what that cost. */
const BETWEEN_STARTS_MS = 3_000;
/** A start is a second of work at most: over this long, what a machine does besides shows. */
const LOOK_MS = 2_000;
const NEVER = new AbortController().signal;

export class Room {
  readonly #clock: Clock;
  readonly #mostBusyPercent: number;
  readonly #read: () => ProcessorTime | undefined;
  /** The files that run. */
  #running = 0;
  #startedMs = Number.NEGATIVE_INFINITY;
  /** One waits for room at a time. */
  #turn: Promise<void> = Promise.resolve();

  /**
   * @param mostBusyPercent of all processors' time: one file more only where less is used. 0 to 100.
   * @param read - the processors' time so far; where it cannot be told, there is always room.
   */
  constructor(clock: Clock, mostBusyPercent: number, read: () => ProcessorTime | undefined) {
    this.#clock = clock;
    this.#mostBusyPercent = mostBusyPercent;
    this.#read = read;
  }

  /** Runs `file` when there is room for it: at once when nothing else runs. */
  async run<T>(file: () => Promise<T>): Promise<T> {
    this.#turn = this.#turn.then(() => this.#wait());
    await this.#turn;
    try {
      return await file();
    } finally {
      this.#running -= 1;
    }
  }

  /** Takes a place when there is one. */
  async #wait(): Promise<void> {
    while (this.#running > 0) {
      const before = this.#read();
      await this.#clock.sleep(LOOK_MS, NEVER);
      const settled = this.#clock.nowMs() - this.#startedMs >= BETWEEN_STARTS_MS;
      if (settled && !(busyPercent(before, this.#read()) > this.#mostBusyPercent)) {
        break;
      }
    }
    this.#running += 1;
    this.#startedMs = this.#clock.nowMs();
  }
}
