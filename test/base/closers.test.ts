import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Closers } from '../../src/base/closers.ts';

describe('Closers', () => {
  it('ends the newest first, one after the other', async () => {
    const closers = new Closers();
    const order: string[] = [];
    closers.add(() => void order.push('first'));
    closers.add(async () => {
      await Promise.resolve();
      order.push('second');
    });
    await closers.close();
    await closers.close();
    assert.deepEqual(order, ['second', 'first']);
  });

  it('ends the rest when one fails, and then tells of it', async () => {
    const closers = new Closers();
    let ended = false;
    closers.add(() => {
      ended = true;
    });
    closers.add(() => Promise.reject(new Error('stuck')));
    await assert.rejects(closers.close(), /stuck/);
    assert.ok(ended);
  });
});
