import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameBell } from '../../../src/media/ring/frame-bell.ts';
import { FrameRingReader, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import {
  allocateLegMemory,
  freeLegMemory,
  MEDIA_COUNTERS,
  MediaCounters,
  MediaGauges,
} from '../../../src/media/ring/leg-memory.ts';
import { noise } from '../../asterisk/audio.ts';

describe('allocateLegMemory', () => {
  it('has rings for what arrives and is sent that hold the longest frame, 20 ms at 192 kHz', () => {
    const { inbound, outbound } = allocateLegMemory();
    const frame = noise(20, 192_000);
    for (const ring of [inbound, outbound]) {
      new FrameRingWriter(ring).writeSamples(frame, 192_000, 0);
      assert.deepEqual(new FrameRingReader(ring, 0).read(), frame);
    }
  });

  it('keeps 640 ms of what arrives at the rates of telephones, and no less than 160 ms of any', () => {
    for (const [rateHz, frames] of [
      [8_000, 32],
      [48_000, 32],
      [192_000, 8],
    ] as const) {
      const { inbound } = allocateLegMemory();
      const writer = new FrameRingWriter(inbound);
      for (let frame = 0; frame < frames; frame += 1) {
        writer.writeSamples(noise(20, rateHz), rateHz, frame);
      }
      const reader = new FrameRingReader(inbound, 0);
      assert.ok(reader.read() !== undefined);
      assert.deepEqual([reader.atMs, reader.lost], [0, 0], `${rateHz} Hz`);
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

describe('memory that is given back', () => {
  it("is the next leg's, in which nothing has happened yet", () => {
    const first = allocateLegMemory();
    const writer = new FrameRingWriter(first.inbound);
    for (let frame = 0; frame < 40; frame += 1) {
      writer.writeSamples(noise(20, 16_000), 16_000, frame);
    }
    new MediaCounters(first.counters).add('cues', 3);
    new MediaGauges(first.gauges).set('backlogMs', 500);
    new FrameBell(first.inbound).arm();
    freeLegMemory(first);
    const second = allocateLegMemory();
    assert.equal(second.inbound.memory, first.inbound.memory);
    assert.equal(second.inbound.byteOffset, first.inbound.byteOffset);
    assert.equal(new FrameRingReader(second.inbound, 0).read(), undefined);
    assert.equal(new FrameRingWriter(second.inbound).written, 0);
    assert.equal(new MediaCounters(second.counters).get('cues'), 0);
    assert.equal(new MediaGauges(second.gauges).get('backlogMs'), 0);
    assert.equal(new MediaGauges(second.gauges).get('tempoPercent'), 100);
    assert.equal(new FrameBell(second.inbound).wanted, false);
  });

  it('lets nobody who still hears the first leg hear the second', () => {
    const first = allocateLegMemory();
    const [ahead, behind, fresh] = [0, 2, 4].map((from) => new FrameRingReader(first.inbound, from));
    const writer = new FrameRingWriter(first.inbound);
    for (let frame = 0; frame < 3; frame += 1) {
      writer.writeSamples(noise(20, 8_000), 8_000, frame);
    }
    assert.ok(ahead?.read() !== undefined);
    freeLegMemory(first);
    const second = allocateLegMemory();
    assert.equal(second.inbound.byteOffset, first.inbound.byteOffset);
    const heir = new FrameRingWriter(second.inbound);
    const reader = new FrameRingReader(second.inbound);
    for (let frame = 0; frame < 8; frame += 1) {
      heir.writeSamples(noise(20, 8_000), 8_000, frame);
      for (const stale of [ahead, behind, fresh]) {
        assert.deepEqual([stale?.available, stale?.read(), stale?.skipAll()], [0, undefined, 0]);
      }
      assert.ok(reader.read() !== undefined);
    }
    assert.equal(reader.lost, 0);
  });

  it('is given back once', () => {
    const leg = allocateLegMemory();
    freeLegMemory(leg);
    freeLegMemory(leg);
    const places = [allocateLegMemory(), allocateLegMemory()].map(({ inbound }) => inbound.byteOffset);
    assert.equal(new Set(places).size, 2);
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
