/** Time in the browser, as everything that waits here takes it. The only place of the page where it is read. */

import type { Clock, Timer } from '../../../../base/clock.ts';

/** The longest delay that a browser's timers take, in ms. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const browserClock: Clock = {
  nowMs: () => performance.now(),
  wallTime: () => new Date(),
  at(deadlineMs, callback): Timer {
    const handle = setTimeout(
      callback,
      Math.min(LONGEST_DELAY_MS, Math.max(0, Math.ceil(deadlineMs - performance.now()))),
    );
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const gaveUp = (): void => {
        timer.cancel();
        reject(signal.reason);
      };
      const timer = browserClock.at(browserClock.nowMs() + delayMs, () => {
        signal.removeEventListener('abort', gaveUp);
        resolve();
      });
      signal.addEventListener('abort', gaveUp, { once: true });
    });
  },
};
