import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countsLine, hopsTable, partsTable, verdict } from './live-report.ts';
import type { SegmentWay } from './segment-ways.ts';

function way(ownMs: number): SegmentWay {
  return {
    type: 'measured',
    wholeMs: 600 + ownMs,
    parts: { sttMs: 400, declaredMs: 0, mtMs: 0, ttsMs: 200, queueMs: 0, ownMs },
    packetMs: 0,
    frameMs: 4,
    hops: { ingressMs: 5, toTranslationMs: undefined, toSpeechMs: 1, toListenerMs: 8 },
    ahead: true,
    byTimer: false,
    wholeTurn: true,
  };
}

const GOOD = Array.from({ length: 100 }, () => way(14));

describe('the verdict on a live run', () => {
  it('is passed when our share is small and nothing went wrong', () => {
    assert.equal(verdict(GOOD, []).passed, true);
  });

  it('lets one segment in a hundred be slow, not two', () => {
    assert.equal(verdict([...GOOD.slice(1), way(90)], []).passed, true);
    assert.equal(verdict([...GOOD.slice(2), way(90), way(90)], []).passed, false);
  });

  it('does not hold it against us that speech queues, but that it is lost', () => {
    assert.equal(verdict([...GOOD, { type: 'left-out', why: 'queued' }], []).passed, true);
    for (const why of ['unheard', 'unknown-source', 'unknown-at-vendors', 'broken'] as const) {
      assert.equal(verdict([...GOOD, { type: 'left-out', why }], []).passed, false, why);
    }
  });

  it('is not passed when nothing was measured, or something went wrong', () => {
    assert.equal(verdict([], []).passed, false);
    const { passed, text } = verdict(GOOD, ['call 3: a leg was lost']);
    assert.equal(passed, false);
    assert.match(text, /call 3: a leg was lost/);
  });
});

describe('the tables of a live run', () => {
  it('count what was left out, by reason', () => {
    const line = countsLine([...GOOD, { type: 'left-out', why: 'queued' }]);
    assert.equal(
      line,
      '101 segments: 100 measured (100 worked on ahead, 0 decided by time), left out: 1 waited for earlier speech',
    );
  });

  it('leave out hops that were not seen', () => {
    const table = hopsTable(GOOD);
    assert.match(table, /result -> translation asked for +0 +- +-/);
    assert.match(table, /the rest +100 +10\.0/);
    assert.match(partsTable(GOOD), /end of the last word -> first sound +100 +614/);
  });
});
