import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SampleFifo } from '../../../src/media/dsp/sample-fifo.ts';
import { noise, seededRandom } from '../../asterisk/audio.ts';

describe('SampleFifo', () => {
  it('gives out what went in, in order, whatever the lengths', () => {
    const random = seededRandom(3);
    const sent = noise(2_000, 8_000);
    const fifo = new SampleFifo(64);
    const got: number[] = [];
    for (let at = 0; at < sent.length || fifo.length > 0; ) {
      const samples = Math.floor(random() * 300);
      fifo.push(sent.subarray(at, at + samples));
      at += samples;
      const out = new Int16Array(Math.floor(random() * 300));
      got.push(...out.subarray(0, fifo.take(out)));
    }
    assert.deepEqual(Int16Array.from(got), sent);
  });

  it('copies what it is given', () => {
    const fifo = new SampleFifo();
    const pcm = Int16Array.of(1, 2, 3);
    fifo.push(pcm);
    pcm.fill(9);
    const out = new Int16Array(3);
    fifo.take(out);
    assert.deepEqual(out, Int16Array.of(1, 2, 3));
  });

  it('fills only as much as it has and says how much', () => {
    const fifo = new SampleFifo();
    fifo.push(Int16Array.of(1, 2));
    const out = Int16Array.of(7, 7, 7);
    assert.equal(fifo.take(out), 2);
    assert.deepEqual(out, Int16Array.of(1, 2, 7));
    assert.equal(fifo.take(out), 0);
  });

  it('grows past its first capacity, keeping what it holds', () => {
    const fifo = new SampleFifo(4);
    fifo.push(Int16Array.of(1, 2, 3));
    fifo.take(new Int16Array(2));
    fifo.push(Int16Array.from({ length: 100 }, (_, index) => index + 4));
    assert.equal(fifo.length, 101);
    const out = new Int16Array(101);
    fifo.take(out);
    assert.deepEqual(
      out,
      Int16Array.from({ length: 101 }, (_, index) => index + 3),
    );
  });

  it('uses the room in front before it grows', () => {
    const fifo = new SampleFifo(8);
    for (let round = 0; round < 100; round += 1) {
      fifo.push(Int16Array.of(round, round, round));
      const out = new Int16Array(3);
      assert.equal(fifo.take(out), 3);
      assert.deepEqual(out, Int16Array.of(round, round, round));
    }
  });

  it('is empty after clear and can be used again', () => {
    const fifo = new SampleFifo();
    fifo.push(Int16Array.of(1, 2));
    fifo.clear();
    assert.equal(fifo.length, 0);
    fifo.push(Int16Array.of(3));
    const out = new Int16Array(1);
    fifo.take(out);
    assert.deepEqual(out, Int16Array.of(3));
  });
});
