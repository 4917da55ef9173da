import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heardMs, packHeard } from '../../../src/media/thread/heard-so-far.ts';

describe('what was heard of a segment, in one word', () => {
  it('comes out as it went in, for that segment only', () => {
    for (const [segment, ms] of [
      [0, 0],
      [1, 60_000],
      [2_047, 1_234],
      [5_000, 20],
    ] as const) {
      const packed = packHeard({ segment, ms });
      assert.ok(packed >= 0 && packed < 2 ** 31);
      assert.deepEqual([heardMs(packed, segment), heardMs(packed, segment + 1)], [ms, 0]);
    }
  });

  it('is nothing when none sounds', () => {
    assert.equal(heardMs(packHeard(undefined), 3), 0);
  });
});
