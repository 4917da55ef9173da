import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ListenerCue } from '../../../src/media/play/listener-cue.ts';

/** When cues begin, in ms, in `ms` ms of the same. */
function cuesMs(cue: ListenerCue, ms: number, expecting: boolean, audible: boolean): readonly number[] {
  return Array.from({ length: ms / 20 }, (_, frame) => frame * 20).filter(() => cue.next(expecting, audible));
}

describe('ListenerCue', () => {
  it('is given after 1.5 s of nothing to hear, and again each 3 s', () => {
    assert.deepEqual(cuesMs(new ListenerCue(), 8_000, true, false), [1_500, 4_500, 7_500]);
  });

  it('is not given while nothing is expected, and that time does not count', () => {
    const cue = new ListenerCue();
    assert.deepEqual(cuesMs(cue, 10_000, false, false), []);
    assert.deepEqual(cuesMs(cue, 2_000, true, false), [1_500]);
  });

  it('is not given while something is heard, and begins anew after it', () => {
    const cue = new ListenerCue();
    assert.deepEqual(cuesMs(cue, 10_000, true, true), []);
    assert.deepEqual(cuesMs(cue, 1_400, true, false), []);
    assert.deepEqual(cuesMs(cue, 20, true, true), []);
    assert.deepEqual(cuesMs(cue, 2_000, true, false), [1_500]);
  });
});
