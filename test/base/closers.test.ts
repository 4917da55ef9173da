import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Closers } from '../../src/base/closers.ts';
import { KeptLog } from '../call/scripted-legs.ts';
import { FakeClock } from './fake-clock.ts';

function open() {
  const clock = new FakeClock();
  const log = new KeptLog();
  return { clock, log, closers: new Closers(clock, log) };
}

describe('Closers', () => {
  it('ends the newest first, one after the other', async () => {
    const { clock, log, closers } = open();
    const order: string[] = [];
    closers.add('first', () => void order.push('first'));
    closers.add('second', async () => {
      await Promise.resolve();
      order.push('second');
    });
    await closers.close();
    await closers.close();
    assert.deepEqual(order, ['second', 'first']);
    assert.equal(clock.pendingTimers, 0);
    assert.deepEqual(log.lines, []);
  });

  it('ends the rest when one fails, and then tells of it', async () => {
    const { clock, closers } = open();
    let ended = false;
    closers.add('first', () => {
      ended = true;
    });
    closers.add('second', () => Promise.reject(new Error('stuck')));
    closers.add('third', () => {
      throw new Error('torn');
    });
    await assert.rejects(closers.close(), /torn/);
    assert.ok(ended);
    assert.equal(clock.pendingTimers, 0);
  });

  it('names what is slow to end, and waits for it', async () => {
    const { clock, log, closers } = open();
    let ended = (): void => {};
    const order: string[] = [];
    closers.add('first', () => void order.push('first'));
    closers.add('second', () => new Promise((resolve) => (ended = resolve)));
    const closing = closers.close();
    await clock.advance(4_999);
    assert.deepEqual(log.lines, []);
    await clock.advance(1);
    assert.deepEqual(
      log.lines.map(({ level, part }) => [level, part]),
      [['warn', 'second']],
    );
    await clock.advance(4_999);
    assert.deepEqual(order, []);
    ended();
    await closing;
    assert.deepEqual(order, ['first']);
    assert.equal(log.lines.length, 1);
    assert.equal(clock.pendingTimers, 0);
  });

  it('names and leaves behind what does not end, and its failure after that is nobody’s', async () => {
    const { clock, log, closers } = open();
    const order: string[] = [];
    let fail = (_error: Error): void => {};
    closers.add('first', () => void order.push('first'));
    closers.add('second', () => new Promise((_resolve, reject) => (fail = reject)));
    const closing = closers.close();
    await clock.advance(10_000);
    assert.deepEqual(order, ['first']);
    await closing;
    assert.deepEqual(
      log.lines.map(({ level, part }) => [level, part]),
      [
        ['warn', 'second'],
        ['error', 'second'],
      ],
    );
    assert.equal(clock.pendingTimers, 0);
    fail(new Error('too late'));
    await clock.settle();
  });

  it('waits for as long as one of them may take', async () => {
    const { clock, log, closers } = open();
    closers.add('first', () => new Promise(() => {}), 20_000);
    const closing = closers.close();
    await clock.advance(19_999);
    assert.equal(log.lines.length, 1);
    await clock.advance(1);
    await closing;
    assert.equal(log.lines.length, 2);
  });
});
