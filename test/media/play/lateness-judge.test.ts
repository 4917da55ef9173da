import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LatenessJudge } from '../../../src/media/play/lateness-judge.ts';

/**
 * Takes a frame each 20 ms from `fromMs` until some are superfluous or `limitMs` have passed; `waiting` are always
 * left.
 */
function lookFor(judge: LatenessJudge, waiting: number, fromMs: number, limitMs = 200_000): [number, number] {
  for (let nowMs = fromMs; nowMs < fromMs + limitMs; nowMs += 20) {
    const superfluous = judge.taken(waiting, nowMs);
    if (superfluous > 0) {
      return [superfluous, nowMs - fromMs];
    }
  }
  return [0, limitMs];
}

/** A judge that has just begun a window, at 1,000 ms. */
function begun(): LatenessJudge {
  const judge = new LatenessJudge();
  judge.taken(0, 1_000);
  return judge;
}

describe('LatenessJudge', () => {
  it('finds nothing superfluous while nothing waits', () => {
    assert.deepEqual(lookFor(begun(), 0, 1_020), [0, 200_000]);
  });

  it('gives back after a second what waited all along', () => {
    assert.deepEqual(lookFor(begun(), 3, 1_020), [3, 980]);
  });

  it('gives back no more than was left at the worst moment of the second', () => {
    const judge = begun();
    judge.taken(5, 1_020);
    judge.taken(2, 1_040);
    assert.equal(lookFor(judge, 5, 1_060)[0], 2);
  });

  it('gives back nothing when there was a gap in the second', () => {
    const judge = begun();
    judge.gap(1_500);
    assert.deepEqual(lookFor(judge, 3, 1_520, 500), [0, 500]);
  });

  it('takes three missing frames in a row for a gap, and more for the end of the voice', () => {
    const judge = begun();
    assert.deepEqual(
      [1_020, 1_040, 1_060, 1_080].map((nowMs) => judge.gap(nowMs)),
      [true, true, true, false],
    );
    judge.taken(0, 1_100);
    assert.equal(judge.gap(1_120), true, 'the next gap is one again');
  });

  it('looks after 200 ms for the 2 s that follow a stall, and after a second again later', () => {
    const judge = begun();
    judge.stalled(1_020);
    assert.deepEqual(lookFor(judge, 10, 1_020), [10, 200]);
    judge.gaveBack(1_220);
    assert.deepEqual(lookFor(judge, 4, 1_220), [4, 200]);
    judge.gaveBack(3_020);
    assert.deepEqual(lookFor(judge, 4, 3_020), [4, 1_000]);
  });

  it('takes three missing frames for a stall', () => {
    const judge = begun();
    for (const nowMs of [1_020, 1_040, 1_060]) {
      judge.gap(nowMs);
    }
    assert.deepEqual(lookFor(judge, 8, 1_080), [8, 200]);
  });

  it('doubles its patience for each gap that follows giving back, up to a minute', () => {
    const judge = begun();
    const patienceMs: number[] = [];
    let nowMs = 1_000;
    for (let round = 0; round < 8; round += 1) {
      judge.gaveBack(nowMs);
      judge.gap(nowMs + 20);
      judge.taken(1, nowMs + 40);
      // The window that was going on ends without a find, because of the gap in it.
      judge.gaveBack(nowMs + 40);
      const [, waitedMs] = lookFor(judge, 1, nowMs + 40);
      patienceMs.push(waitedMs);
      nowMs += 40 + waitedMs;
    }
    assert.deepEqual(patienceMs, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is no more patient after a gap long after it gave back', () => {
    const judge = begun();
    judge.gaveBack(1_000);
    judge.gap(3_000);
    judge.gaveBack(3_020);
    assert.deepEqual(lookFor(judge, 1, 3_020), [1, 1_000]);
  });
});
