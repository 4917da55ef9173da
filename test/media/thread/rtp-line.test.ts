import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameRingReader, FrameRingWriter } from '../../../src/media/ring/frame-ring.ts';
import { allocateLegMemory, MediaCounters, MediaGauges } from '../../../src/media/ring/leg-memory.ts';
import { RtpLine } from '../../../src/media/thread/rtp-line.ts';
import { buildRtp } from '../../../src/protocol/rtp/packet.ts';
import {
  PayloadDecoder,
  PayloadEncoder,
  type RtpFormat,
  SENT_AS,
} from '../../../src/protocol/rtp/payloads.ts';
import { isTone, sine, sliceMs } from '../../asterisk/audio.ts';
import { contentOf, readAll } from '../frames.ts';

/** A leg's memory, and the main thread's side of it. */
class Rig {
  readonly memory = allocateLegMemory();
  readonly counters = new MediaCounters(this.memory.counters);
  readonly #packets = new FrameRingWriter(this.memory.packets);
  readonly #encoder: PayloadEncoder;
  readonly #format: RtpFormat;
  readonly #tone: Int16Array;

  constructor(format: RtpFormat) {
    this.#format = format;
    this.#encoder = new PayloadEncoder(format);
    this.#tone = sine(1_000, 1_000, this.#encoder.rateHz, 0.3);
  }

  /** Packet `number` of the tone, coded in its turn, arrives. */
  arrive(number: number, atMs: number, lost = false): void {
    const { payloadType, rateHz } = SENT_AS[this.#format];
    const header = { payloadType, marker: false, sequence: number, timestamp: number * 160, ssrc: 3 };
    const samples = rateHz / 50;
    const at = (number % 50) * samples;
    const packet = buildRtp(header, this.#encoder.encode(this.#tone.subarray(at, at + samples)));
    if (!lost) {
      this.#packets.write(packet, 0, atMs);
    }
  }

  get heldMs(): number {
    return new MediaGauges(this.memory.gauges).get('heldMs');
  }
}

describe('RtpLine', () => {
  for (const format of ['g722', 'ulaw', 'slin'] as const) {
    it(`makes frames of ${format} packets when they are due, and payloads of frames`, () => {
      const rig = new Rig(format);
      const line = new RtpLine(rig.memory, format, false);
      const inbound = new FrameRingReader(rig.memory.inbound, 0);
      const frames: Int16Array[] = [];
      for (let number = 0; number < 25; number += 1) {
        rig.arrive(number, 1_000 + number * 20);
        // Between two packets, as a thread looks for them.
        line.hear(1_003 + number * 20);
        frames.push(readAll(inbound).slice());
      }
      const { rateHz, payloadType } = SENT_AS[format];
      assert.equal(inbound.rateHz, rateHz);
      // The first one is held back for 20 ms.
      assert.deepEqual(
        frames.map(({ length }) => length),
        [0, ...Array<number>(24).fill(rateHz / 50)],
      );
      assert.ok(isTone(sliceMs(contentOf(rig.memory.inbound), rateHz, 100, 400), 1_000, rateHz));
      assert.equal(rig.heldMs, 20);
      const coded = line.encode(sine(1_000, 200, rateHz, 0.3));
      const decoded = new PayloadDecoder().decode(payloadType, coded);
      assert.ok(isTone(sliceMs(decoded?.pcm ?? new Int16Array(0), rateHz, 50, 150), 1_000, rateHz));
    });
  }

  it('tells what became of packets, those among them that it never came to', () => {
    const rig = new Rig('ulaw');
    const line = new RtpLine(rig.memory, 'ulaw', false);
    for (let number = 0; number < 50; number += 1) {
      rig.arrive(number, 1_000 + number * 20, number === 10);
      line.hear(1_000 + number * 20);
    }
    assert.deepEqual(
      [rig.counters.get('rtpLost'), rig.counters.get('rtpMadeUp'), rig.counters.get('rtpDropped')],
      [1, 1, 0],
    );
    // It stands still for a second: the ring holds 32.
    for (let number = 50; number < 100; number += 1) {
      rig.arrive(number, 1_000 + number * 20);
    }
    line.hear(3_000);
    const dropped = rig.counters.get('rtpDropped');
    assert.ok(dropped >= 18, `${dropped}`);
  });

  it('goes on for a thread that died, with what that one had not read', () => {
    const rig = new Rig('g722');
    const first = new RtpLine(rig.memory, 'g722', false);
    for (let number = 0; number < 20; number += 1) {
      rig.arrive(number, 1_000 + number * 20);
      first.hear(1_000 + number * 20);
    }
    const framesBefore = new FrameRingReader(rig.memory.inbound).position;
    const second = new RtpLine(rig.memory, 'g722', true);
    for (let number = 20; number < 40; number += 1) {
      rig.arrive(number, 1_000 + number * 20);
      second.hear(1_000 + number * 20);
    }
    const frames = new FrameRingReader(rig.memory.inbound).position - framesBefore;
    assert.equal(frames, 19);
    assert.equal(rig.counters.get('rtpLost'), 0);
    // The decoder's memory is gone: it is a tone again after some 10 ms.
    const heard = contentOf(rig.memory.inbound);
    assert.ok(isTone(heard.subarray(heard.length - 15 * 320), 1_000, 16_000));
  });
});
