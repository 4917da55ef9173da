/**
 * Outputs that never keep the process waiting. A write to a pipe or a terminal whose reader has stopped never comes
 * back; it holds one of the four threads that a process has for files and names, and at the end `process.exit` waits
 * for it as well. Opened once more, for ourselves alone, the same output says instead that it is full.
 */

import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { codeOf } from '../base/errors.ts';

/** How long to wait for room, in ms. */
const FULL_PIPE_WAIT_MS = 10;

/**
 * A descriptor for the same output that does not block, or `descriptor` itself: for files, where it makes no
 * difference, and where the system does not open it again, as for sockets.
 */
export function unblocked(descriptor: number): number {
  try {
    const output = fstatSync(descriptor);
    if (!output.isFIFO() && !output.isCharacterDevice()) {
      return descriptor;
    }
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return descriptor;
  }
}

/**
 * Writes `text` at once, waiting for a slow reader no longer than `limitMs`; what it has not taken then is given up.
 */
export function writeWithin(descriptor: number, text: string, clock: Clock, limitMs: number): void {
  const untilMs = clock.nowMs() + limitMs;
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN' || clock.nowMs() >= untilMs) {
        return;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_WAIT_MS);
    }
  }
}
