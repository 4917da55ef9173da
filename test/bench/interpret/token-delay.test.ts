import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { averageTokenDelay, playedInTurn } from './token-delay.ts';

describe('average token delay', () => {
  it('pairs token for token while the source is ahead', () => {
    // Source, 1,000 ms and again 1,000 ms: tokens end at 300, 600, 900, 1,000; 1,300, 1,600, 1,900, 2,000.
    // Target, 500 ms from 1,000 on and 700 ms from 2,000 on: tokens end at 1,300, 1,500; 2,300, 2,600, 2,700.
    // Pairs: 1,300 - 300, 1,500 - 600, 2,300 - 900, 2,600 - 1,000, 2,700 - 1,300.
    const chunks = playedInTurn([
      { delayMs: 1_000, durationMs: 500 },
      { delayMs: 2_000, durationMs: 700 },
    ]);
    assert.equal(averageTokenDelay(chunks), (1_000 + 900 + 1_400 + 1_600 + 1_400) / 5);
  });

  it('pairs a target that is ahead with the last source there was, and later with what comes after it', () => {
    // Source, 300 ms and then 1,500 ms: tokens end at 300; 600, 900, 1,200, 1,500, 1,800.
    // Target, 900 ms from 300 on and 600 ms from 1,800 on: tokens end at 600, 900, 1,200; 2,100, 2,400.
    // The first three can only have come of the first source token. Before the fourth, three of the target stand
    // against one of the source, so it is paired with token 4 - 2, and the fifth with token 5 - 2.
    const chunks = playedInTurn([
      { delayMs: 300, durationMs: 900 },
      { delayMs: 1_800, durationMs: 600 },
    ]);
    assert.equal(averageTokenDelay(chunks), (300 + 600 + 900 + (2_100 - 600) + (2_400 - 900)) / 5);
  });

  it('takes chunks of the same source for one', () => {
    // One chunk of 400 ms made of 600 ms: tokens of 300 and 100 ms, heard from 1,000 to 1,200 and from 1,500 to 1,700.
    // The first token ends 100 ms into the second piece: 1,600 - 300, 1,700 - 600.
    const chunks = [
      { sourceMs: 600, startMs: 1_000, durationMs: 200 },
      { sourceMs: 600, startMs: 1_500, durationMs: 200 },
    ];
    assert.equal(averageTokenDelay(chunks), (1_300 + 1_100) / 2);
  });

  it('is about the start offset for a translation that waits for the whole turn', () => {
    // 3,000 ms of source and as much of translation, 700 ms later: every token is 3,700 ms behind its own.
    assert.equal(averageTokenDelay([{ sourceMs: 3_000, startMs: 3_700, durationMs: 3_000 }]), 3_700);
  });

  it('charges a wait for what was said before', () => {
    const chunks = (secondMs: number) => [
      { sourceMs: 1_200, startMs: 2_000, durationMs: 1_200 },
      { sourceMs: 2_400, startMs: secondMs, durationMs: 1_200 },
    ];
    assert.equal(averageTokenDelay(chunks(3_200)), 2_000);
    assert.equal(averageTokenDelay(chunks(3_600)), 2_200);
  });

  it('is nothing of nothing', () => {
    assert.equal(averageTokenDelay([]), Number.NaN);
  });
});
