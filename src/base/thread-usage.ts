/**
 * How much processor time a thread of this process has had, and whether it wants more, from Linux's /proc: what tells a
 * thread that runs in a loop from one that the machine does not let run, and from one that waits for what never comes.
 */

import { readFileSync, readlinkSync } from 'node:fs';

/** A thread that runs, or would if a processor were free, as the system writes it. */
const RUNNABLE = 'R';

/** The system's number of the thread that asks; undefined where there is no /proc. */
export function systemThreadId(): number | undefined {
  try {
    // 1234/task/1240
    const id = Number(readlinkSync('/proc/thread-self').split('/').pop());
    return Number.isSafeInteger(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** The system's number of the main thread: that of the process. */
export const MAIN_THREAD_ID = process.pid;

/**
 * For how long a thread of this process has run, in ms; undefined when there is no such thread, or the system does not
 * say. Costs 20 µs.
 */
export function threadRanMs(systemId: number): number | undefined {
  try {
    // Time that it ran and time that it waited for a processor, in ns, and how often it ran.
    const ranMs = Number(readFileSync(`/proc/self/task/${systemId}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
    return Number.isFinite(ranMs) ? ranMs : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a thread of this process runs, or waits for nothing but a processor; false when it sleeps, there is no such
 * thread, or the system does not say. Costs 20 µs.
 */
export function isThreadRunnable(systemId: number): boolean {
  try {
    const stat = readFileSync(`/proc/self/task/${systemId}/stat`, 'latin1');
    // 1240 (its name, which may hold anything) R …
    return stat.charAt(stat.lastIndexOf(')') + 2) === RUNNABLE;
  } catch {
    return false;
  }
}
