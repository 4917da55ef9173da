/**
 * Processes that tests signal. A signal to process 0, or to -0, goes to the test's own group: such an id is never
 * given out.
 */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Children that end with this process, by one listener for all: a file may have dozens of telephones. */
const ours = new Set<ChildProcess>();

/** Has `child` killed when this process ends, if it has not ended by then. */
export function endsWithUs(child: ChildProcess): void {
  if (ours.size === 0) {
    process.on('exit', killAll);
  }
  ours.add(child);
  child.once('exit', () => {
    ours.delete(child);
    if (ours.size === 0) {
      process.off('exit', killAll);
    }
  });
}

function killAll(): void {
  for (const child of ours) {
    child.kill('SIGKILL');
  }
}

/** Before all else but what is real-time: see nice(1). */
const FIRST = -15;

/**
 * Lets a process that carries sound go before those that look on, or are only about to start: on a machine that is full
 * of them a telephone would say nothing for a second. Only root may; for others nothing changes. Threads that the process
 * starts later are as the one that starts them.
 */
export function goesFirst({ pid }: ChildProcess): void {
  const threads = `/proc/${pid}/task`;
  if (process.getuid?.() !== 0 || !existsSync(threads)) {
    return;
  }
  for (const thread of readdirSync(threads)) {
    try {
      setPriority(Number(thread), FIRST);
    } catch (error) {
      // One that has ended meanwhile goes nowhere.
      if (existsSync(`${threads}/${thread}`)) {
        throw error;
      }
    }
  }
}

/**
 * The first of `ids`, which is a process or a group of its own. @throws AssertionError, naming `what`, when there is
 * none.
 */
export function firstOf(what: string, ids: readonly (number | undefined)[]): number {
  const [id] = ids;
  assert.ok(id !== undefined && Number.isInteger(id) && id > 1, `there is no ${what}: ${id}`);
  return id;
}
