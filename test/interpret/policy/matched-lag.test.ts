import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MatchedLag } from '../../../src/interpret/policy/matched-lag.ts';

function lagsOf(lags: Readonly<Record<string, readonly number[]>>): MatchedLag {
  const matched = new MatchedLag();
  for (const [direction, each] of Object.entries(lags)) {
    for (const lagMs of each) {
      matched.heard(direction, lagMs);
    }
  }
  return matched;
}

describe('MatchedLag', () => {
  it('holds the faster direction for what it is faster by, and never the slower one', () => {
    const matched = lagsOf({ 'en:es': [1_000], 'es:en': [2_500] });
    assert.deepEqual([matched.holdMs('en:es'), matched.holdMs('es:en')], [1_500, 0]);
  });

  it('holds nothing while only one direction is known', () => {
    const matched = lagsOf({ 'en:es': [4_000] });
    assert.deepEqual([matched.holdMs('en:es'), matched.holdMs('es:en')], [0, 0]);
  });

  it('holds for no longer than 2 s, and not for what nobody notices', () => {
    assert.equal(lagsOf({ 'en:es': [500], 'es:en': [9_000] }).holdMs('en:es'), 2_000);
    assert.equal(lagsOf({ 'en:es': [500], 'es:en': [599] }).holdMs('en:es'), 0);
    assert.equal(lagsOf({ 'en:es': [500], 'es:en': [600] }).holdMs('en:es'), 100);
  });

  it('follows a direction that becomes faster or slower, and believes no single utterance', () => {
    const matched = lagsOf({ 'en:es': [1_000], 'es:en': [1_000, 2_000] });
    assert.equal(matched.holdMs('en:es'), 300);
    for (let utterance = 0; utterance < 20; utterance += 1) {
      matched.heard('es:en', 2_000);
    }
    assert.ok(Math.abs(matched.holdMs('en:es') - 1_000) < 5);
  });

  it('takes what was done before its end as no lag', () => {
    assert.equal(lagsOf({ 'en:es': [-3_000], 'es:en': [400] }).holdMs('en:es'), 400);
  });
});
