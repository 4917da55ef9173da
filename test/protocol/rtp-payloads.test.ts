import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  PayloadDecoder,
  PayloadEncoder,
  payloadTime,
  RTP_FORMATS,
  SENT_AS,
} from '../../src/protocol/rtp/payloads.ts';
import { isTone, sine, sliceMs } from '../asterisk/audio.ts';

describe('RTP payloads', () => {
  it('come back from each format as they went, in types that Asterisk takes', () => {
    const taken = { ulaw: 0, alaw: 8, slin: 10, g722: 9 };
    for (const format of RTP_FORMATS) {
      const encoder = new PayloadEncoder(format);
      assert.equal(SENT_AS[format].payloadType, taken[format]);
      assert.equal(SENT_AS[format].rateHz, encoder.rateHz);
      const pcm = sine(1_000, 200, encoder.rateHz, 0.3);
      const decoded = new PayloadDecoder().decode(SENT_AS[format].payloadType, encoder.encode(pcm));
      assert.equal(decoded?.rateHz, encoder.rateHz);
      assert.equal(decoded?.pcm.length, pcm.length);
      assert.ok(
        isTone(sliceMs(decoded?.pcm ?? new Int16Array(0), encoder.rateHz, 50, 150), 1_000, encoder.rateHz),
        format,
      );
    }
  });

  it('have linear audio in network order', () => {
    const encoder = new PayloadEncoder('slin');
    assert.deepEqual(encoder.encode(Int16Array.of(0x1234, -2)), Uint8Array.of(0x12, 0x34, 0xff, 0xfe));
    const decoded = new PayloadDecoder().decode(118, Uint8Array.of(0x12, 0x34, 0xff, 0xfe, 0x77));
    assert.deepEqual(decoded, { pcm: Int16Array.of(0x1234, -2), rateHz: 16_000 });
  });

  it('count time at 8 kHz for G.722, at its own rate for linear', () => {
    assert.deepEqual(payloadTime(9, 160), { clockHz: 8_000, durationMs: 20 });
    assert.deepEqual(payloadTime(118, 641), { clockHz: 16_000, durationMs: 20 });
    assert.equal(payloadTime(13, 1), 'unknown-payload');
    assert.equal(payloadTime(10, 1), 'empty');
    assert.equal(payloadTime(0, 1_601), 'too-long');
    assert.equal(new PayloadDecoder().decode(107, Uint8Array.of(1, 2)), undefined);
  });
});
