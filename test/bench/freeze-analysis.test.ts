import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyseFreeze } from './freeze-analysis.ts';
import { type LegRecord, LegRecorder } from './leg-record.ts';

/** A leg that hears a frame each 20 ms for 4 s, with the delay `delayMs` gives for the ms since 1,000. */
function leg(delayMs: (sinceMs: number) => number): LegRecord {
  const recorder = new LegRecorder(0, 1_000);
  for (let sinceMs = 0; sinceMs < 4_000; sinceMs += 20) {
    recorder.heard(1_000 + sinceMs, 1, delayMs(sinceMs));
  }
  return recorder.finish(undefined);
}

const FROZEN = { fromMs: 700, toMs: 1_000 };

describe('analyseFreeze', () => {
  it('finds when the voice is on time for good', () => {
    const result = analyseFreeze([leg((sinceMs) => (sinceMs < 850 ? 300 : 15))], FROZEN);
    assert.equal(result.frozenMs, 300);
    assert.equal(result.windows.length, 30);
    assert.equal(result.windows[0]?.delayMs.p99, 300);
    assert.equal(result.onTimeAfterMs, 900);
  });

  it('is not misled by a moment on time', () => {
    const result = analyseFreeze(
      [leg((sinceMs) => (sinceMs < 200 || (sinceMs > 1_500 && sinceMs < 1_600) ? 90 : 15))],
      FROZEN,
    );
    assert.equal(result.onTimeAfterMs, 1_600);
  });

  it('says so when it never was, or when it never was late', () => {
    assert.equal(analyseFreeze([leg(() => 300)], FROZEN).onTimeAfterMs, undefined);
    assert.equal(analyseFreeze([leg(() => 15)], FROZEN).onTimeAfterMs, 0);
  });

  it('takes delays that cannot be told for late', () => {
    const result = analyseFreeze([leg((sinceMs) => (sinceMs < 300 ? Number.NaN : 15))], FROZEN);
    assert.equal(result.windows[0]?.framesHeard, 5);
    assert.equal(result.windows[0]?.delayMs.count, 0);
    assert.equal(result.onTimeAfterMs, 300);
  });
});
