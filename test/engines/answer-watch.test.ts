import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerWatch } from '../../src/engines/wire/answer-watch.ts';
import { Once } from '../../src/engines/wire/once.ts';
import { FAKE_START_MS, FakeClock } from '../base/fake-clock.ts';

/** A watch whose due time the test sets, in ms from the start, and the times at which it spoke up. */
function watchOf() {
  const clock = new FakeClock();
  const owed: { dueMs: number | undefined } = { dueMs: undefined };
  const spoke: number[] = [];
  const watch = new AnswerWatch(
    clock,
    () => (owed.dueMs === undefined ? undefined : FAKE_START_MS + owed.dueMs),
    () => {
      spoke.push(clock.nowMs() - FAKE_START_MS);
      owed.dueMs = undefined;
    },
  );
  return { clock, owed, spoke, watch };
}

describe('AnswerWatch', () => {
  it('keeps one timer however often it looks, and none while nothing is owed', () => {
    const { clock, owed, watch } = watchOf();
    watch.look();
    assert.equal(clock.pendingTimers, 0);
    for (let dueMs = 100; dueMs < 200; dueMs += 10) {
      owed.dueMs = dueMs;
      watch.look();
    }
    assert.equal(clock.pendingTimers, 1);
  });

  it('speaks up at the due time, also when it moved on, or came nearer', async () => {
    const { clock, owed, spoke, watch } = watchOf();
    owed.dueMs = 100;
    watch.look();
    owed.dueMs = 250;
    await clock.advance(300);
    assert.deepEqual(spoke, [250]);
    owed.dueMs = 900;
    watch.look();
    owed.dueMs = 400;
    watch.look();
    await clock.advance(300);
    assert.deepEqual(spoke, [250, 400]);
  });

  it('lets what came during a standstill be read before it speaks up', async () => {
    for (const answered of [true, false]) {
      const { clock, owed, spoke, watch } = watchOf();
      owed.dueMs = 100;
      watch.look();
      clock.freeze(5_000);
      await clock.advance(0);
      assert.deepEqual(spoke, []);
      owed.dueMs = answered ? undefined : 100;
      await clock.advance(10);
      assert.deepEqual(spoke, answered ? [] : [5_001]);
    }
  });

  it('says nothing of what was answered, nor when it is closed', async () => {
    const { clock, owed, spoke, watch } = watchOf();
    owed.dueMs = 100;
    watch.look();
    owed.dueMs = undefined;
    await clock.advance(200);
    owed.dueMs = 300;
    watch.look();
    watch.close();
    watch.look();
    await clock.advance(200);
    assert.deepEqual([spoke, clock.pendingTimers], [[], 0]);
  });
});

describe('Once', () => {
  it('does the work once for all who ask, and again after a failure', async () => {
    let calls = 0;
    const once = new Once(async () => {
      calls += 1;
      if (calls === 1) {
        throw new Error('not yet');
      }
      return calls;
    });
    const [first, second] = await Promise.allSettled([once.get(), once.get()]);
    assert.deepEqual([first.status, second.status, calls], ['rejected', 'rejected', 1]);
    assert.deepEqual(await Promise.all([once.get(), once.get()]), [2, 2]);
    assert.equal(await once.known, 2);
  });

  it('forgets what it is told to forget, and nothing newer', async () => {
    let calls = 0;
    const once = new Once(async () => {
      calls += 1;
      return calls;
    });
    const old = once.get();
    once.forget(old);
    assert.equal(await once.get(), 2);
    once.forget(old);
    assert.equal(await once.get(), 2);
  });
});
