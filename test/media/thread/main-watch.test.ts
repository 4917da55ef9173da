import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MainWatch } from '../../../src/media/thread/main-watch.ts';
import { WATCH_LIMITS } from '../../../src/media/thread/watch-limits.ts';

/** A main thread as a media thread sees it, looked at each second; the times at which it was found to hang. */
function played() {
  const main = { beats: 0, ranMs: 0 as number | undefined };
  const hungMs: number[] = [];
  let nowMs = 0;
  const watch = new MainWatch(main, WATCH_LIMITS.mainRunMs, () => hungMs.push(nowMs));
  const second = (runsMs: number | undefined, beats = 0): void => {
    nowMs += 1_000;
    main.beats += beats;
    main.ranMs = runsMs === undefined ? undefined : (main.ranMs ?? 0) + runsMs;
    watch.look(nowMs);
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { hungMs, second, pass, watch };
}

function times(count: number, act: () => void): void {
  for (let time = 0; time < count; time += 1) {
    act();
  }
}

describe('the watch over the main thread', () => {
  it('finds it when it has run for 10 s without a beat', () => {
    const { hungMs, second } = played();
    times(5, () => second(900, 40));
    times(9, () => second(1_000));
    assert.deepEqual(hungMs, []);
    second(1_000);
    assert.deepEqual(hungMs, [15_000]);
  });

  it('blames none that works hard, none that stands still, and none of whom nothing is known', () => {
    const { hungMs, second } = played();
    times(60, () => second(990, 1));
    times(60, () => second(0));
    times(60, () => second(undefined));
    assert.deepEqual(hungMs, []);
  });

  it('begins anew after a time without legs, in which nobody looks', () => {
    const { hungMs, second, pass } = played();
    times(6, () => second(1_000));
    pass(60_000);
    times(6, () => second(1_000));
    assert.deepEqual(hungMs, []);
  });

  it('looks once a second, however often it is asked to', () => {
    const { hungMs, second, watch } = played();
    second(1_000);
    times(100, () => watch.look(1_500));
    times(9, () => second(1_000));
    assert.deepEqual(hungMs, []);
    second(1_000);
    assert.equal(hungMs.length, 1);
  });
});
