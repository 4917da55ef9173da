/** The trials of one engine, a few at a time. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { TaskState } from '../../../src/server/interpreting/direction-trial.ts';
import { TrialQueue } from '../../../src/server/interpreting/trial-queue.ts';
import { never } from '../../support/waiting.ts';

const WORKS: TaskState = { type: 'works', ms: 1 };
const SILENT: TaskState = {
  type: 'failed',
  reason: 'it is silent',
  passing: true,
  silent: true,
  error: undefined,
};

/** Trials that end when the test says so. */
class Trials {
  readonly ends: ((state: TaskState) => void)[] = [];

  readonly begin = (): Promise<TaskState> =>
    new Promise((resolve) => {
      this.ends.push(resolve);
    });

  get begun(): number {
    return this.ends.length;
  }
}

describe('TrialQueue', () => {
  it('runs four at once, and the next when one has ended', async () => {
    const [queue, trials] = [new TrialQueue(), new Trials()];
    const outcomes = [1, 2, 3, 4, 5, 6].map(() => queue.run(trials.begin, never()));
    await turnOfLoop();
    assert.equal(trials.begun, 4);
    trials.ends[0]?.(WORKS);
    await turnOfLoop();
    assert.equal(trials.begun, 5);
    trials.ends[1]?.(WORKS);
    await turnOfLoop();
    for (const end of trials.ends) {
      end(WORKS);
    }
    assert.deepEqual(await Promise.all(outcomes), Array(6).fill(WORKS));
  });

  it('begins none of those that wait when the engine is silent, but the next that is asked for', async () => {
    const [queue, trials] = [new TrialQueue(), new Trials()];
    const outcomes = [1, 2, 3, 4, 5, 6].map(() => queue.run(trials.begin, never()));
    await turnOfLoop();
    for (const end of trials.ends) {
      end(SILENT);
    }
    assert.deepEqual(await Promise.all(outcomes), Array(6).fill(SILENT));
    assert.equal(trials.begun, 4);
    void queue.run(trials.begin, never());
    await turnOfLoop();
    assert.equal(trials.begun, 5);
  });

  it('lets go of those that wait when they are not wanted any more', async () => {
    const [queue, trials] = [new TrialQueue(), new Trials()];
    const ending = new AbortController();
    const outcomes = [1, 2, 3, 4, 5].map(() => queue.run(trials.begin, ending.signal));
    await turnOfLoop();
    ending.abort(new Error('over'));
    await assert.rejects(outcomes[4] ?? assert.fail(), /over/);
    assert.equal(trials.begun, 4);
  });
});
