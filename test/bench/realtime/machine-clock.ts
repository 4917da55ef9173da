/**
 * The machine's monotonic clock, read so that processes agree on it to within some 10 µs. The system clock of a process
 * is set by a single reading when it starts, and is off by as long as that reading took: some ms on a busy machine.
 */

import { type Clock, systemClock } from '../../../src/base/clock.ts';

/** Readings of which the quickest counts. */
const READINGS = 200;

/** What to add to a time of this process's system clock to have the machine's, in ms. */
export const MACHINE_AHEAD_MS = aheadOf(systemClock, machineMs, READINGS);

/** Now, in ms of the machine's clock. */
export function machineNowMs(): number {
  return systemClock.nowMs() + MACHINE_AHEAD_MS;
}

/** How much `machine` is ahead of `clock`: each reading is bracketed by two of the clock, and the narrowest counts. */
export function aheadOf(clock: Pick<Clock, 'nowMs'>, machine: () => number, readings: number): number {
  let narrowestMs = Number.POSITIVE_INFINITY;
  let aheadMs = 0;
  for (let i = 0; i < readings; i += 1) {
    const beforeMs = clock.nowMs();
    const readMs = machine();
    const tookMs = clock.nowMs() - beforeMs;
    if (tookMs < narrowestMs) {
      narrowestMs = tookMs;
      aheadMs = readMs - (beforeMs + tookMs / 2);
    }
  }
  return aheadMs;
}

function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
