import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { powerOf } from '../../../src/media/dsp/sound.ts';
import { RtpSound } from '../../../src/media/hear/rtp-sound.ts';
import type { RtpPacket } from '../../../src/protocol/rtp/packet.ts';
import {
  PayloadDecoder,
  PayloadEncoder,
  type RtpFormat,
  SENT_AS,
} from '../../../src/protocol/rtp/payloads.ts';
import { concatPcm, isTone, seededRandom, sine, sliceMs } from '../../asterisk/audio.ts';

/** Frames that were heard, one after the other. */
class HeardFrames {
  readonly frames: Int16Array[] = [];
  rateHz = 0;
  readonly sound = new RtpSound((pcm, rateHz) => {
    this.rateHz = rateHz;
    this.frames.push(new Int16Array(pcm.slice().buffer));
  });

  get pcm(): Int16Array {
    return concatPcm(...this.frames);
  }
}

/** A tone of 1 s in packets of `packetMs`. */
function packets(format: RtpFormat, packetMs: number): RtpPacket[] {
  const encoder = new PayloadEncoder(format);
  const samples = (encoder.rateHz * packetMs) / 1_000;
  const pcm = sine(1_000, 960, encoder.rateHz, 0.3);
  return Array.from({ length: pcm.length / samples }, (_, number) => ({
    payloadType: SENT_AS[format].payloadType,
    marker: false,
    sequence: number,
    timestamp: number * packetMs * 8,
    ssrc: 1,
    payload: encoder.encode(pcm.subarray(number * samples, (number + 1) * samples)),
  }));
}

/** What a decoder makes of packets of G.722, one after the other. */
function decoded(sent: readonly RtpPacket[]): Int16Array {
  const decoder = new PayloadDecoder();
  return concatPcm(
    ...sent.map(
      ({ payloadType, payload }) => decoder.decode(payloadType, payload)?.pcm.slice() ?? new Int16Array(0),
    ),
  );
}

/** Whether `piece` is in `pcm`, to the bit. */
function includes(pcm: Int16Array, piece: Int16Array): boolean {
  return Buffer.from(new Int16Array(pcm).buffer).includes(Buffer.from(new Int16Array(piece).buffer));
}

describe('RtpSound', () => {
  it('makes frames of 20 ms of any format and packet time', () => {
    for (const format of ['ulaw', 'alaw', 'slin', 'g722'] as const) {
      for (const packetMs of [10, 20, 30, 60]) {
        const heard = new HeardFrames();
        for (const [number, packet] of packets(format, packetMs).entries()) {
          heard.sound.put(packet, 1_000 + number * packetMs);
          heard.sound.play(1_000 + number * packetMs + 7);
        }
        heard.sound.play(1_980);
        const rateHz = format === 'g722' ? 16_000 : 8_000;
        assert.equal(heard.rateHz, rateHz);
        assert.ok(heard.frames.every(({ length }) => length === rateHz / 50));
        assert.ok(heard.frames.length >= 45 && heard.frames.length <= 50, `${heard.frames.length} frames`);
        assert.ok(isTone(sliceMs(heard.pcm, rateHz, 100, 900), 1_000, rateHz), `${format} ${packetMs} ms`);
      }
    }
  });

  it('decodes G.722 from packet to packet as one stream, and another source from its beginning', () => {
    const sent = packets('g722', 20).slice(0, 20);
    const heard = new HeardFrames();
    // Another source sends the very same; of its first packet nothing is believed until there is a second.
    const other = sent.map((packet) => ({ ...packet, ssrc: 2, sequence: packet.sequence + 500 }));
    for (const [number, packet] of [...sent, ...other].entries()) {
      heard.sound.put(packet, 1_000 + number * 20);
      heard.sound.play(1_000 + number * 20);
    }
    assert.ok(
      includes(heard.pcm, decoded(sent).subarray(0, 16 * 320)),
      'the stream, as if decoded in one go',
    );
    assert.ok(
      includes(heard.pcm, decoded(other.slice(1)).subarray(0, 8 * 320)),
      'the other, by a new decoder',
    );
  });

  it('goes on with a tone where packets are lost', () => {
    const heard = new HeardFrames();
    for (const [number, packet] of packets('g722', 20).entries()) {
      if (number % 7 !== 5) {
        heard.sound.put(packet, 1_000 + number * 20);
      }
    }
    heard.sound.play(1_960);
    assert.equal(heard.sound.counts.rtpLost, 6);
    assert.ok(heard.frames.length >= 47, `${heard.frames.length} frames`);
    assert.ok(isTone(sliceMs(heard.pcm, 16_000, 100, 900), 1_000, 16_000));
  });

  it('leads from what was heard before a loss into what is heard after it, where it is known how that sounds', () => {
    for (const [format, leads] of [
      ['ulaw', true],
      ['g722', false],
    ] as const) {
      const heard = new HeardFrames();
      const encoder = new PayloadEncoder(format);
      const frame = sine(200, 20, encoder.rateHz, 0.3);
      for (let number = 0; number < 12; number += 1) {
        const pcm = number < 7 ? frame : frame.map((sample) => sample / 8);
        const header = { marker: false, sequence: number, timestamp: number * 160, ssrc: 1 };
        const { payloadType } = SENT_AS[format];
        const payload = encoder.encode(pcm);
        if (number !== 6) {
          heard.sound.put({ ...header, payloadType, payload }, 1_000 + number * 20);
        }
      }
      const made = heard.frames[6] ?? new Int16Array(0);
      const half = made.length / 2;
      const falls = powerOf(made.subarray(half)) < 0.5 * powerOf(made.subarray(0, half));
      assert.equal(falls, leads, format);
    }
  });

  it('says why a packet is not heard', () => {
    const { sound, frames } = new HeardFrames();
    const [packet] = packets('ulaw', 20);
    assert.ok(packet !== undefined);
    assert.equal(sound.put({ ...packet, payloadType: 13 }, 1_000), 'unknown-payload');
    assert.equal(sound.put({ ...packet, payload: new Uint8Array(0) }, 1_000), 'empty');
    assert.equal(sound.put({ ...packet, payloadType: 10, payload: new Uint8Array(1) }, 1_000), 'empty');
    assert.equal(sound.put({ ...packet, payload: new Uint8Array(1_601) }, 1_000), 'too-long');
    assert.equal(sound.put(packet, 1_000), undefined);
    assert.equal(frames.length, 0);
  });

  it('keeps a payload of its own', () => {
    const heard = new HeardFrames();
    for (const [number, packet] of packets('slin', 20).entries()) {
      const payload = packet.payload.slice();
      heard.sound.put({ ...packet, payload }, 1_000 + number * 20);
      payload.fill(0);
    }
    assert.ok(isTone(sliceMs(heard.pcm, 8_000, 100, 900), 1_000, 8_000));
  });

  it('stands any packets', () => {
    const { sound, frames } = new HeardFrames();
    const next = seededRandom(11);
    for (let round = 0; round < 3_000; round += 1) {
      const payloadType = [0, 8, 9, 10, 118, 126, 13][Math.floor(next() * 7)] ?? 0;
      const payload = new Uint8Array(Math.floor(next() * 400)).fill(round);
      const sequence = Math.floor(next() * 65_536);
      const timestamp = Math.floor(next() * 2 ** 32);
      sound.put(
        { payloadType, marker: false, sequence, timestamp, ssrc: round >> 9, payload },
        1_000 + round,
      );
    }
    assert.ok(frames.length <= 3_000 * 10);
  });
});
