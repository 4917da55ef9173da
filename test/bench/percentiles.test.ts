import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percentile, spreadOf } from './percentiles.ts';

describe('percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);

  it('is a value of the set, by nearest rank', () => {
    assert.equal(percentile(hundred, 50), 50);
    assert.equal(percentile(hundred, 99), 99);
    assert.equal(percentile(hundred, 99.5), 100);
  });

  it('has the least and the greatest value at its ends', () => {
    assert.equal(percentile(hundred, 0), 1);
    assert.equal(percentile(hundred, 100), 100);
  });

  it('is the only value there is', () => {
    assert.equal(percentile(Float64Array.of(7), 1), 7);
    assert.equal(percentile(Float64Array.of(7), 99), 7);
  });

  it('is NaN of nothing', () => {
    assert.equal(percentile(new Float64Array(0), 50), Number.NaN);
  });
});

describe('spreadOf', () => {
  it('sorts by value, not by text, and leaves its input alone', () => {
    const values = [10, 9, -2, 100];
    assert.deepEqual(spreadOf(values), { count: 4, min: -2, p50: 9, p99: 100, max: 100 });
    assert.deepEqual(values, [10, 9, -2, 100]);
  });

  it('leaves out what could not be measured', () => {
    assert.deepEqual(spreadOf([Number.NaN, 3, Number.NaN]), { count: 1, min: 3, p50: 3, p99: 3, max: 3 });
  });
});
