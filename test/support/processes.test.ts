import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, it } from 'node:test';
import { endsWithUs, firstOf, goesFirst } from './processes.ts';

describe('firstOf', () => {
  it('gives no id that a signal would take for the group of the test', () => {
    assert.equal(firstOf('process', [4_321, 1]), 4_321);
    for (const ids of [[], [undefined], [0], [1], [Number.NaN], [-7]]) {
      assert.throws(() => firstOf('process with the model', ids), /no process with the model/);
    }
  });
});

describe('goesFirst', () => {
  const isAllowed = process.platform === 'linux' && process.getuid?.() === 0;

  it('puts all threads of a process before ours', {
    skip: !isAllowed && 'only root may, on Linux',
  }, async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setTimeout(() => {}, 60_000)']);
    endsWithUs(child);
    await once(child.stdout, 'data');
    const threads = (): readonly string[] => readdirSync(`/proc/${child.pid}/task`);
    assert.ok(threads().length > 1);
    goesFirst(child);
    assert.deepEqual([...new Set(threads().map((thread) => getPriority(Number(thread))))], [-15]);
    child.kill();
    await once(child, 'exit');
    goesFirst(child);
  });
});
