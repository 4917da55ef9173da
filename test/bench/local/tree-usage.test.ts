import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { TreeMeter } from './tree-usage.ts';

/** A line of /proc/PID/stat, with utime, stime, cutime and cstime in ticks. */
function stat(pid: number, parent: number, ticks: readonly [number, number, number, number]): string {
  return `${pid} (a (b) c) S ${parent} ${pid} ${pid} 0 -1 4194560 9 0 0 0 ${ticks.join(' ')} 20 0 11 0 88 1 2\n`;
}

const INIT = stat(1, 0, [900, 900, 900, 900]);
const OTHER = stat(20, 1, [500, 0, 0, 0]);

/** What is metered between each of `readings` and the one before. */
function meter(readings: readonly (readonly string[])[]) {
  const left = [...readings];
  const tree = new TreeMeter(10, () => [INIT, OTHER, ...(left.shift() ?? [])]);
  return readings.slice(1).map(() => tree.read());
}

describe('the processor time of a tree of processes', () => {
  it('is what the root and all below it have used since the first reading', () => {
    const [used] = meter([
      [stat(10, 1, [1, 2, 0, 0]), stat(11, 10, [10, 20, 0, 0])],
      [stat(10, 1, [2, 2, 0, 0]), stat(12, 11, [5, 0, 0, 0]), stat(11, 10, [10, 22, 0, 0])],
    ]);
    assert.deepEqual(used, { ownMs: 10, treeMs: 80 });
  });

  it('counts a child once that was waited for, whether it was seen or not', () => {
    const [, used] = meter([
      [stat(10, 1, [0, 0, 0, 0])],
      [stat(10, 1, [0, 0, 0, 0]), stat(11, 10, [30, 0, 0, 0])],
      // 11 had 32 in the end, and another 8 between the readings.
      [stat(10, 1, [0, 0, 40, 0])],
    ]);
    assert.deepEqual(used, { ownMs: 0, treeMs: 400 });
  });

  it('counts a child that nobody waits for', () => {
    const [, used] = meter([
      [stat(10, 1, [0, 0, 0, 0])],
      [stat(10, 1, [0, 0, 0, 0]), stat(11, 10, [30, 0, 0, 0])],
      [stat(10, 1, [0, 0, 0, 0])],
    ]);
    assert.deepEqual(used, { ownMs: 0, treeMs: 300 });
  });

  it('reads this machine', () => {
    const tree = new TreeMeter(process.pid);
    spawnSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 100_000);']);
    const { ownMs, treeMs } = tree.read();
    assert.ok(treeMs - ownMs >= 100, `${treeMs} ms, of which ${ownMs} ms our own`);
  });
});
