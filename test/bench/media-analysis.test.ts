import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HEARD, type LegRecord, LegRecorder } from './leg-record.ts';
import { analyseMedia, countSequence, driftPercent, indicesWithin, pacingErrors } from './media-analysis.ts';

describe('pacingErrors', () => {
  it('is how far each interval is from 20 ms, either way', () => {
    assert.deepEqual([...pacingErrors(Float64Array.of(0, 20, 45, 45, 60))], [0, 5, 20, 5]);
  });

  it('needs two arrivals', () => {
    assert.equal(pacingErrors(Float64Array.of(7)).length, 0);
    assert.equal(pacingErrors(new Float64Array(0)).length, 0);
  });
});

describe('driftPercent', () => {
  it('is positive for a sender that is slow, and blind to jitter between', () => {
    assert.equal(driftPercent(Float64Array.of(0, 35, 40)), 0);
    assert.ok(Math.abs(driftPercent(Float64Array.of(0, 20.2, 40.4)) - 1) < 1e-9);
    assert.ok(driftPercent(Float64Array.of(0, 19, 38)) < 0);
    assert.equal(driftPercent(Float64Array.of(5)), 0);
  });
});

describe('countSequence', () => {
  it('counts what is left out and what comes again, over frames that are not numbered', () => {
    const numbers = Int32Array.of(HEARD.silence, 4, 5, HEARD.changed, 8, 8, 7, 9);
    assert.deepEqual(countSequence(numbers), { skipped: 2, repeated: 2 });
  });

  it('counts nothing before the first number', () => {
    assert.deepEqual(countSequence(Int32Array.of(HEARD.silence, 100, 101)), { skipped: 0, repeated: 0 });
  });
});

describe('indicesWithin', () => {
  it('includes the start of the window and leaves out its end', () => {
    const timesMs = Float64Array.of(0, 10, 20, 30);
    assert.deepEqual(indicesWithin(timesMs, { fromMs: 10, toMs: 30 }), { start: 1, end: 3 });
    assert.deepEqual(indicesWithin(timesMs, { fromMs: 31, toMs: 99 }), { start: 4, end: 4 });
  });
});

describe('analyseMedia', () => {
  it('counts every kind of frame in the window only, and names the legs that were lost', () => {
    const result = analyseMedia([legOf(0, undefined), legOf(1, 'hung-up')], { fromMs: 100, toMs: 200 });
    assert.equal(result.framesExpected, 10);
    assert.equal(result.framesHeard, 10);
    assert.equal(result.exactFrames, 2);
    assert.equal(result.silentFrames, 2);
    assert.equal(result.shiftedFrames, 2);
    assert.equal(result.changedFrames, 2);
    assert.equal(result.strangerFrames, 2);
    assert.equal(result.framesSent, 10);
    assert.equal(result.pacingErrorMs.max, 0);
    assert.equal(result.delayMs.max, 12);
    assert.equal(result.sendLatenessMs.p50, 0.5);
    assert.deepEqual(result.lostLegs, [{ leg: 1, because: 'hung-up' }]);
  });
});

/** Ten frames each way, 20 ms apart from 100 ms on; the last five are outside the window of the test. */
function legOf(leg: number, lostBecause: string | undefined): LegRecord {
  const recorder = new LegRecorder(leg, 100);
  const numbers = [1, HEARD.silence, HEARD.changed, HEARD.stranger, HEARD.shifted, 3, 4, 5, 6, 7];
  for (const [index, number] of numbers.entries()) {
    recorder.heard(100 + index * 20, number, number < 0 ? Number.NaN : index < 5 ? 12 : 99);
  }
  const dueMs = Float64Array.from(numbers, (_, index) => 100 + index * 20);
  return recorder.finish(lostBecause, dueMs, new Float32Array(numbers.length).fill(0.5));
}
