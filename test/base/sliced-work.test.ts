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

  it('waits while each turn of the loop brings more, for 100 ms at most, and then has half of the time', async () => {
    const { clock, done, work, job } = jobs();
    const turn = async (brings: boolean): Promise<number> => {
      if (brings) {
        work.mayBringMore();
      }
      clock.freeze(4);
      await turnOfLoop();
      return done.length;
    };
    for (let count = 0; count < 10; count += 1) {
      work.doSoon(job('a'));
    }
    for (let atMs = 0; atMs < 100; atMs += 4) {
      assert.equal(await turn(true), 0, `after ${atMs} ms`);
    }
    assert.deepEqual(
      [await turn(true), await turn(true), await turn(true), await turn(true)],
      [2, 2, 4, 4],
      'turns of work and turns of 8 ms without, though more came in each',
    );
    assert.deepEqual([await turn(false), await turn(false)], [6, 8]);
    assert.deepEqual([await turn(true), await turn(false)], [8, 10], 'it is another burst');
  });

  it('takes work that its own jobs give it', async () => {
    const { done, work, job } = jobs();
    work.doSoon(() => work.doThen(job('a')));
    await turnOfLoop();
    await turnOfLoop();
    assert.deepEqual(done, ['a']);
  });
});

function jobs(): Pick<Jobs, 'clock' | 'done' | 'failures' | 'work'> & {
  readonly job: (name: string) => () => void;
} {
  const made = new Jobs();
  return {
    clock: made.clock,
    done: made.done,
    failures: made.failures,
    work: made.work,
    job: (name) => made.job(name),
  };
}
