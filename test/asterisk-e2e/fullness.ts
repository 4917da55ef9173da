/**
 * When the machine was full: by what its processors did since somebody asks, and in each two seconds of it. A file that
 * mostly waits has a mean that tells nothing of the moment at which something came too late.
 */

import { systemClock } from '../../src/base/clock.ts';
import { busyPercent, readProcessorTime } from '../bench/realtime/machine-load.ts';

const WINDOW_MS = 2_000;
/** Nobody gets on at once on processors that have no rest for two seconds; a busy test has some. */
const FULL_WINDOW_PERCENT = 95;
/** Over the whole time there are pauses between tests, too. */
const FULL_PERCENT = 85;

interface FullWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

export class Fullness {
  readonly #began = readProcessorTime();
  readonly #full: FullWindow[] = [];
  readonly #timer = setInterval(() => this.#look(), WINDOW_MS).unref();
  #last = { atMs: systemClock.nowMs(), processors: this.#began };

  /** Whether the machine was full in a part of this time, in ms of the clock. */
  between(fromMs: number, untilMs: number): boolean {
    this.#look();
    return this.#full.some((window) => window.fromMs < untilMs && window.untilMs > fromMs);
  }

  /** Whether it was full at any time, or almost so on the whole. */
  ever(): boolean {
    this.#look();
    return this.#full.length > 0 || busyPercent(this.#began, readProcessorTime()) > FULL_PERCENT;
  }

  /** What was seen up to now can still be asked for. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Ends a window. One that is far shorter would be full by chance: it is left open. */
  #look(): void {
    const { atMs, processors } = this.#last;
    const now = { atMs: systemClock.nowMs(), processors: readProcessorTime() };
    if (now.atMs - atMs < WINDOW_MS / 2) {
      return;
    }
    if (busyPercent(processors, now.processors) > FULL_WINDOW_PERCENT) {
      this.#full.push({ fromMs: atMs, untilMs: now.atMs });
    }
    this.#last = now;
  }
}
