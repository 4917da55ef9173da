import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameCopies } from '../../../src/media/dsp/frame-copies.ts';
import { constantFrame } from '../frames.ts';

describe('FrameCopies', () => {
  it('keeps each frame as it was, whatever becomes of its source and of the next ones', () => {
    const copies = new FrameCopies();
    const source = new Int16Array(320);
    const kept = Array.from({ length: 40 }, (_, number) => copies.of(source.fill(number)));
    source.fill(-1);
    assert.deepEqual(
      kept,
      Array.from({ length: 40 }, (_, number) => constantFrame(number, 320)),
    );
  });

  it('puts many into one piece of memory, and takes another for longer ones', () => {
    const copies = new FrameCopies();
    const [first, second] = [copies.of(constantFrame(1, 320)), copies.of(constantFrame(2, 320))];
    assert.equal(first.buffer, second.buffer);
    const long = copies.of(constantFrame(3, 8_000));
    assert.deepEqual([long, first], [constantFrame(3, 8_000), constantFrame(1, 320)]);
  });
});
