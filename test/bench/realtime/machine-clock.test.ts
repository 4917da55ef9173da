import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aheadOf } from './machine-clock.ts';

describe('the machine clock', () => {
  it('believes the quickest of its readings', () => {
    // The machine is 5 ms ahead; each reading is held up by another time.
    const heldUpMs = [7, 0.02, 3];
    let nowMs = 100;
    let reading = 0;
    const clock = { nowMs: () => nowMs };
    const machine = (): number => {
      const tookMs = heldUpMs[reading] ?? 0;
      reading += 1;
      const readMs = nowMs + 5;
      nowMs += tookMs;
      return readMs;
    };
    assert.ok(Math.abs(aheadOf(clock, machine, heldUpMs.length) - 5) <= 0.011);
  });
});
