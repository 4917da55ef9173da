import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Heartbeat } from '../../../src/media/thread/heartbeat.ts';
import { ThreadWatch } from '../../../src/media/thread/thread-watch.ts';
import { WATCH_LIMITS, type WatchLimits } from '../../../src/media/thread/watch-limits.ts';
import { FakeClock } from '../../base/fake-clock.ts';

class PlayedThread {
  busy = true;
  readonly heart = new Heartbeat();

  loading = false;
  ranMs: number | undefined = 0;
  runnable = false;

  get beats(): number | undefined {
    return this.loading ? undefined : this.heart.beats;
  }
}

function open(limits: WatchLimits = WATCH_LIMITS) {
  const clock = new FakeClock();
  const hung: PlayedThread[] = [];
  const watch = new ThreadWatch<PlayedThread>(clock, limits, (thread) => hung.push(thread));
  const thread = new PlayedThread();
  watch.add(thread);
  watch.add(thread);
  return { clock, hung, watch, thread };
}

describe('the watch over media threads', () => {
  it('finds one whose heart has not beaten for half a second, once', async () => {
    const { clock, hung, thread } = open();
    thread.heart.beat();
    await clock.advance(500);
    assert.deepEqual(hung, []);
    await clock.advance(50);
    assert.deepEqual(hung, [thread]);
    await clock.advance(2_000);
    assert.equal(hung.length, 1);
  });

  it('finds one at once that has run for 70 ms since it last beat', async () => {
    const { clock, hung, thread } = open();
    for (let beat = 0; beat < 40; beat += 1) {
      thread.ranMs = (thread.ranMs ?? 0) + 24;
      thread.heart.worksFor(1);
      await clock.advance(25);
    }
    assert.deepEqual(hung, [], 'it works hard, and beats');
    for (let looks = 0; looks < 3; looks += 1) {
      thread.ranMs = (thread.ranMs ?? 0) + 24;
      await clock.advance(25);
    }
    assert.deepEqual(hung, [thread]);
  });

  it('waits for as long as it is told to', async () => {
    const silent = open({ ...WATCH_LIMITS, threadSilentMs: 1_000 });
    silent.thread.heart.beat();
    await silent.clock.advance(1_000);
    assert.deepEqual(silent.hung, []);
    await silent.clock.advance(50);
    assert.deepEqual(silent.hung, [silent.thread]);
    const busy = open({ ...WATCH_LIMITS, threadRunMs: 200 });
    for (const runMs of [0, 199, 1]) {
      assert.deepEqual(busy.hung, []);
      busy.thread.ranMs = (busy.thread.ranMs ?? 0) + runMs;
      await busy.clock.advance(25);
    }
    assert.deepEqual(busy.hung, [busy.thread]);
  });

  it('gives one more time that is not let run, or whose time nobody knows', async () => {
    const { clock, hung, thread } = open();
    for (let beat = 0; beat < 5; beat += 1) {
      thread.heart.beat();
      thread.ranMs = (thread.ranMs ?? 0) + 60;
      await clock.advance(475);
    }
    thread.ranMs = undefined;
    await clock.advance(25);
    assert.deepEqual(hung, []);
    await clock.advance(25);
    assert.deepEqual(hung, [thread]);
  });

  it('blames no thread that would run and that a busy machine does not let run', async () => {
    const { clock, hung, thread } = open();
    thread.runnable = true;
    await clock.advance(5_000);
    assert.deepEqual(hung, []);
    thread.ranMs = (thread.ranMs ?? 0) + WATCH_LIMITS.threadRunMs;
    await clock.advance(25);
    assert.deepEqual(hung, [thread], 'it had its time, and is in a loop');
  });

  it('finds none whose heart beats, however slowly, and none that has nothing to do', async () => {
    const { clock, hung, watch, thread } = open();
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.advance(400);
      thread.heart.beat();
    }
    thread.busy = false;
    await clock.advance(2_000);
    thread.busy = true;
    watch.add(thread);
    await clock.advance(400);
    assert.deepEqual(hung, []);
  });

  it('blames nobody for the time in which the whole process stood still', async () => {
    const { clock, hung, thread } = open();
    await clock.advance(450);
    clock.freeze(10_000);
    await clock.advance(0);
    thread.heart.beat();
    await clock.advance(500);
    assert.deepEqual(hung, []);
    await clock.advance(50);
    assert.deepEqual(hung, [thread]);
  });

  it('waits for one that loads', async () => {
    const { clock, hung, thread } = open();
    thread.loading = true;
    await clock.advance(5_000);
    thread.loading = false;
    await clock.advance(500);
    assert.deepEqual(hung, []);
    await clock.advance(50);
    assert.deepEqual(hung, [thread]);
  });

  it('watches nobody any more once closed', async () => {
    const { clock, hung, watch } = open();
    watch.close();
    watch.close();
    await clock.advance(2_000);
    assert.deepEqual(hung, []);
  });
});
