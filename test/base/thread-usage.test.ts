import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { isThreadRunnable, systemThreadId, threadRanMs } from '../../src/base/thread-usage.ts';
import { eventually } from '../support/waiting.ts';

const LIMIT_MS = 60_000;

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

describe('whether a thread would run', () => {
  it('is so of one that does, and not of one that sleeps, or is not there', {
    skip: process.platform !== 'linux',
  }, async () => {
    assert.equal(isThreadRunnable(systemThreadId() ?? Number.NaN), true);
    const asleep = new Worker(
      `const { parentPort } = require('node:worker_threads');
       const id = Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').pop());
       parentPort.postMessage(id);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
      { eval: true },
    );
    const [id] = await once(asleep, 'message');
    await eventually('it sleeps', LIMIT_MS, () => !isThreadRunnable(id));
    await asleep.terminate();
    assert.equal(isThreadRunnable(2 ** 30), false);
  });
});
