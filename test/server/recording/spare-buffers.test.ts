import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpareBuffers } from '../../../src/server/recording/spare-buffers.ts';

describe('SpareBuffers', () => {
  it('lends what was given back, to nobody while it is lent', () => {
    const buffers = new SpareBuffers();
    const first = buffers.take(5_000);
    const second = buffers.take(8_000);
    assert.notEqual(first.buffer, second.buffer);
    assert.deepEqual([first.length, second.length], [5_000, 8_000]);
    buffers.giveBack(first);
    const third = buffers.take(6_000);
    assert.equal(third.buffer, first.buffer);
    assert.equal(third.length, 6_000);
    assert.notEqual(buffers.take(6_000).buffer, third.buffer);
  });

  it('lends nothing twice that was given back twice', () => {
    const buffers = new SpareBuffers();
    const one = buffers.take(100);
    buffers.giveBack(one);
    buffers.giveBack(one);
    assert.notEqual(buffers.take(100).buffer, buffers.take(100).buffer);
  });

  it('takes nothing that is not its own, and keeps nothing that is large', () => {
    const buffers = new SpareBuffers();
    const strange = Buffer.from(new ArrayBuffer(4_096));
    buffers.giveBack(strange);
    assert.notEqual(buffers.take(4_000).buffer, strange.buffer);
    const large = buffers.take(1_000_000);
    assert.equal(large.length, 1_000_000);
    buffers.giveBack(large);
    assert.notEqual(buffers.take(1_000_000).buffer, large.buffer);
  });

  it('keeps so many of a size and no more', () => {
    const buffers = new SpareBuffers();
    const lent = Array.from({ length: 100 }, () => buffers.take(4_096));
    for (const each of lent) {
      buffers.giveBack(each);
    }
    const kept = new Set(lent.map(({ buffer }) => buffer));
    const again = Array.from({ length: 100 }, () => buffers.take(4_096));
    assert.equal(again.filter(({ buffer }) => kept.has(buffer)).length, 64);
  });
});
