/** What waits for a recorder that stands still. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecorderQueue } from '../../../src/server/recording/recorder-queue.ts';

const SOUND = { call: 1, ms: 100, frames: 5 };

describe('the queue of the recorder', () => {
  it('does not grow while sound is dropped and nothing is sent, however long that is', () => {
    const queue = new RecorderQueue();
    queue.push(Buffer.from('open'));
    // An hour of a call.
    for (let piece = 0; piece < 36_000; piece += 1) {
      queue.push(Buffer.from(String(piece)), SOUND);
    }
    assert.ok(queue.places < 2_000, `${queue.places} places`);
    assert.equal(queue.framesDropped, (36_000 - 50) * 5);
    assert.equal(String(queue.shift()), 'open');
    for (let piece = 35_950; piece < 36_000; piece += 1) {
      assert.equal(String(queue.shift()), String(piece));
    }
    assert.equal(queue.shift(), undefined);
  });

  it('gives back what is left in its order, of several calls and with orders taken out', () => {
    const queue = new RecorderQueue();
    const withdrawn = Array.from({ length: 3_000 }, (_, order) => queue.push(Buffer.from(`gone ${order}`)));
    queue.push(Buffer.from('one'), SOUND);
    queue.push(Buffer.from('two'), { ...SOUND, call: 2 });
    for (const withdraw of withdrawn) {
      withdraw();
      withdraw();
    }
    assert.ok(queue.places < 2_000, `${queue.places} places`);
    const last = queue.push(Buffer.from('three'));
    assert.deepEqual(
      [queue.shift(), queue.shift(), queue.shift(), queue.shift()].map((message) => message?.toString()),
      ['one', 'two', 'three', undefined],
    );
    // It is sent.
    last();
    queue.push(Buffer.from('four'));
    assert.equal(String(queue.shift()), 'four');
  });

  it('drops notes with the sound that they are of, and on their own where there is none', () => {
    const queue = new RecorderQueue();
    for (let piece = 0; piece < 60; piece += 1) {
      queue.push(Buffer.from('sound'), SOUND);
      queue.push(Buffer.from('notes'), { call: 1, ms: 0, frames: 0 });
    }
    assert.equal(queue.framesDropped, 10 * 5);
    // Those before the oldest sound that is left.
    assert.equal(queue.notesDropped, 9);
    for (let piece = 0; piece < 1_000; piece += 1) {
      queue.push(Buffer.from('notes'), { call: 2, ms: 0, frames: 0 });
    }
    assert.equal(queue.notesDropped, 9 + 800);
  });
});
