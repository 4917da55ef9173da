import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  allocateFrameRing,
  type FrameRingHandle,
  FrameRingReader,
  FrameRingWriter,
} from '../../../src/media/ring/frame-ring.ts';
import { constantFrame } from '../frames.ts';
import type { RingWriterJob } from '../ring-writer.ts';

/** Writes frames of 160 samples, the first filled with `from`, the next with one more. */
function writeFrames(ring: FrameRingHandle, from: number, count: number): void {
  const writer = new FrameRingWriter(ring);
  for (let value = from; value < from + count; value += 1) {
    writer.writeSamples(constantFrame(value, 160), 8_000, value * 20);
  }
}

/** The first sample of every frame that can be read now. */
function valuesOf(reader: FrameRingReader): readonly number[] {
  const values: number[] = [];
  for (let pcm = reader.read(); pcm !== undefined; pcm = reader.read()) {
    values.push(pcm[0] ?? -1);
  }
  return values;
}

describe('a frame ring', () => {
  it('hands over frames with their rate and time, in order', () => {
    const ring = allocateFrameRing(4, 640);
    const reader = new FrameRingReader(ring);
    const writer = new FrameRingWriter(ring);
    assert.equal(reader.read(), undefined);
    writer.write(Uint8Array.of(1, 0, 2, 0), 8_000, 12.5);
    writer.writeSamples(Int16Array.of(-3, 4, 5), 16_000, 32.5);
    assert.equal(reader.available, 2);
    assert.deepEqual(reader.read(), Int16Array.of(1, 2));
    assert.deepEqual([reader.rateHz, reader.atMs, reader.position], [8_000, 12.5, 1]);
    assert.deepEqual(reader.bytes, Uint8Array.of(1, 0, 2, 0));
    assert.deepEqual(reader.read(), Int16Array.of(-3, 4, 5));
    assert.deepEqual([reader.rateHz, reader.atMs, reader.position], [16_000, 32.5, 2]);
    assert.equal(reader.bytes.length, 6);
    assert.equal(reader.read(), undefined);
    assert.equal(reader.lost, 0);
  });

  it('copies what is written', () => {
    const ring = allocateFrameRing(4, 640);
    const reader = new FrameRingReader(ring);
    const frame = Int16Array.of(1, 2);
    new FrameRingWriter(ring).writeSamples(frame, 8_000, 0);
    frame.fill(9);
    assert.deepEqual(reader.read(), Int16Array.of(1, 2));
  });

  it('numbers frames from 0 and counts those written', () => {
    const ring = allocateFrameRing(4, 320);
    const writer = new FrameRingWriter(ring);
    assert.equal(writer.written, 0);
    writer.writeSamples(constantFrame(0, 160), 8_000, 0);
    assert.equal(writer.written, 1);
    writeFrames(ring, 1, 2);
    assert.equal(new FrameRingReader(ring).position, 3, 'a new reader begins with the next frame');
  });

  it('counts what a lapped reader never saw as lost, and goes on with the oldest that is left', () => {
    const ring = allocateFrameRing(4, 320);
    const reader = new FrameRingReader(ring);
    writeFrames(ring, 0, 11);
    assert.equal(reader.available, 11);
    assert.deepEqual(valuesOf(reader), [7, 8, 9, 10]);
    assert.equal(reader.lost, 7);
    writeFrames(ring, 11, 4);
    assert.deepEqual(valuesOf(reader), [11, 12, 13, 14], 'as many as it holds are not lost');
    assert.equal(reader.lost, 7);
  });

  it('can be read again from any number still in it', () => {
    const ring = allocateFrameRing(8, 320);
    writeFrames(ring, 0, 20);
    assert.deepEqual(valuesOf(new FrameRingReader(ring, 15)), [15, 16, 17, 18, 19]);
    assert.deepEqual(valuesOf(new FrameRingReader(ring, 12)), [12, 13, 14, 15, 16, 17, 18, 19]);
    const late = new FrameRingReader(ring, 10);
    assert.deepEqual(valuesOf(late), [12, 13, 14, 15, 16, 17, 18, 19]);
    assert.equal(late.lost, 2);
  });

  it('has nothing for a reader that is ahead, until the writer gets there', () => {
    const ring = allocateFrameRing(8, 320);
    writeFrames(ring, 0, 2);
    const reader = new FrameRingReader(ring, 5);
    assert.deepEqual(valuesOf(reader), []);
    writeFrames(ring, 2, 5);
    assert.deepEqual(valuesOf(reader), [5, 6]);
  });

  it('keeps two readers apart', () => {
    const ring = allocateFrameRing(4, 320);
    const [one, other] = [new FrameRingReader(ring), new FrameRingReader(ring)];
    writeFrames(ring, 0, 3);
    assert.deepEqual(valuesOf(one), [0, 1, 2]);
    writeFrames(ring, 3, 3);
    assert.deepEqual(valuesOf(one), [3, 4, 5]);
    assert.deepEqual(valuesOf(other), [2, 3, 4, 5]);
    assert.deepEqual([one.lost, other.lost], [0, 2]);
  });

  it('tells the writer how many frames are unread, once a reader publishes its place', () => {
    const ring = allocateFrameRing(4, 320);
    const reader = new FrameRingReader(ring, 0);
    writeFrames(ring, 0, 2);
    const writer = new FrameRingWriter(ring);
    assert.equal(writer.unread, 2);
    reader.read();
    assert.equal(writer.unread, 2);
    reader.publish();
    assert.equal(writer.unread, 1);
  });

  it('gives up the oldest frames when asked, uncounted, and no more than there are', () => {
    const ring = allocateFrameRing(8, 320);
    const reader = new FrameRingReader(ring);
    writeFrames(ring, 0, 5);
    reader.discard(3);
    assert.deepEqual(valuesOf(reader), [3, 4]);
    reader.discard(10);
    writeFrames(ring, 5, 1);
    assert.deepEqual(valuesOf(reader), [5]);
    assert.equal(reader.lost, 0);
  });

  it('lets a second writer go on where the first one stopped', () => {
    const ring = allocateFrameRing(4, 320);
    const reader = new FrameRingReader(ring);
    writeFrames(ring, 0, 3);
    const heir = new FrameRingWriter(ring);
    assert.equal(heir.written, 3);
    heir.writeSamples(constantFrame(3, 160), 8_000, 60);
    assert.deepEqual(valuesOf(reader), [0, 1, 2, 3]);
  });

  it('takes frames of changing lengths, the longest that fits included', () => {
    const ring = allocateFrameRing(2, 640);
    const reader = new FrameRingReader(ring);
    const writer = new FrameRingWriter(ring);
    for (const samples of [320, 160, 1, 0, 320]) {
      writer.writeSamples(constantFrame(samples, samples), 8_000, 0);
      assert.deepEqual(reader.read(), constantFrame(samples, samples));
    }
  });

  it('refuses a frame that does not fit, and is as it was', () => {
    const ring = allocateFrameRing(2, 320);
    const reader = new FrameRingReader(ring);
    writeFrames(ring, 0, 1);
    const writer = new FrameRingWriter(ring);
    assert.throws(() => writer.writeSamples(new Int16Array(161), 8_000, 0), RangeError);
    assert.throws(() => writer.write(new Uint8Array(321), 8_000, 0), RangeError);
    assert.deepEqual(valuesOf(reader), [0]);
  });

  it('keeps times in line whatever the length of its frames', () => {
    const ring = allocateFrameRing(3, 322);
    const reader = new FrameRingReader(ring);
    const writer = new FrameRingWriter(ring);
    for (const frame of [0, 1, 2]) {
      writer.writeSamples(constantFrame(frame, 161), 8_000, frame + 0.5);
      assert.deepEqual(reader.read(), constantFrame(frame, 161));
      assert.equal(reader.atMs, frame + 0.5);
    }
  });

  it('holds all its frames of the usual length, and as many longer ones as fit', () => {
    const ring = allocateFrameRing(8, 640, 1_920);
    const writer = new FrameRingWriter(ring);
    const usual = new FrameRingReader(ring);
    for (let value = 0; value < 10; value += 1) {
      writer.writeSamples(constantFrame(value, 320), 16_000, 0);
    }
    assert.deepEqual(valuesOf(usual), [2, 3, 4, 5, 6, 7, 8, 9]);
    const longer = new FrameRingReader(ring);
    for (let value = 10; value < 20; value += 1) {
      writer.writeSamples(constantFrame(value, 960), 48_000, 0);
    }
    // 8 slots of 672 bytes are 5,376 bytes: 2 of 1,952.
    assert.deepEqual(valuesOf(longer), [18, 19]);
    assert.equal(longer.lost, 8);
  });

  it('loses what was not read when a longer frame comes, counted, and goes on with that one', () => {
    const ring = allocateFrameRing(8, 640);
    const [begun, fresh, ahead] = [
      new FrameRingReader(ring),
      new FrameRingReader(ring),
      new FrameRingReader(ring, 4),
    ];
    writeFrames(ring, 0, 2);
    assert.deepEqual(begun.read(), constantFrame(0, 160));
    const heir = new FrameRingWriter(ring);
    heir.writeSamples(constantFrame(2, 320), 16_000, 40);
    assert.deepEqual(begun.read(), constantFrame(2, 320));
    assert.deepEqual([begun.rateHz, begun.atMs, begun.lost], [16_000, 40, 1]);
    heir.writeSamples(constantFrame(3, 160), 8_000, 60);
    heir.writeSamples(constantFrame(4, 160), 8_000, 80);
    assert.deepEqual(valuesOf(begun), [3, 4], 'shorter ones lie where longer ones would');
    assert.deepEqual([valuesOf(fresh), fresh.lost], [[2, 3, 4], 2]);
    assert.deepEqual([valuesOf(ahead), ahead.lost], [[4], 0]);
  });

  it('passes over all that waits, and tells how many and the rate of the newest', () => {
    const ring = allocateFrameRing(4, 640);
    const reader = new FrameRingReader(ring);
    assert.equal(reader.skipAll(), 0);
    assert.equal(reader.rateHz, 0);
    writeFrames(ring, 0, 9);
    const writer = new FrameRingWriter(ring);
    writer.writeSamples(constantFrame(9, 320), 16_000, 0);
    assert.equal(reader.skipAll(), 10);
    assert.deepEqual([reader.rateHz, reader.lost, reader.available], [16_000, 0, 0]);
    writer.writeSamples(constantFrame(10, 320), 16_000, 0);
    assert.deepEqual(valuesOf(reader), [10]);
  });

  it('never hands out a torn frame while another thread writes as fast as it can', async (t) => {
    const samples = 3_840;
    // Two slots: the one that is read is soon written again.
    const ring = allocateFrameRing(2, samples * 2);
    const reader = new FrameRingReader(ring);
    const job: RingWriterJob = { ring, samples, frames: 300_000 };
    const thread = new Worker(new URL('../ring-writer.js', import.meta.url), { workerData: job });
    t.after(() => thread.terminate());
    await once(thread, 'online');
    let read = 0;
    let torn = 0;
    let misnumbered = 0;
    while (read < 2_000 && reader.position < job.frames) {
      const pcm = reader.read();
      if (pcm !== undefined) {
        const number = reader.position - 1;
        read += 1;
        torn += pcm.every((sample) => sample === (number & 0x7fff)) ? 0 : 1;
        misnumbered += reader.rateHz === number && reader.atMs === number / 2 ? 0 : 1;
      }
    }
    assert.deepEqual({ torn, misnumbered }, { torn: 0, misnumbered: 0 });
    assert.equal(read + reader.lost, reader.position, 'what was not read was counted');
    assert.ok(read > 0 && reader.lost > 0, `${read} read, ${reader.lost} lost: they did not meet`);
  });
});
