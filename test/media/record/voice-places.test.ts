/** Where frames that come from a leg belong on the call's clock, told to arrive as senders and networks have them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VoicePlaces } from '../../../src/media/record/voice-places.ts';

const FRAME_MS = 20;
const HOUR_FRAMES = 180_000;

/** Places frames that arrive at `times`, of which `quiet` says when nobody speaks. */
function placed(times: readonly number[], quiet: (index: number) => boolean = () => false) {
  const places = new VoicePlaces(0);
  return times.map((atMs, index) => places.place(atMs, times[index + 1], quiet(index)));
}

/** An hour of frames of a sender whose clock is off by `ppm`, each up to `jitterMs` late. */
function hourOf(ppm: number, jitterMs: number): readonly number[] {
  const random = seeded(7);
  let beforeMs = 0;
  return Array.from({ length: HOUR_FRAMES }, (_, index) => {
    // No frame overtakes another.
    beforeMs = Math.max(beforeMs, 1_000 + index * FRAME_MS * (1 - ppm / 1e6) + random() * jitterMs);
    return beforeMs;
  });
}

/** The same numbers each time, 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('the places of frames', () => {
  for (const ppm of [100, -100, 1_000]) {
    it(`are off by no more than a frame in an hour in which the sender's clock is off by ${ppm} ppm`, () => {
      const times = hourOf(ppm, 0);
      const places = placed(times, (index) => index % 400 > 350);
      let worstMs = 0;
      let before = -1;
      for (const [index, place] of places.entries()) {
        if (place !== undefined) {
          assert.ok(place > before, `frame ${index} is put before the one it follows`);
          before = place;
          worstMs = Math.max(worstMs, Math.abs((times[index] ?? 0) - place * FRAME_MS));
        }
      }
      assert.ok(worstMs <= FRAME_MS, `off by ${worstMs.toFixed(1)} ms`);
      const leftOut = places.filter((place) => place === undefined).length;
      const expected = ppm > 0 ? Math.round((HOUR_FRAMES * ppm) / 1e6) : 0;
      assert.ok(Math.abs(leftOut - expected) <= 1, `${leftOut} frames are left out, not ${expected}`);
    });
  }

  it('are changed in quiet moments, where there are some', () => {
    const isQuiet = (index: number): boolean => index % 400 > 350;
    const places = placed(hourOf(100, 0), isQuiet);
    const loud = [...places.entries()].filter(([index, place]) => place === undefined && !isQuiet(index));
    assert.deepEqual(loud, []);
  });

  it('follow each other without a gap, however a network delays them', () => {
    const places = placed(hourOf(0, 40).slice(0, 5_000));
    // In the first seconds it is learnt what the least delay is.
    const later = places.slice(400).map((place) => place ?? Number.NaN);
    const steps = later.slice(1).map((place, index) => place - (later[index] ?? 0));
    assert.deepEqual([...new Set(steps)], [1]);
  });

  it('are right within a second though the first frame came late', () => {
    const times = Array.from({ length: 200 }, (_, index) => Math.max(200, index * FRAME_MS));
    const places = placed(times);
    const [last] = places.slice(-1);
    assert.equal(last, 199);
    const wrong = places.findLastIndex((place, index) => Math.abs((place ?? 0) - index) > 1);
    assert.ok(wrong < 50, `frame ${wrong} is at the wrong place`);
  });

  it('are joined after a stall in which frames had waited', () => {
    const times = [0, 20, 40, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 320, 340];
    assert.deepEqual(
      placed(times),
      times.map((_, index) => index),
    );
  });

  it('leave out what a sender did not send', () => {
    assert.deepEqual(placed([0, 20, 40, 2_000, 2_020, 2_040]), [0, 1, 2, 100, 101, 102]);
  });

  it('never lie before the call', () => {
    assert.deepEqual(placed([-35, -15, 5]), [0, 1, 2]);
  });
});
