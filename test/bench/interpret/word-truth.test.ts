import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alignWords, bareWord, normalisedErasure, truthOf, wordsOf } from './word-truth.ts';

describe('the truth of what was spoken', () => {
  it('is whole when every word stands, whatever its case and marks', () => {
    assert.deepEqual(truthOf(wordsOf('we found it'), wordsOf('We found it.')), {
      words: 3,
      contradicted: 0,
      unspoken: 0,
    });
  });

  it('counts a word that the final transcript has otherwise', () => {
    assert.deepEqual(truthOf(wordsOf('we found the letter'), wordsOf('we found the ladder')), {
      words: 4,
      contradicted: 1,
      unspoken: 0,
    });
  });

  it('counts a word that was said twice, and one that was never said', () => {
    assert.deepEqual(truthOf(wordsOf('a b b c'), wordsOf('a b c d')), {
      words: 4,
      contradicted: 1,
      unspoken: 1,
    });
  });

  it('contradicts everything when nothing was said', () => {
    assert.deepEqual(truthOf(wordsOf('hello there'), []), { words: 2, contradicted: 2, unspoken: 0 });
  });

  it('lays words over each other in order', () => {
    assert.deepEqual(alignWords(['b', 'c'], ['a', 'b', 'x', 'c']), [
      { spoken: undefined, final: 0, same: false },
      { spoken: 0, final: 1, same: true },
      { spoken: undefined, final: 2, same: false },
      { spoken: 1, final: 3, same: true },
    ]);
  });

  it('keeps numbers and amounts apart', () => {
    assert.equal(bareWord('1,250,'), '1,250');
    assert.equal(bareWord('$'), '$');
    assert.equal(bareWord('"Yes!"'), 'yes');
  });
});

describe('normalised erasure', () => {
  it('is 0 for text that only grows', () => {
    assert.equal(normalisedErasure(['a', 'a b', 'a b', 'a b c']), 0);
  });

  it('counts all tokens behind the first that changed', () => {
    // "a b c" to "a x c d" takes back b and c: 2 of the 4 tokens there are in the end.
    assert.equal(normalisedErasure(['a b c', 'a x c d']), 2 / 4);
    // A text that shrinks takes back what it loses.
    assert.equal(normalisedErasure(['a b c', 'a b']), 1 / 2);
  });
});
