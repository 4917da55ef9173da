/** Takes off the disk, hour by hour, what has been kept for as long as the operator said, and says what it took. */

import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Scope } from '../../base/scope.ts';
import { abortable } from '../../engines/wire/abortable.ts';
import type { WallClockWatch } from '../wall-clock-watch.ts';

/** One kind of thing that is kept. */
export interface Keeping {
  /** For the log: `records`. */
  readonly what: string;
  /** Undefined: for ever. */
  readonly days: number | undefined;
  /** Removes what is of days before `day`, `2026-11-29`; resolves with what that was, for the log. */
  readonly removeBefore: (day: string) => Promise<Readonly<Record<string, number>>>;
}

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

export class Retention {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #scope: Scope;

  /** Looks at once, and then every hour. */
  constructor(kept: readonly Keeping[], wallClock: WallClockWatch, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#scope = new Scope((error) =>
      log.error({ error }, 'nothing old is removed any more: a fault to report'),
    );
    if (kept.every(({ days }) => days === undefined)) {
      return;
    }
    this.#scope.run(async (signal) => {
      for (;;) {
        for (const keeping of (await abortable(wallClock.believed(), signal)) ? kept : []) {
          await this.#look(keeping, signal);
        }
        await clock.sleep(EVERY_MS, signal);
      }
    });
  }

  /** What is being removed is not waited for: it ends with what removes it, and the next start removes the rest. */
  close(): Promise<void> {
    return this.#scope.close();
  }

  async #look({ what, days, removeBefore }: Keeping, signal: AbortSignal): Promise<void> {
    if (days === undefined) {
      return;
    }
    const before = new Date(this.#clock.wallTime().getTime() - days * DAY_MS).toISOString().slice(0, 10);
    try {
      const removed = await abortable(removeBefore(before), signal);
      if (Object.values(removed).some((count) => count > 0)) {
        this.#log.info({ what, before, days, ...removed }, 'what was kept for long enough is removed');
      }
    } catch (error) {
      signal.throwIfAborted();
      this.#log.warn({ what, before, reason: messageOf(error) }, 'what is to be removed by now cannot be');
    }
  }
}
