import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Direction, MatchedLag } from '../../../src/interpret/policy/matched-lag.ts';

const EN_ES: Direction = { from: 'en', to: 'es' };
const ES_EN: Direction = { from: 'es', to: 'en' };

function directionOf(words: string): Direction {
  const [from = '', to = ''] = words.split(':');
  return { from, to };
}

function lagsOf(lags: Readonly<Record<string, readonly number[]>>): MatchedLag {
  const matched = new MatchedLag();
  for (const [direction, each] of Object.entries(lags)) {
    for (const lagMs of each) {
      matched.heard(directionOf(direction), lagMs);
    }
  }
  return matched;
}

describe('MatchedLag', () => {
  it('holds the faster direction for what it is faster by, and never the slower one', () => {
    const matched = lagsOf({ 'en:es': [1_000], 'es:en': [2_500] });
    assert.deepEqual([matched.holdMs(EN_ES), matched.holdMs(ES_EN)], [1_500, 0]);
  });

  it('holds nothing while only one direction is known', () => {
    const matched = lagsOf({ 'en:es': [4_000] });
    assert.deepEqual([matched.holdMs(EN_ES), matched.holdMs(ES_EN)], [0, 0]);
  });

  it('holds for no longer than 2 s, and not for what nobody notices', () => {
    assert.equal(lagsOf({ 'en:es': [500], 'es:en': [9_000] }).holdMs(EN_ES), 2_000);
    assert.equal(lagsOf({ 'en:es': [500], 'es:en': [599] }).holdMs(EN_ES), 0);
    assert.equal(lagsOf({ 'en:es': [500], 'es:en': [600] }).holdMs(EN_ES), 100);
  });

  it('follows a direction that becomes faster or slower, and believes no single utterance', () => {
    const matched = lagsOf({ 'en:es': [1_000], 'es:en': [1_000, 2_000] });
    assert.equal(matched.holdMs(EN_ES), 300);
    for (let utterance = 0; utterance < 20; utterance += 1) {
      matched.heard(ES_EN, 2_000);
    }
    assert.ok(Math.abs(matched.holdMs(EN_ES) - 1_000) < 5);
  });

  it('asks nothing of directions that are not the other way round: a language may be spoken no more', () => {
    const matched = lagsOf({ 'es:en': [4_000], 'en:fr': [1_000], 'fr:en': [1_300] });
    assert.equal(matched.holdMs({ from: 'en', to: 'fr' }), 300);
    assert.equal(matched.holdMs({ from: 'fr', to: 'en' }), 0);
  });

  it('takes what was done before its end as no lag', () => {
    assert.equal(lagsOf({ 'en:es': [-3_000], 'es:en': [400] }).holdMs(EN_ES), 400);
  });
});
