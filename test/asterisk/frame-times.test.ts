import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBursts, findGaps } from './frame-times.ts';

function at(...timesMs: number[]): { atMs: number }[] {
  return timesMs.map((atMs) => ({ atMs }));
}

describe('findGaps', () => {
  it('finds the spans longer than the limit', () => {
    assert.deepEqual(findGaps(at(0, 20, 61, 81, 121), 40), [{ fromMs: 20, toMs: 61, ms: 41 }]);
    assert.deepEqual(findGaps([], 40), []);
  });
});

describe('findBursts', () => {
  it('finds where more frames than allowed came together, each frame in one burst', () => {
    const frames = at(0, 20, 40, 40.2, 40.9, 60, 80, 80, 100, 100.5, 100.6, 101, 101.2);
    assert.deepEqual(findBursts(frames, 2), [
      { atMs: 40, frames: 3 },
      { atMs: 100, frames: 4 },
    ]);
    assert.deepEqual(findBursts(frames, 4), []);
  });
});
