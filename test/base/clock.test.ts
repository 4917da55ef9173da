import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { aheadMs, systemClock } from '../../src/base/clock.ts';

/** Far less than a thread may stand still for, far more than a reading takes. */
const AGREED_MS = 0.2;

function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

describe('the system clock', () => {
  it('reads the machine’s monotonic clock', () => {
    const ahead = aheadMs(hrtimeMs, () => systemClock.nowMs(), 1_000);
    assert.ok(Math.abs(ahead) < AGREED_MS, `${ahead} ms`);
  });

  it('reads the same on every thread', async () => {
    for (let thread = 0; thread < 3; thread += 1) {
      const worker = new Worker(new URL('./clock-thread.js', import.meta.url));
      const [ahead]: unknown[] = await once(worker, 'message');
      assert.ok(typeof ahead === 'number' && Math.abs(ahead) < AGREED_MS, `${ahead} ms`);
      await worker.terminate();
    }
  });
});

describe('aheadMs', () => {
  it('believes the narrowest reading, and takes its middle', () => {
    let nowMs = 0;
    const tookMs = [5, 0.5, 0.002, 3];
    let reading = -1;
    // Time passes in the reading, all of it before the shared clock is read but for the narrowest.
    const shared = (): number => {
      reading += 1;
      const took = tookMs[reading] ?? 0;
      nowMs += took;
      return nowMs + 1_000 - (took === 0.002 ? 0.001 : 0);
    };
    const ahead = aheadMs(shared, () => nowMs, 4);
    assert.ok(Math.abs(ahead - 1_000) < 1e-6, `${ahead}`);
  });
});
