import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wordErrors } from './word-errors.ts';

describe('wordErrors', () => {
  it('counts words that were left out, put in and exchanged', () => {
    const said = ['one', 'two', 'three', 'four'];
    assert.equal(wordErrors(said, said), 0);
    assert.equal(wordErrors(said, ['one', 'three', 'four']), 1);
    assert.equal(wordErrors(said, ['one', 'two', 'or', 'three', 'four']), 1);
    assert.equal(wordErrors(said, ['one', 'too', 'three', 'for', 'ever']), 3);
    assert.equal(wordErrors(said, []), 4);
    assert.equal(wordErrors([], said), 4);
  });
});
