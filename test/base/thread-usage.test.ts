import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemThreadId, threadRanMs } from '../../src/base/thread-usage.ts';

describe('how long a thread has run', () => {
  it('grows while it works, and not while it sleeps', { skip: process.platform !== 'linux' }, () => {
    const id = systemThreadId() ?? Number.NaN;
    const ran = (): number => threadRanMs(id) ?? Number.NaN;
    const before = ran();
    const limitMs = before + 20;
    while (ran() < limitMs) {
      // It works.
    }
    const rested = ran();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    assert.ok(ran() - rested < 40, `it ran for ${ran() - rested} ms in its sleep`);
  });

  it('is not known of a thread that is not there', () => {
    assert.equal(threadRanMs(2 ** 30), undefined);
  });
});
