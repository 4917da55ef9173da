/**
 * When the machine was full: by what its processors did in each two seconds since somebody asks. A file that mostly waits
 * has a mean that tells nothing of the moment at which something came too late.
 */

import { systemClock } from '../../src/base/clock.ts';
import { busyPercent, readProcessorTime } from '../bench/realtime/machine-load.ts';

const WINDOW_MS = 2_000;
/** Nobody gets on at once on processors that have no rest for two seconds; a busy test has some. */
const FULL_PERCENT = 95;

export class Fullness {
  readonly #full: { readonly fromMs: number; readonly untilMs: number }[] = [];
  readonly #timer = setInterval(() => this.#look(), WINDOW_MS).unref();
  #last = { atMs: systemClock.nowMs(), processors: readProcessorTime() };

  /** For how long of this time it was full, in ms; the time is by the clock, in ms. */
  fullMs(fromMs: number, untilMs: number): number {
    this.#look();
    return this.#full.reduce(
      (sum, full) => sum + Math.max(0, Math.min(full.untilMs, untilMs) - Math.max(full.fromMs, fromMs)),
      0,
    );
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
    if (busyPercent(processors, now.processors) > FULL_PERCENT) {
      this.#full.push({ fromMs: atMs, untilMs: now.atMs });
    }
    this.#last = now;
  }
}
