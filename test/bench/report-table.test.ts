import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cell, renderTable } from './report-table.ts';

describe('renderTable', () => {
  it('aligns the first column left and the others right, and takes short rows', () => {
    const text = renderTable(['what', 'µs'], [['a', '1.00'], ['longer', '12.00'], ['none']]);
    assert.equal(text, 'what       µs\n------  -----\na        1.00\nlonger  12.00\nnone');
  });
});

describe('cell', () => {
  it('separates thousands, rounds, and shows that there is no number', () => {
    assert.equal(cell(12_345.678, 1), '12,345.7');
    assert.equal(cell(-0.2, 0), '0');
    assert.equal(cell(undefined, 2), '-');
    assert.equal(cell(Number.NaN, 2), '-');
  });
});
