/**
 * Processor time of a process and of all that it starts, engines that live for one sentence included. The kernel adds
 * what an ended process has used to its parent, unless the parent lets the kernel reap its children, as our
 * recogniser does. So the processes are read again and again, and what each used since the last reading is added up.
 * Ticks are of 10 ms.
 */

import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, which Linux shows to programs as 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

export interface TreeUsage {
  /** Of the first process alone, all its threads, in ms. */
  readonly ownMs: number;
  /** Of all of them, in ms. */
  readonly treeMs: number;
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly ownMs: number;
  /** Of children that have ended and that it has waited for. */
  readonly endedMs: number;
}

type Tree = ReadonlyMap<number, ProcessStat>;

/** Adds up what a tree of processes uses between its readings. */
export class TreeMeter {
  readonly #root: number;
  readonly #read: () => readonly string[];
  #last: Tree;
  #ownMs = 0;
  #treeMs = 0;

  /** Counts from now on. @param read gives the texts of /proc/PID/stat, of all processes. */
  constructor(root: number, read: () => readonly string[] = readStats) {
    this.#root = root;
    this.#read = read;
    this.#last = treeOf(read(), root);
  }

  /** To be called a few times a second: what a process used between the last reading and its end may be lost. */
  read(): TreeUsage {
    const tree = treeOf(this.#read(), this.#root);
    for (const [pid, { ownMs, endedMs }] of tree) {
      const before = this.#last.get(pid);
      const usedMs = ownMs - (before?.ownMs ?? 0);
      this.#ownMs += pid === this.#root ? usedMs : 0;
      // Of children that have ended since, some was counted while they ran.
      const countedMs = sumOf(
        this.#last,
        (child) => child.parent === pid && !tree.has(child.pid),
        (child) => child.ownMs + child.endedMs,
      );
      this.#treeMs += usedMs + Math.max(0, endedMs - (before?.endedMs ?? 0) - countedMs);
    }
    this.#last = tree;
    return { ownMs: this.#ownMs, treeMs: this.#treeMs };
  }
}

function sumOf(
  tree: Tree,
  wanted: (stat: ProcessStat) => boolean,
  ms: (stat: ProcessStat) => number,
): number {
  return [...tree.values()].filter(wanted).reduce((sum, stat) => sum + ms(stat), 0);
}

function readStats(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/stat`, 'latin1')];
      } catch {
        // It has ended since the folder was read.
        return [];
      }
    });
}

/** `root` and its descendants, by number; empty when it has ended. */
function treeOf(texts: readonly string[], root: number): Tree {
  const stats = texts.map(statOf);
  const tree = new Map<number, ProcessStat>();
  const waiting = stats.filter(({ pid }) => pid === root);
  for (let stat = waiting.pop(); stat !== undefined; stat = waiting.pop()) {
    const { pid } = stat;
    tree.set(pid, stat);
    waiting.push(...stats.filter(({ parent }) => parent === pid));
  }
  return tree;
}

function statOf(text: string): ProcessStat {
  // The second field is the program's name in parentheses, and may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // proc(5) counts from 1, and these begin with field 3: ppid 4, utime 14, stime 15, cutime 16, cstime 17.
  const ms = (field: number): number => (Number(fields[field - 3]) * 1_000) / TICKS_PER_SECOND;
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[4 - 3]),
    ownMs: ms(14) + ms(15),
    endedMs: ms(16) + ms(17),
  };
}
