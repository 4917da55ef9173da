import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameRingReader, FrameRingWriter } from '../../src/media/frame-ring.ts';
import { allocateLegMemory, MEDIA_COUNTERS, MediaCounters, MediaGauges } from '../../src/media/leg-memory.ts';
import { noise } from '../asterisk/audio.ts';

describe('allocateLegMemory', () => {
  it('has rings for what arrives and is sent that hold the longest frame, 20 ms at 192 kHz', () => {
    const { inbound, outbound } = allocateLegMemory();
    const frame = noise(20, 192_000);
    for (const ring of [inbound, outbound]) {
      new FrameRingWriter(ring).writeSamples(frame, 192_000, 0);
      assert.deepEqual(new FrameRingReader(ring, 0).read(), frame);
    }
  });

  it('keeps 5 s of speech at 16 kHz', () => {
    const { speech } = allocateLegMemory();
    const writer = new FrameRingWriter(speech);
    for (let frame = 0; frame < 250; frame += 1) {
      writer.writeSamples(new Int16Array(320), 16_000, frame);
    }
    const reader = new FrameRingReader(speech, 0);
    assert.ok(reader.read() !== undefined);
    assert.equal(reader.lost, 0);
  });
});

describe('MediaCounters', () => {
  it('counts each thing by itself, and is read by another over the same memory', () => {
    const { counters } = allocateLegMemory();
    const written = new MediaCounters(counters);
    for (const [index, counter] of MEDIA_COUNTERS.entries()) {
      written.add(counter, index);
      written.add(counter);
    }
    const read = new MediaCounters(counters);
    assert.deepEqual(
      MEDIA_COUNTERS.map((counter) => read.get(counter)),
      MEDIA_COUNTERS.map((_, index) => index + 1),
    );
  });
});

describe('MediaGauges', () => {
  it('say at first that nothing waits and that speech would be as fast as spoken', () => {
    const gauges = new MediaGauges(allocateLegMemory().gauges);
    assert.deepEqual([gauges.get('backlogMs'), gauges.get('tempoPercent')], [0, 100]);
  });

  it('hold what was set last, rounded, each by itself, for another over the same memory', () => {
    const { gauges } = allocateLegMemory();
    const set = new MediaGauges(gauges);
    set.set('backlogMs', 1_000);
    set.set('backlogMs', 812.5);
    set.set('tempoPercent', 109.5);
    const read = new MediaGauges(gauges);
    assert.deepEqual([read.get('backlogMs'), read.get('tempoPercent')], [813, 110]);
  });
});
