/**
 * A thread that writes frames as fast as it can into the ring it is given, each filled with its own number, until
 * the frames asked for are written or it is ended. It waits for nobody, so a reader on another thread is lapped again
 * and again.
 */

import { workerData } from 'node:worker_threads';
import { type FrameRingHandle, FrameRingWriter } from '../../src/media/ring/frame-ring.ts';

export interface RingWriterJob {
  readonly ring: FrameRingHandle;
  readonly samples: number;
  readonly frames: number;
}

function write({ ring, samples, frames }: RingWriterJob): void {
  const writer = new FrameRingWriter(ring);
  const frame = new Int16Array(samples);
  for (let number = 0; number < frames; number += 1) {
    // 16 bits of the number tell neighbouring frames apart.
    frame.fill(number & 0x7fff);
    writer.writeSamples(frame, number, number / 2);
  }
}

write(workerData);
