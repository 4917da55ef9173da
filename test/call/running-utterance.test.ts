import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunningUtterance } from '../../src/call/running-utterance.ts';

function begun(): RunningUtterance {
  return new RunningUtterance({ type: 'started', utterance: 7, startMs: 1_000, overlapping: false }, 3);
}

describe('the utterance that is being said', () => {
  it('is told again in order, with the pause that goes on and not the one that is over', () => {
    const running = begun();
    running.take({ type: 'audio', pcm: Int16Array.of(1) });
    running.take({ type: 'paused', silenceStartMs: 1_100, echoShare: 0 });
    running.take({ type: 'resumed' });
    running.take({ type: 'audio', pcm: Int16Array.of(2) });
    running.take({ type: 'paused', silenceStartMs: 1_300, echoShare: 0 });
    running.countOn(1);
    assert.deepEqual(running.events, [
      { type: 'started', utterance: 8, startMs: 1_000, overlapping: false },
      { type: 'audio', pcm: Int16Array.of(1) },
      { type: 'audio', pcm: Int16Array.of(2) },
      { type: 'paused', silenceStartMs: 1_300, echoShare: 0 },
    ]);
  });

  it('keeps the last 20 s of its sound', () => {
    const running = begun();
    for (let frame = 0; frame < 1_100; frame += 1) {
      running.take({ type: 'audio', pcm: new Int16Array(320).fill(frame) });
    }
    const kept = running.events.flatMap((event) => (event.type === 'audio' ? [event.pcm[0]] : []));
    assert.deepEqual([kept.length, kept[0], kept.at(-1)], [1_000, 100, 1_099]);
  });

  it('is worth being heard while it goes on, and 12 s more', () => {
    const running = begun();
    assert.equal(running.isFresh(60_000), true);
    running.take({ type: 'ended', endMs: 59_000, decidedMs: 60_000, echoShare: 0 });
    assert.equal(running.isFresh(72_000), true);
    assert.equal(running.isFresh(72_001), false);
  });
});
