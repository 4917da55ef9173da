/** A clock on which 2 ms pass with each look at it: whatever asks has always taken longer than it may. */

import type { Clock } from '../../src/base/clock.ts';
import { FakeClock } from './fake-clock.ts';

export function hurriedClock(): Clock {
  const still = new FakeClock();
  let looks = 0;
  return {
    nowMs: () => {
      looks += 1;
      return 2 * looks;
    },
    wallTime: () => still.wallTime(),
    at: (deadlineMs, callback) => still.at(deadlineMs, callback),
    sleep: (delayMs, signal) => still.sleep(delayMs, signal),
  };
}
