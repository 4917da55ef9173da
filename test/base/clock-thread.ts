/**
 * A thread that says how far the machine's monotonic clock is ahead of its system clock, in ms, for `clock.test.ts`.
 */

import { parentPort } from 'node:worker_threads';
import { aheadMs, systemClock } from '../../src/base/clock.ts';

const ahead = aheadMs(
  () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1e6;
  },
  () => systemClock.nowMs(),
  1_000,
);
parentPort?.postMessage(ahead);
