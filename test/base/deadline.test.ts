import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withDeadline } from '../../src/base/deadline.ts';
import { never } from '../support/waiting.ts';
import { FakeClock } from './fake-clock.ts';

const forever = (): Promise<never> => new Promise(() => {});

describe('withDeadline', () => {
  it('gives what the work gives, and leaves no timer', async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    assert.equal(await withDeadline(clock, 100, 'late', signal, async () => 7), 7);
    assert.equal(clock.pendingTimers, 0);
  });

  it('throws what the work throws, and leaves no timer', async () => {
    const clock = new FakeClock();
    const broken = new Error('broken');
    const { signal } = new AbortController();
    await assert.rejects(
      withDeadline(clock, 100, 'late', signal, () => Promise.reject(broken)),
      broken,
    );
    assert.equal(clock.pendingTimers, 0);
  });

  it('throws engine-timeout at the limit and not before, though the work ignores its signal', async () => {
    const clock = new FakeClock();
    let settled = false;
    const work = withDeadline(clock, 100, 'it was late', never(), forever);
    const checked = assert
      .rejects(work, { code: 'engine-timeout', message: 'it was late' })
      .then(() => (settled = true));
    await clock.advance(99);
    assert.equal(settled, false);
    await clock.advance(1);
    await checked;
    assert.equal(clock.pendingTimers, 0);
  });

  it("aborts the work's signal at the limit", async () => {
    const clock = new FakeClock();
    let seen: AbortSignal | undefined;
    const work = withDeadline(clock, 100, 'late', never(), (signal) => {
      seen = signal;
      return forever();
    });
    const checked = assert.rejects(work);
    await clock.advance(100);
    await checked;
    assert.equal(seen?.aborted, true);
  });

  it("throws the caller's reason when the caller aborts, and aborts the work", async () => {
    const clock = new FakeClock();
    const owner = new AbortController();
    const reason = new Error('hung up');
    let seen: AbortSignal | undefined;
    const work = withDeadline(clock, 100, 'late', owner.signal, (signal) => {
      seen = signal;
      return forever();
    });
    const checked = assert.rejects(work, reason);
    owner.abort(reason);
    await checked;
    assert.equal(seen?.reason, reason);
    assert.equal(clock.pendingTimers, 0);
  });

  it('does not begin the work when the caller has aborted already', async () => {
    const clock = new FakeClock();
    const reason = new Error('hung up');
    let begun = false;
    const work = withDeadline(clock, 100, 'late', AbortSignal.abort(reason), async () => {
      begun = true;
    });
    await assert.rejects(work, reason);
    assert.equal(begun, false);
  });

  it('does not mind work that fails after the limit', async () => {
    const clock = new FakeClock();
    const work = withDeadline(clock, 100, 'late', never(), async (signal) => {
      await clock.sleep(200, signal).catch(() => {});
      throw new Error('too late to matter');
    });
    const checked = assert.rejects(work, { code: 'engine-timeout' });
    await clock.advance(300);
    await checked;
  });
});
