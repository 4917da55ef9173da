import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeAmong, codesOf } from '../../src/engines/languages.ts';

describe('codes of languages', () => {
  it('are its own and those that mean the same, without the region', () => {
    assert.deepEqual(codesOf('no'), ['no', 'nb']);
    assert.deepEqual(codesOf('nb-NO'), ['nb', 'no']);
    assert.deepEqual(codesOf('pt-BR'), ['pt']);
    assert.deepEqual(codesOf('nn'), ['nn']);
  });

  it('are found among those of a provider, the language’s own first', () => {
    assert.equal(codeAmong(new Set(['en', 'tl']), 'fil'), 'tl');
    assert.equal(codeAmong(new Set(['no', 'nb']), 'nb'), 'nb');
    assert.equal(codeAmong(new Set(['no', 'nb']), 'no'), 'no');
    assert.equal(codeAmong(new Set(['zh']), 'cmn'), 'zh');
    assert.equal(codeAmong(new Set(['en']), 'xx'), undefined);
  });
});
