import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { busyPercent, processorTimeOf } from './machine-load.ts';

describe('the load of the machine', () => {
  it('is what the processors did besides waiting', () => {
    const before = processorTimeOf('cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3\n');
    const after = processorTimeOf('cpu  130 0 60 850 60 0 0 0 0 0\n');
    assert.deepEqual(before, { busyTicks: 150, allTicks: 1_000 });
    assert.equal(busyPercent(before, after), 40);
  });

  it('is unknown where it cannot be read', () => {
    assert.equal(processorTimeOf('intr 1 2 3'), undefined);
    assert.ok(Number.isNaN(busyPercent(undefined, undefined)));
  });
});
