import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ABOVE, BucketCounts, bucketWords, SUM } from '../../src/base/bucket-counts.ts';
import { CountSums } from '../../src/base/counts.ts';

describe('BucketCounts', () => {
  it('counts each value under the lowest bound that it does not exceed', () => {
    const counts = new BucketCounts([1, 10]);
    for (const value of [0, 1, 1.1, 10, 10.1, 500]) {
      counts.add(value);
    }
    assert.deepEqual(
      [...counts.entries()],
      [
        ['1', 2],
        ['10', 2],
        [ABOVE, 2],
        [SUM, 522.2],
      ],
    );
  });

  it('shares its memory with whoever has it, another thread too', () => {
    const words = new Int32Array(new SharedArrayBuffer(4 * bucketWords([5])));
    new BucketCounts([5], words).add(3);
    assert.deepEqual([...new BucketCounts([5], words).entries()][0], ['5', 1]);
  });

  it('has a sum that 32 bits with a sign would not hold, where it shares its memory', () => {
    const counts = new BucketCounts([1], new Int32Array(bucketWords([1])));
    counts.add(200_000_000);
    counts.add(200_000_000);
    assert.deepEqual([...counts.entries()].at(-1), [SUM, 400_000_000]);
  });

  it('has a sum that 32 bits would not hold, where its memory is its own', () => {
    const counts = new BucketCounts([1]);
    for (let times = 0; times < 3; times += 1) {
      counts.add(200_000_000);
    }
    assert.deepEqual([...counts.entries()].at(-1), [SUM, 600_000_000]);
  });

  it('is added up as tallies are', () => {
    const [one, other] = [new BucketCounts([1]), new BucketCounts([1])];
    one.add(1);
    other.add(2);
    const sums = new CountSums().add({ counts: { waits: one } }).add({ counts: { waits: other } });
    assert.deepEqual(
      [...sums.tally('waits')],
      [
        ['1', 1],
        [ABOVE, 1],
        [SUM, 3],
      ],
    );
  });
});
