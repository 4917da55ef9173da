/** How the latest utterances of a call fared. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UtteranceReport } from '../../../../src/call/call-events.ts';
import { LatestUtterances } from '../../../../src/server/http/api/latest-utterances.ts';

function report(outcome: UtteranceReport['outcome'], endToEndMs?: number): UtteranceReport {
  return {
    ...{ party: 'a', utterance: 1, outcome, segments: 1 },
    source: { language: 'en', piiText: '', startMs: 0, endMs: 1_000 },
    target: { language: 'es', piiText: '' },
    stages: endToEndMs === undefined ? {} : { endToEndMs },
  };
}

describe('the latest utterances', () => {
  it('are nothing before there was one, and are not what nobody wanted translated', () => {
    const latest = new LatestUtterances();
    latest.add(report('nothing-said'));
    latest.add(report('left-alone'));
    assert.equal(latest.fared, undefined);
  });

  it('tell how late they were, and how many failed', () => {
    const latest = new LatestUtterances();
    latest.add(report('spoken', 900));
    latest.add(report('spoken', -200));
    latest.add(report('failed'));
    latest.add(report('not-played'));
    assert.deepEqual(latest.fared, { count: 4, failed: 2, lagMs: 0, lagP95Ms: 900 });
  });

  it('tell no lag where none was heard', () => {
    const latest = new LatestUtterances();
    latest.add(report('failed'));
    assert.deepEqual(latest.fared, { count: 1, failed: 1 });
  });

  it('are the last twenty', () => {
    const latest = new LatestUtterances();
    latest.add(report('failed', 9_000));
    for (let utterance = 1; utterance <= 20; utterance += 1) {
      latest.add(report('spoken', utterance * 100));
    }
    assert.deepEqual(latest.fared, { count: 20, failed: 0, lagMs: 2_000, lagP95Ms: 1_900 });
  });
});
