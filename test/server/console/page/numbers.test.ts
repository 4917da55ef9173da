import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LagWindow } from '../../../../src/server/console/page/state/lag-window.ts';
import { shownDelay, shownDuration } from '../../../../src/server/console/page/state/shown-numbers.ts';

describe('numbers of the console', () => {
  it('write how long something lasts as a clock does', () => {
    assert.deepEqual([-5, 0, 9_999, 245_000, 3_845_000, 36_000_000].map(shownDuration), [
      '0:00',
      '0:00',
      '0:09',
      '4:05',
      '1:04:05',
      '10:00:00',
    ]);
  });

  it('write a delay with as many digits as somebody reads', () => {
    assert.deepEqual([undefined, 0, 739.6, -120, 1_240, 9_940, 14_400].map(shownDelay), [
      '–',
      '0 ms',
      '740 ms',
      '-120 ms',
      '1.2 s',
      '9.9 s',
      '14 s',
    ]);
  });
});

describe('LagWindow', () => {
  it('has the lag that 95 of a hundred do not exceed', () => {
    const lags = new LagWindow();
    assert.equal(lags.p95Ms, undefined);
    for (let lag = 100; lag > 0; lag -= 1) {
      lags.add(lag);
    }
    assert.equal(lags.p95Ms, 95);
  });

  it('forgets what is long past, and counts what came before the speaker had ended as not late', () => {
    const lags = new LagWindow();
    lags.add(60_000);
    for (let each = 0; each < 400; each += 1) {
      lags.add(-500);
    }
    assert.equal(lags.p95Ms, 0);
  });
});
