import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withDeadline } from '../../src/base/deadline.ts';
import { codeOf } from '../../src/base/errors.ts';
import { afterPatience } from '../../src/base/patience.ts';
import { hedged } from '../../src/engines/hedge.ts';
import { firstAnswer } from '../../src/engines/resilience/first-answer.ts';
import { FakeClock } from './fake-clock.ts';

const never = new AbortController().signal;

describe('a limit on waiting', () => {
  it('is over at its time, and never once it is cancelled', async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    afterPatience(clock, clock.nowMs() + 500, () => fired.push('kept'));
    const cancelled = afterPatience(clock, clock.nowMs() + 500, () => fired.push('cancelled'));
    await clock.advance(499);
    assert.deepEqual(fired, []);
    cancelled.cancel();
    await clock.advance(1);
    assert.deepEqual(fired, ['kept']);
  });

  it('is over later when we stood still meanwhile, by as long as that made it late', async () => {
    const clock = new FakeClock();
    const startMs = clock.nowMs();
    const firedMs: number[] = [];
    const note = () => void firedMs.push(clock.nowMs() - startMs);
    afterPatience(clock, startMs + 500, note);
    afterPatience(clock, startMs + 900, note);
    const cancelled = afterPatience(clock, startMs + 500, note);
    clock.freeze(920);
    await clock.advance(1);
    assert.deepEqual(firedMs, [920], 'what is hardly late is no standstill');
    cancelled.cancel();
    await clock.advance(2_000);
    assert.deepEqual(firedMs, [920, 1_340]);
  });

  it('is prolonged by a second at most', async () => {
    const clock = new FakeClock();
    const startMs = clock.nowMs();
    let firedMs: number | undefined;
    afterPatience(clock, startMs + 500, () => {
      firedMs = clock.nowMs() - startMs;
    });
    clock.freeze(10_000);
    await clock.advance(999);
    assert.equal(firedMs, undefined);
    await clock.advance(1);
    assert.equal(firedMs, 11_000);
  });
});

describe('an answer that came while we stood still', () => {
  /** Answers on a socket that is read 1 ms after the standstill. */
  function answering(clock: FakeClock): () => Promise<string> {
    return () =>
      new Promise((resolve) => {
        clock.at(clock.nowMs() + 4_001, () => resolve('there'));
      });
  }

  async function afterStandstill<T>(clock: FakeClock, asked: Promise<T>): Promise<T | string> {
    const settled = asked.catch((error: unknown) => codeOf(error));
    await clock.settle();
    clock.freeze(4_000);
    await clock.advance(5);
    return settled;
  }

  it('is taken by who waits for it', async () => {
    const clock = new FakeClock();
    const asked = withDeadline(clock, 1_500, 'late', never, answering(clock));
    assert.equal(await afterStandstill(clock, asked), 'there');
  });

  it('is asked of nobody else', async () => {
    const clock = new FakeClock();
    let attempts = 0;
    const attempt = () => ({ afterMs: 0, lateAfterMs: 1_200, run: answering(clock) });
    const asked = firstAnswer(clock, never, () => {
      attempts += 1;
      return attempt();
    });
    const { answer } = (await afterStandstill(clock, asked)) as Awaited<typeof asked>;
    assert.deepEqual([answer, attempts], ['there', 1]);
  });

  it('is not asked for a second time', async () => {
    const clock = new FakeClock();
    let attempts = 0;
    const options = { hedgeAfterMs: 400, deadlineMs: 1_500, timeoutMessage: 'late' };
    const asked = hedged(clock, options, never, () => {
      attempts += 1;
      return answering(clock)();
    });
    assert.equal(await afterStandstill(clock, asked), 'there');
    assert.equal(attempts, 1);
  });
});
