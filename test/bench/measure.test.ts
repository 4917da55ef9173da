import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { measure } from './measure.ts';

describe('measure', () => {
  it('tells the cost of a frame, not of an operation of many frames', () => {
    let nowMs = 1_000;
    const clock: Clock = { ...neverUsed, nowMs: () => nowMs };
    const costsMs = [0.05, 0.04, 0.06, 0.045, 0.9];
    let measuring = 0;
    const result = measure(
      {
        name: 'ten frames',
        framesPerOp: 10,
        run: (times) => {
          // While it warms up an operation takes 0.05 ms: 2,000 of them fill a run of 100 ms.
          const costMs = times === 2_000 ? (costsMs[measuring++] ?? 0.05) : 0.05;
          nowMs += times * costMs;
        },
      },
      5,
      clock,
    );
    assert.equal(result.runs, 5);
    assert.ok(Math.abs(result.medianUs - 5) < 1e-6, `the median is ${result.medianUs}`);
    assert.ok(Math.abs(result.minUs - 4) < 1e-6);
    assert.ok(Math.abs(result.maxUs - 90) < 1e-6);
    assert.ok(Math.abs(result.framesPerSecond - 200_000) < 1);
  });

  it('tells what is allocated', () => {
    let nowMs = 0;
    const clock: Clock = { ...neverUsed, nowMs: () => nowMs };
    const kept: unknown[] = [];
    const { allocatedBytes } = measure(
      {
        name: 'allocates 1,000 bytes',
        framesPerOp: 1,
        run: (times) => {
          nowMs += times;
          for (let i = 0; i < times; i += 1) {
            kept[0] = new Float64Array(125);
          }
        },
      },
      5,
      clock,
    );
    // V8 compiles beside it, now and then, and that is counted, too: 300 kB for 500 frames were seen.
    assert.ok(allocatedBytes >= 1_000 && allocatedBytes < 3_000, `it says ${allocatedBytes}`);
  });
});

const neverUsed: Omit<Clock, 'nowMs'> = {
  wallTime: () => systemClock.wallTime(),
  at: () => {
    throw new TypeError('measuring sets no timer');
  },
  sleep: () => Promise.reject(new TypeError('measuring does not sleep')),
};
