import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnsOf, cutToColumns, padColumns } from '../../src/base/shown-width.ts';

describe('how wide a text is at a terminal', () => {
  it('is two columns a letter in East Asia, and none for marks', () => {
    assert.deepEqual(['', 'Ana', 'Müller', '王小明', '김철수', 'ｱﾝ', 'हिन्दी', 'علی', '👋🏽'].map(columnsOf), [
      ...[0, 3, 6, 6, 6, 2],
      // Of Devanagari the virama is a mark, and so is one of the vowels' signs written above.
      ...[5, 3, 4],
    ]);
    // The letter and its accent apart.
    assert.equal(columnsOf('e\u0301'), 1);
  });

  it('is no more than there is room for, where it is cut', () => {
    assert.equal(cutToColumns('王小明 speaks', 5), '王小');
    assert.equal(cutToColumns('abc', 2), 'ab');
    assert.equal(cutToColumns('e\u0301x', 1), 'e\u0301');
    assert.equal(cutToColumns('abc', 9), 'abc');
  });

  it('lines up what stands behind', () => {
    assert.equal(padColumns('王', 4), '王  ');
    assert.equal(padColumns('long', 2), 'long');
  });
});
