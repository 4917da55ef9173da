import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameBell } from '../../../src/media/ring/frame-bell.ts';
import { FrameRingReader, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { FRAME_WIRE_BYTES } from '../../../src/media/ring/frame-wire.ts';
import {
  allocateLegMemory,
  freeLegMemory,
  legMemoryAt,
  MEDIA_COUNTERS,
  MediaCounters,
  MediaGauges,
  prepareLegMemory,
} from '../../../src/media/ring/leg-memory.ts';
import { noise } from '../../asterisk/audio.ts';

const PAGE_BYTES = 4_096;

function pageOf(byteOffset: number): number {
  return Math.floor(byteOffset / PAGE_BYTES);
}

describe('allocateLegMemory', () => {
  it('takes as much as is written beside LEG_BYTES', () => {
    const { place, inbound, outbound, speech, packets, told, heard, passed } = allocateLegMemory();
    const rings = [speech, packets, outbound, inbound, told, heard, passed];
    assert.deepEqual(
      rings.map(({ byteLength }) => byteLength),
      [172_032, 62_976, 30_848, 62_464, 62_464, 62_464, 62_464],
    );
    assert.equal(inbound.byteOffset - place.byteOffset, 8_512);
    assert.equal(place.memory.byteLength % 524_288, 0);
    assert.equal(place.byteOffset % 524_288, 0);
  });

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

describe('what an arrival touches of a leg', () => {
  it('lies on one page, a message of 8 kHz included', () => {
    const { place, wire, pace, waits, counters, gauges, ...rings } = allocateLegMemory();
    const pages = [wire, pace, waits, counters, gauges].map(({ byteOffset }) => pageOf(byteOffset));
    // 64 bytes of state and 3 + 320 of the message.
    pages.push(pageOf(wire.byteOffset + 64 + 322));
    for (const { headerOffset } of Object.values(rings)) {
      pages.push(pageOf(headerOffset), pageOf(headerOffset + 63));
    }
    assert.deepEqual([...new Set(pages)], [pageOf(place.byteOffset)]);
  });

  it('is in no other of its parts, nor in those of the leg beside it', () => {
    const spans = [allocateLegMemory(), allocateLegMemory()].flatMap((leg) => {
      const { place, wire, pace, waits, counters, gauges, ...rings } = leg;
      return [
        ...[pace, waits, counters, gauges].map(({ byteOffset }) => [byteOffset, byteOffset + 64] as const),
        [wire.byteOffset, wire.byteOffset + FRAME_WIRE_BYTES] as const,
        ...Object.values(rings).flatMap(({ headerOffset, byteOffset, byteLength }) => [
          [headerOffset, headerOffset + 64] as const,
          [byteOffset, byteOffset + byteLength] as const,
        ]),
      ];
    });
    spans.sort(([one], [other]) => one - other);
    for (const [index, [, end]] of spans.slice(0, -1).entries()) {
      assert.ok(end <= (spans[index + 1]?.[0] ?? 0), `a part that ends at ${end}`);
    }
  });
});

describe('legMemoryAt', () => {
  it('finds all of a leg by its place, as another thread does', () => {
    const leg = allocateLegMemory();
    assert.deepEqual(legMemoryAt(leg.place), leg);
    freeLegMemory(leg);
    const next = allocateLegMemory();
    assert.deepEqual(legMemoryAt(next.place), next);
    assert.notEqual(next.inbound.number, leg.inbound.number);
    assert.notEqual(next.inbound.life, leg.inbound.life);
  });
});

describe('prepareLegMemory', () => {
  it('makes room for as many legs, which are taken first, and changes nothing of who is there', () => {
    const before = allocateLegMemory();
    const frame = noise(20, 8_000);
    new FrameRingWriter(before.inbound).writeSamples(frame, 8_000, 0);
    const left = allocateLegMemory();
    new MediaCounters(left.counters).add('cues', 3);
    freeLegMemory(left);
    prepareLegMemory(100);
    const blocks = new Set<SharedArrayBuffer>();
    const places = new Set<string>();
    const known = new Map<SharedArrayBuffer, number>();
    for (let count = 0; count < 100; count += 1) {
      const { place, counters } = allocateLegMemory();
      blocks.add(place.memory);
      known.set(place.memory, known.get(place.memory) ?? known.size);
      places.add(`${known.get(place.memory)} ${place.byteOffset}`);
      assert.equal(new MediaCounters(counters).get('cues'), 0);
    }
    assert.equal(places.size, 100);
    assert.deepEqual(new FrameRingReader(before.inbound, 0).read(), frame);
    assert.equal(blocks.has(before.place.memory), true);
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
