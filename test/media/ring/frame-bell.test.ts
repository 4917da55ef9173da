import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameBell } from '../../../src/media/ring/frame-bell.ts';
import { allocateFrameRing, FrameRingReader, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { constantFrame } from '../frames.ts';

describe('FrameBell', () => {
  it('is silent until a reader arms it, and rings once each time', () => {
    const ring = allocateFrameRing(4, 320);
    const [writer, reader] = [new FrameBell(ring), new FrameBell(ring)];
    assert.deepEqual([writer.wanted, writer.ring()], [false, false]);
    reader.arm();
    assert.deepEqual([writer.wanted, writer.ring(), writer.ring()], [true, true, false]);
    assert.equal(writer.wanted, true, 'a reader that was told still wants to be');
    reader.arm();
    assert.equal(writer.ring(), true);
  });

  it('is silent again when the reader wants no more, told or not', () => {
    const ring = allocateFrameRing(4, 320);
    const [writer, reader] = [new FrameBell(ring), new FrameBell(ring)];
    reader.arm();
    reader.disarm();
    assert.deepEqual([writer.wanted, writer.ring()], [false, false]);
    reader.arm();
    writer.ring();
    reader.disarm();
    assert.equal(writer.wanted, false);
  });

  it('leaves the frames of its ring as they are', () => {
    const ring = allocateFrameRing(2, 320);
    const frames = new FrameRingReader(ring);
    const bell = new FrameBell(ring);
    bell.arm();
    new FrameRingWriter(ring).writeSamples(constantFrame(7, 160), 8_000, 0);
    bell.ring();
    assert.deepEqual([frames.available, frames.position], [1, 0]);
    assert.deepEqual(frames.read(), constantFrame(7, 160));
  });
});
