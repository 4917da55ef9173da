import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoopLag } from '../../src/base/loop-lag.ts';
import { FakeClock } from './fake-clock.ts';

describe('LoopLag', () => {
  it('counts a look every 50 ms, and how late it was', async () => {
    const clock = new FakeClock();
    const lag = new LoopLag(clock);
    lag.start();
    await clock.advance(200);
    assert.deepEqual(
      [...lag.counts.loopLag.entries()].filter(([, count]) => count > 0),
      [['1', 4]],
    );
    lag.close();
    lag.close();
    await clock.advance(200);
    assert.equal(clock.pendingTimers, 0);
  });

  it('knows the lags of the last minute, and forgets those before', async () => {
    const clock = new FakeClock();
    let lateMs = 0;
    const lag = new LoopLag({
      nowMs: () => clock.nowMs(),
      wallTime: () => clock.wallTime(),
      sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
      at: (deadlineMs, callback) => clock.at(deadlineMs + lateMs, callback),
    });
    assert.deepEqual(lag.recent(), { medianMs: 0, p99Ms: 0, longestMs: 0 });
    lag.start();
    await clock.advance(59_000);
    lateMs = 450;
    await clock.advance(1_000);
    lateMs = 0;
    assert.deepEqual(lag.recent(), { medianMs: 0, p99Ms: 0, longestMs: 450 });
    await clock.advance(61_000);
    assert.deepEqual(lag.recent(), { medianMs: 0, p99Ms: 0, longestMs: 0 });
    lag.close();
  });

  it('counts a loop that came late for as late as it was, once', async () => {
    const lateClock = new FakeClock();
    const lag = new LoopLag({
      nowMs: () => lateClock.nowMs(),
      wallTime: () => lateClock.wallTime(),
      sleep: (delayMs, signal) => lateClock.sleep(delayMs, signal),
      at: (deadlineMs, callback) => lateClock.at(deadlineMs + 300, callback),
    });
    lag.start();
    await lateClock.advance(350);
    lag.close();
    assert.deepEqual(
      [...lag.counts.loopLag.entries()].filter(([, count]) => count > 0),
      [
        ['500', 1],
        ['sum', 300],
      ],
    );
  });
});
