import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { never } from '../support/waiting.ts';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  it('starts at 1,000 ms and stands still', async () => {
    const clock = new FakeClock();
    await clock.settle();
    assert.equal(clock.nowMs(), 1_000);
  });

  it('fires timers by deadline, equal deadlines in the order they were set, each at its own time', async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    clock.at(1_030, () => fired.push(`late ${clock.nowMs()}`));
    clock.at(1_010, () => fired.push(`first ${clock.nowMs()}`));
    clock.at(1_010, () => fired.push(`second ${clock.nowMs()}`));
    clock.at(1_051, () => fired.push('too late'));
    await clock.advance(50);
    assert.deepEqual(fired, ['first 1010', 'second 1010', 'late 1030']);
    assert.equal(clock.nowMs(), 1_050);
    assert.equal(clock.pendingTimers, 1);
    assert.equal(clock.nextDeadlineMs, 1_051);
  });

  it('runs a chain of sleeps to the end of the span', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const signal = never();
    const chain = (async () => {
      for (let i = 0; i < 5; i += 1) {
        await clock.sleep(20, signal);
        await Promise.resolve();
        times.push(clock.nowMs());
      }
    })();
    await clock.advance(100);
    await chain;
    assert.deepEqual(times, [1_020, 1_040, 1_060, 1_080, 1_100]);
  });

  it('fires what became due during a freeze late, at the time after it', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    clock.at(1_020, () => times.push(clock.nowMs()));
    clock.freeze(300);
    assert.deepEqual(times, []);
    await clock.advance(0);
    assert.deepEqual(times, [1_300]);
  });

  it('does not fire a cancelled timer, and leaves none behind an aborted sleep', async () => {
    const clock = new FakeClock();
    const owner = new AbortController();
    const sleeping = clock.sleep(50, owner.signal);
    let fired = false;
    clock
      .at(1_010, () => {
        fired = true;
      })
      .cancel();
    const reason = new Error('stop');
    owner.abort(reason);
    await assert.rejects(sleeping, reason);
    await assert.rejects(clock.sleep(1, owner.signal), reason);
    await clock.advance(100);
    assert.equal(fired, false);
    assert.equal(clock.pendingTimers, 0);
  });

  it('moves the wall clock with it', async () => {
    const clock = new FakeClock(new Date('2026-06-01T12:00:00.000Z'));
    await clock.advance(2_500);
    assert.equal(clock.wallTime().toISOString(), '2026-06-01T12:00:02.500Z');
  });

  it('stops a loop of timers that never lets time move on', async () => {
    const clock = new FakeClock();
    const again = (): void => {
      clock.at(clock.nowMs(), again);
    };
    again();
    await assert.rejects(clock.advance(1), /without end/);
  });
});
