import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { LoopLag } from '../../src/base/loop-lag.ts';
import { LoopHealth } from '../../src/server/loop-health.ts';
import { FakeClock } from '../base/fake-clock.ts';

function started(test: TestContext) {
  const clock = new FakeClock();
  const late = { ms: 0 };
  const lag = new LoopLag({
    nowMs: () => clock.nowMs(),
    wallTime: () => clock.wallTime(),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    at: (deadlineMs, callback) => clock.at(deadlineMs + late.ms, callback),
  });
  const health = new LoopHealth(lag, clock);
  lag.start();
  health.start();
  test.after(() => {
    lag.close();
    health.close();
    health.close();
    assert.equal(clock.pendingTimers, 0);
  });
  return { clock, late, health };
}

describe('LoopHealth', () => {
  it('is as the lags of the last minute are, since it was first seen so', async (test) => {
    const { clock, late, health } = started(test);
    const startMs = clock.nowMs();
    await clock.advance(10_000);
    assert.deepEqual([health.view.state, health.view.sinceMs], ['HEALTHY', startMs]);
    for (const [lateMs, state] of [
      [60, 'DEGRADED'],
      [300, 'UNHEALTHY'],
      [1_200, 'FAILED'],
      [0, 'HEALTHY'],
    ] as const) {
      late.ms = lateMs;
      await clock.advance(70_000);
      assert.equal(health.view.state, state, `${lateMs} ms late`);
      const { sinceMs } = health.view;
      await clock.advance(20_000);
      assert.equal(health.view.sinceMs, sinceMs, 'it is no other state');
    }
  });

  it('is not judged by what it does while the service starts', async (test) => {
    const { clock, late, health } = started(test);
    late.ms = 400;
    await clock.advance(4_500);
    late.ms = 0;
    for (let seconds = 5; seconds < 90; seconds += 5) {
      await clock.advance(5_000);
      assert.equal(health.view.state, 'HEALTHY', `after ${seconds} s`);
    }
  });

  it('does not mind one that is late', async (test) => {
    const { clock, late, health } = started(test);
    await clock.advance(60_000);
    late.ms = 2_000;
    await clock.advance(2_050);
    late.ms = 0;
    await clock.advance(5_000);
    assert.deepEqual([health.view.state, health.view.lag.longestMs], ['HEALTHY', 2_000]);
  });
});
