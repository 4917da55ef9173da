import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { correlate, PRODUCT_SUMS, SOUND, STRETCH } from '../../../src/media/dsp/correlation.ts';

describe('correlate', () => {
  it('sums the products of a stretch with the sound at each place', () => {
    const [samples, places] = [40, 1_120];
    STRETCH.set(STRETCH.map((_, at) => Math.sin(at * at)));
    SOUND.set(SOUND.map((_, at) => 1_000 * Math.cos(0.37 * at * at)));
    PRODUCT_SUMS.fill(-1);
    correlate(samples, places);
    for (let place = 0; place < places; place += 1) {
      let sum = 0;
      for (let i = 0; i < samples; i += 1) {
        sum += (STRETCH[i] ?? 0) * (SOUND[place + i] ?? 0);
      }
      assert.ok(Math.abs((PRODUCT_SUMS[place] ?? 0) - sum) < 0.01, `place ${place}`);
    }
    assert.equal(PRODUCT_SUMS[places], -1, 'the sums end with the places');
  });

  it('takes stretches and sounds as long as their memory is', () => {
    STRETCH.fill(1);
    SOUND.fill(2);
    correlate(STRETCH.length, SOUND.length - STRETCH.length);
    assert.deepEqual([PRODUCT_SUMS[0], PRODUCT_SUMS[SOUND.length - STRETCH.length - 1]], [2_048, 2_048]);
  });
});
