import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  averageLagging,
  differentiableLagging,
  lengthAdaptiveLagging,
  yetAnotherLagging,
} from './lagging.ts';

/** A source of 3 s; five units, of which the fourth is the first that comes when the source is over. */
const FIVE = { delaysMs: [1_000, 1_000, 2_000, 3_000, 3_000], sourceMs: 3_000, referenceUnits: 4 };

describe('average lagging', () => {
  it('compares with one unit of the reference each 750 ms, up to the first unit after the source', () => {
    // 3,000 / 4 = 750 ms a unit: 1,000 - 0, 1,000 - 750, 2,000 - 1,500, 3,000 - 2,250; the mean of four.
    assert.equal(averageLagging(FIVE), (1_000 + 250 + 500 + 750) / 4);
  });

  it('is the first delay when nothing is heard before the source is over', () => {
    assert.equal(averageLagging({ delaysMs: [3_001, 3_400], sourceMs: 3_000, referenceUnits: 2 }), 3_001);
  });

  it('counts a first unit that is heard just as the source ends, and no more', () => {
    assert.equal(averageLagging({ delaysMs: [3_000, 3_400], sourceMs: 3_000, referenceUnits: 2 }), 3_000);
  });

  it('is over all units when all are heard within the source', () => {
    // 3,000 / 2 = 1,500 ms a unit: 500 - 0, 1,700 - 1,500.
    assert.equal(averageLagging({ delaysMs: [500, 1_700], sourceMs: 3_000, referenceUnits: 2 }), 350);
  });

  it('is nothing of nothing', () => {
    assert.equal(averageLagging({ delaysMs: [], sourceMs: 3_000, referenceUnits: 2 }), Number.NaN);
  });
});

describe('length-adaptive lagging', () => {
  it('takes the longer of translation and reference', () => {
    // 3,000 / 5 = 600 ms a unit: 1,000, 1,000 - 600, 2,000 - 1,200, 3,000 - 1,800.
    assert.equal(lengthAdaptiveLagging(FIVE), (1_000 + 400 + 800 + 1_200) / 4);
    // A short translation is compared with the reference: 3,000 / 4 = 750 ms a unit.
    assert.equal(
      lengthAdaptiveLagging({ delaysMs: [1_000, 2_000], sourceMs: 3_000, referenceUnits: 4 }),
      (1_000 + 1_250) / 2,
    );
  });

  it('is the first delay when nothing is heard before the source is over', () => {
    assert.equal(
      lengthAdaptiveLagging({ delaysMs: [8_000, 8_100], sourceMs: 6_000, referenceUnits: 9 }),
      8_000,
    );
  });

  it('is nothing of nothing', () => {
    assert.equal(lengthAdaptiveLagging({ delaysMs: [], sourceMs: 3_000, referenceUnits: 2 }), Number.NaN);
  });
});

describe('differentiable lagging', () => {
  it('lets no unit come sooner than 600 ms after the one before', () => {
    // Delays become 1,000, 1,600, 2,200, 3,000, 3,600; less 0, 600, 1,200, 1,800, 2,400.
    assert.equal(differentiableLagging(FIVE), (1_000 + 1_000 + 1_000 + 1_200 + 1_200) / 5);
  });

  it('is the first delay for a translation that comes in one burst', () => {
    assert.equal(
      differentiableLagging({ delaysMs: [4_000, 4_000, 4_000], sourceMs: 3_000, referenceUnits: 3 }),
      4_000,
    );
  });
});

describe('YAAL', () => {
  it('stops before the first unit after the source', () => {
    assert.equal(yetAnotherLagging(FIVE), (1_000 + 400 + 800) / 3);
  });

  it('says nothing of a turn that was over before anything was heard', () => {
    assert.equal(yetAnotherLagging({ delaysMs: [3_000], sourceMs: 3_000, referenceUnits: 1 }), undefined);
    assert.equal(yetAnotherLagging({ delaysMs: [], sourceMs: 3_000, referenceUnits: 1 }), undefined);
  });
});
