/**
 * Limits on waiting for somebody else, which a standstill of our own does not use up. Node fires timers before it reads
 * sockets: after the process has stood still, what came in time has not been read when its limit is over, and asking
 * another, or the same again, is work for a process that is behind already.
 */

import type { Clock, Timer } from './clock.ts';

/** A timer that fires so late, in ms, fires after a standstill. */
const STANDSTILL_MS = 100;
/** The most that a wait is prolonged by, in ms. */
const MOST_MORE_MS = 1_000;

/**
 * Calls `late` at `deadlineMs`; when the process stood still then, as long after the standstill as that made it late, 1 s
 * at most.
 */
export function afterPatience(clock: Clock, deadlineMs: number, late: () => void): Timer {
  let timer = clock.at(deadlineMs, () => {
    const nowMs = clock.nowMs();
    const overdueMs = nowMs - deadlineMs;
    if (overdueMs < STANDSTILL_MS) {
      late();
    } else {
      timer = clock.at(nowMs + Math.min(overdueMs, MOST_MORE_MS), late);
    }
  });
  return { cancel: () => timer.cancel() };
}
