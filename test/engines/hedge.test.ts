import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HedgeBudget, type HedgeOptions, hedged } from '../../src/engines/hedge.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { never } from '../support/waiting.ts';

/** A hedged request whose attempts the test answers by hand. */
class Scene {
  readonly clock = new FakeClock();
  readonly attempts: { readonly answer: (text: string) => void; readonly fail: (error: Error) => void }[] =
    [];
  readonly signals: AbortSignal[] = [];
  readonly result: Promise<string>;

  constructor(options: Partial<HedgeOptions> = {}, signal = never()) {
    this.result = hedged(
      this.clock,
      { hedgeAfterMs: 400, deadlineMs: 1_500, timeoutMessage: 'no answer in time', ...options },
      signal,
      (attemptSignal) =>
        new Promise((resolve, reject) => {
          this.signals.push(attemptSignal);
          this.attempts.push({ answer: resolve, fail: reject });
        }),
    );
    this.result.catch(() => {});
  }

  answer(attempt: number, text: string): void {
    this.attempts[attempt]?.answer(text);
  }

  async fail(attempt: number, message: string): Promise<void> {
    this.attempts[attempt]?.fail(new Error(message));
    await this.clock.settle();
  }
}

describe('hedged', () => {
  it('asks once when the answer is quick, and leaves no timer', async () => {
    const scene = new Scene();
    await scene.clock.advance(399);
    scene.answer(0, 'first');
    assert.equal(await scene.result, 'first');
    assert.equal(scene.clock.pendingTimers, 0);
    await scene.clock.advance(10_000);
    assert.equal(scene.attempts.length, 1);
  });

  it('asks a second time after the delay and takes whichever answers first', async () => {
    for (const winner of [0, 1]) {
      const scene = new Scene();
      await scene.clock.advance(400);
      assert.equal(scene.attempts.length, 2);
      scene.answer(winner, `answer ${winner}`);
      assert.equal(await scene.result, `answer ${winner}`);
      assert.equal(scene.clock.pendingTimers, 0);
      await scene.fail(1 - winner, 'too late to matter');
    }
  });

  it('never asks a third time', async () => {
    const scene = new Scene();
    await scene.clock.advance(1_499);
    assert.equal(scene.attempts.length, 2);
  });

  it('tells the attempts when their answer is no longer wanted', async () => {
    const scene = new Scene();
    await scene.clock.advance(400);
    assert.deepEqual(
      scene.signals.map(({ aborted }) => aborted),
      [false, false],
    );
    scene.answer(1, 'second');
    await scene.result;
    assert.deepEqual(
      scene.signals.map(({ aborted }) => aborted),
      [true, true],
    );
  });

  it('does not try again what fails before the delay', async () => {
    const scene = new Scene();
    await scene.fail(0, 'refused');
    await assert.rejects(scene.result, { message: 'refused' });
    await scene.clock.advance(2_000);
    assert.equal(scene.attempts.length, 1);
    assert.equal(scene.clock.pendingTimers, 0);
  });

  it('waits for the other attempt when one has failed', async () => {
    for (const failing of [0, 1]) {
      const scene = new Scene();
      await scene.clock.advance(400);
      await scene.fail(failing, 'died');
      scene.answer(1 - failing, 'the other');
      assert.equal(await scene.result, 'the other');
    }
  });

  it('gives the error of the first attempt when both fail, in whichever order', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const scene = new Scene();
      await scene.clock.advance(400);
      for (const attempt of order) {
        await scene.fail(attempt, `error ${attempt}`);
      }
      await assert.rejects(scene.result, { message: 'error 0' });
    }
  });

  it('asks once when no hedge may be spent', async () => {
    const scene = new Scene({ mayHedge: () => false });
    await scene.clock.advance(1_000);
    assert.equal(scene.attempts.length, 1);
    scene.answer(0, 'slow');
    assert.equal(await scene.result, 'slow');
  });

  it('gives up at the deadline, counted from the first attempt', async () => {
    const scene = new Scene();
    await scene.clock.advance(1_500);
    await assert.rejects(scene.result, { code: 'engine-timeout', message: 'no answer in time' });
    assert.equal(scene.clock.pendingTimers, 0);
  });

  it('stops waiting when the signal aborts, and asks nothing when it has aborted before', async () => {
    const controller = new AbortController();
    const reason = new Error('hung up');
    const scene = new Scene({}, controller.signal);
    await scene.clock.advance(400);
    controller.abort(reason);
    await assert.rejects(scene.result, reason);
    assert.equal(scene.clock.pendingTimers, 0);

    const late = new Scene({}, controller.signal);
    await assert.rejects(late.result, reason);
    assert.equal(late.attempts.length, 0);
    assert.equal(late.clock.pendingTimers, 0);
  });
});

describe('HedgeBudget', () => {
  /** How many hedges of `requests` that all want one are granted. */
  function granted(budget: HedgeBudget, requests: number): number {
    let count = 0;
    for (let i = 0; i < requests; i += 1) {
      budget.countRequest();
      count += budget.take() ? 1 : 0;
    }
    return count;
  }

  it('grants at most ten in any hundred requests', () => {
    const budget = new HedgeBudget();
    assert.equal(granted(budget, 100), 10);
    assert.equal(granted(budget, 1), 1);
    assert.equal(granted(budget, 999), 99);
  });

  it('grants again when the hedges that were spent are a hundred requests ago', () => {
    const budget = new HedgeBudget();
    assert.equal(granted(budget, 50), 10);
    for (let i = 0; i < 60; i += 1) {
      budget.countRequest();
    }
    assert.equal(granted(budget, 1), 1);
  });

  it('never doubles load: a provider that is always slow sees one request in ten twice', () => {
    const budget = new HedgeBudget();
    const window: boolean[] = [];
    for (let i = 0; i < 500; i += 1) {
      budget.countRequest();
      window.push(budget.take());
      assert.ok(window.slice(-100).filter(Boolean).length <= 10);
    }
  });
});
