import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstOf } from './processes.ts';

describe('firstOf', () => {
  it('gives no id that a signal would take for the group of the test', () => {
    assert.equal(firstOf('process', [4_321, 1]), 4_321);
    for (const ids of [[], [undefined], [0], [1], [Number.NaN], [-7]]) {
      assert.throws(() => firstOf('process with the model', ids), /no process with the model/);
    }
  });
});
