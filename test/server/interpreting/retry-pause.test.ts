/** When an engine is tried again. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryPauseMs } from '../../../src/server/interpreting/retry-pause.ts';

describe('retryPauseMs', () => {
  it('doubles from 5 s to a minute for what may come back, and is ten minutes for what most likely will not', () => {
    const passing = [1, 2, 3, 4, 5, 6, 50].map((tries) => retryPauseMs(tries, true, 0.5));
    assert.deepEqual(passing, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    assert.deepEqual([retryPauseMs(1, false, 0.5), retryPauseMs(9, false, 0.5)], [600_000, 600_000]);
  });

  it('is up to a fifth longer or shorter', () => {
    assert.deepEqual([retryPauseMs(1, true, 0), retryPauseMs(1, true, 1)], [4_000, 6_000]);
  });
});
