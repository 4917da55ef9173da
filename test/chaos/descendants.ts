/** The processes that a process started, from Linux's /proc. */

import { readdirSync, readFileSync } from 'node:fs';

export interface Descendant {
  readonly pid: number;
  /** Its words, separated by blanks. */
  readonly command: string;
}

/** Whether a process is there, and stands still until it is told to go on. */
export function isStopped(pid: number): boolean {
  // "12 (a name) T …"
  return /\) T /.test(read(`/proc/${pid}/stat`));
}

/** Children, and theirs, of `pid`; a child comes after its parent. */
export function descendantsOf(pid: number): readonly Descendant[] {
  return childrenOf(pid).flatMap((child) => [
    { pid: child, command: read(`/proc/${child}/cmdline`).replaceAll('\0', ' ').trim() },
    ...descendantsOf(child),
  ]);
}

function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  );
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    // It is gone already.
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It is gone already.
    return '';
  }
}
