import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addedCosts, medianOf } from './added-cost.ts';
import type { PhoneRecord } from './room-facts.ts';
import { wireResult } from './wire-result.ts';

function record(arrivalsMs: readonly number[], lostBecause?: string): PhoneRecord {
  return { arrivalsMs: Float64Array.from(arrivalsMs), latenessMs: Float32Array.from([0.5]), lostBecause };
}

const EVEN = Array.from({ length: 200 }, (_, frame) => 3 + frame * 20);

describe('what the telephones of a run heard', () => {
  it('is whole when each leg heard a frame each 20 ms', () => {
    const { pacingErrorMs, framesExpected, framesMissing } = wireResult([record(EVEN), record(EVEN)], {
      fromMs: 1_000,
      toMs: 3_000,
    });
    assert.deepEqual([framesExpected, framesMissing, pacingErrorMs.max], [200, 0, 0]);
  });

  it('lacks frames of one leg although another heard more', () => {
    const window = { fromMs: 1_000, toMs: 3_000 };
    const gap = EVEN.filter((atMs) => atMs < 1_500 || atMs > 1_600);
    const { framesMissing, pacingErrorMs } = wireResult([record(gap), record([...EVEN, 2_999])], window);
    assert.equal(framesMissing, 5);
    assert.equal(pacingErrorMs.max, 100);
  });

  it('names legs that were lost', () => {
    const { lostLegs } = wireResult([record(EVEN), record([], 'hung-up')], { fromMs: 0, toMs: 100 });
    assert.deepEqual(lostLegs, [{ leg: 1, because: 'hung-up' }]);
  });
});

describe('what one more party costs', () => {
  it('is the slope from the size before, of medians', () => {
    const runs = [
      { parties: 2, percent: 10 },
      { parties: 3, percent: 14 },
      { parties: 12, percent: 50 },
      { parties: 9, percent: 38 },
      { parties: 3, percent: 90 },
      { parties: 3, percent: 12 },
    ];
    assert.deepEqual(addedCosts(runs), [
      { parties: 3, from: 2, percent: 4 },
      { parties: 9, from: 3, percent: 4 },
      { parties: 12, from: 9, percent: 4 },
    ]);
  });

  it('has a median for an even number of runs, and none of none', () => {
    assert.equal(medianOf([4, 1, 3, 2]), 2.5);
    assert.ok(Number.isNaN(medianOf([])));
  });
});
