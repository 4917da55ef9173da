import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { SlicedWork } from '../../src/base/sliced-work.ts';
import { FakeClock } from './fake-clock.ts';

/** Work whose jobs take 4 ms each, and what was done by name. */
class Jobs {
  readonly done: string[] = [];
  readonly failures: unknown[] = [];
  readonly clock = new FakeClock();
  readonly work = new SlicedWork(this.clock, (error) => this.failures.push(error));

  job(name: string): () => void {
    return () => {
      this.clock.freeze(4);
      this.done.push(name);
    };
  }
}

describe('SlicedWork', () => {
  it('does nothing at once, and 8 ms of it in each turn of the loop', async () => {
    const { done, work, job } = jobs();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      work.doSoon(job(name));
    }
    const afterTurns = [done.join('')];
    for (let turn = 0; turn < 3; turn += 1) {
      await turnOfLoop();
      afterTurns.push(done.join(''));
    }
    assert.deepEqual(afterTurns, ['', 'ab', 'abcd', 'abcde']);
  });

  it('does what is urgent first, even if it comes later', async () => {
    const { done, work, job } = jobs();
    work.doThen(job('a'));
    work.doThen(job('b'));
    work.doThen(job('c'));
    work.doSoon(job('1'));
    await turnOfLoop();
    assert.deepEqual(done, ['1', 'a']);
    work.doSoon(job('2'));
    await turnOfLoop();
    assert.deepEqual(done, ['1', 'a', '2', 'b']);
    await turnOfLoop();
    assert.deepEqual(done, ['1', 'a', '2', 'b', 'c']);
  });

  it('goes on after a job that throws, and tells of it', async () => {
    const { done, failures, work, job } = jobs();
    const error = new Error('its own trouble');
    work.doSoon(() => {
      throw error;
    });
    work.doSoon(job('a'));
    await turnOfLoop();
    assert.deepEqual([done, failures], [['a'], [error]]);
  });

  it('does what is due after each job', async () => {
    const clock = new FakeClock();
    const done: string[] = [];
    const work = new SlicedWork(clock, assert.ifError, (nowMs) => done.push(`due at ${nowMs}`));
    work.doSoon(() => {
      clock.freeze(3);
      done.push('a');
    });
    work.doSoon(() => done.push('b'));
    await turnOfLoop();
    assert.deepEqual(done, ['a', 'due at 1003', 'b', 'due at 1003']);
  });

  it('takes work that its own jobs give it', async () => {
    const { done, work, job } = jobs();
    work.doSoon(() => work.doThen(job('a')));
    await turnOfLoop();
    await turnOfLoop();
    assert.deepEqual(done, ['a']);
  });
});

function jobs(): Pick<Jobs, 'done' | 'failures' | 'work'> & { readonly job: (name: string) => () => void } {
  const made = new Jobs();
  return {
    done: made.done,
    failures: made.failures,
    work: made.work,
    job: (name) => made.job(name),
  };
}
