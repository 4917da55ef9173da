/**
 * The clock of unit tests: time stands still until the test moves it.
 */

import { turnOfLoop } from '../../src/base/clock.ts';
import { DrivenClock } from '../../src/base/driven-clock.ts';

/** What {@link FakeClock.nowMs} reads when a clock is made. Not zero, so that a forgotten time shows. */
export const FAKE_START_MS = 1_000;

export class FakeClock extends DrivenClock {
  /** @param wallStart what {@link wallTime} reads at the start; it moves with the clock. */
  constructor(wallStart = new Date('2026-01-01T00:00:00.000Z')) {
    super(FAKE_START_MS, wallStart);
  }

  /**
   * Moves time on by `ms` with nothing running, as when the process is frozen or its event loop blocked. What
   * became due meanwhile fires, late, at the next {@link advance}.
   */
  freeze(ms: number): void {
    this.jump(ms);
  }

  /** Lets promises settle at the present time, without firing timers. */
  async settle(): Promise<void> {
    await turnOfLoop();
  }
}
