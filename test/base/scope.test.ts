import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { Scope } from '../../src/base/scope.ts';
import { FakeClock } from './fake-clock.ts';

function failOnError(error: unknown): void {
  throw error;
}

describe('Scope', () => {
  it('closes only after its background work has stopped', async () => {
    const clock = new FakeClock();
    const scope = new Scope(failOnError);
    let finish = (): void => {};
    scope.run(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    let closed = false;
    const closing = scope.close().then(() => {
      closed = true;
    });
    await clock.settle();
    assert.equal(scope.signal.aborted, true);
    assert.equal(closed, false);
    finish();
    await closing;
    assert.equal(closed, true);
  });

  it('aborts with an error of code closed', async () => {
    const scope = new Scope(failOnError);
    await scope.close();
    const reason: unknown = scope.signal.reason;
    assert.ok(reason instanceof AppError);
    assert.equal(reason.code, 'closed');
  });

  it('has its signal aborted for whoever asks for it first while it closes', async () => {
    const parent = new Scope(failOnError);
    const child = parent.child();
    let seen: boolean | undefined;
    child.signal.addEventListener('abort', () => {
      seen = parent.signal.aborted;
    });
    await parent.close();
    assert.equal(seen, true);
  });

  it('closes the scopes below it, and waits for their work', async () => {
    const clock = new FakeClock();
    const scope = new Scope(failOnError);
    const grandchild = scope.child().child();
    const stopped: string[] = [];
    grandchild.run(async (signal) => {
      await clock.sleep(1_000, signal).finally(() => stopped.push('grandchild'));
    });
    await scope.close();
    assert.deepEqual(stopped, ['grandchild']);
    assert.equal(grandchild.closed, true);
    assert.equal(clock.pendingTimers, 0);
  });

  it('leaves its parent running when a child closes', async () => {
    const parent = new Scope(failOnError);
    await parent.child().close();
    assert.equal(parent.closed, false);
    assert.equal(parent.signal.aborted, false);
  });

  it('passes on what work threw, but not that it was aborted', async () => {
    const clock = new FakeClock();
    const errors: unknown[] = [];
    const scope = new Scope((error) => errors.push(error));
    const broken = new Error('broken');
    scope.run(() => Promise.reject(broken));
    scope.child().run(() => Promise.reject(broken));
    scope.run((signal) => clock.sleep(1_000, signal));
    await clock.settle();
    await scope.close();
    assert.deepEqual(errors, [broken, broken]);
  });

  it('can be closed twice, with one result', async () => {
    const scope = new Scope(failOnError);
    assert.equal(scope.close(), scope.close());
    await scope.close();
  });

  it('after closing runs nothing and has no more children', async () => {
    const scope = new Scope(failOnError);
    await scope.close();
    let ran = false;
    scope.run(async () => {
      ran = true;
    });
    assert.equal(ran, false);
    assert.throws(() => scope.child(), { code: 'closed' });
  });
});
