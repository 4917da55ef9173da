import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  encodeChannelAudio,
  encodeDtmf,
  encodeUuid,
} from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { encodeAudio, encodeHangup } from '../../src/protocol/audiosocket/encoder.ts';
import {
  AUDIO_KINDS,
  formatUuid,
  kindOfRate,
  MAX_FRAME_BYTES,
  maxPayloadBytes,
  parseUuid,
  rateOfKind,
} from '../../src/protocol/audiosocket/kinds.ts';

describe('encodeAudio', () => {
  it('writes kind, big-endian length and payload in one buffer', () => {
    assert.equal(encodeAudio(Uint8Array.of(1, 2, 3, 4), 8_000).toString('hex'), '10000401020304');
    const frame = encodeAudio(new Uint8Array(640).fill(0xaa), 16_000);
    assert.equal(frame.subarray(0, 4).toString('hex'), '120280aa');
    assert.equal(frame.length, 643);
  });

  it('knows the kind of each rate', () => {
    for (const { kind, rateHz } of AUDIO_KINDS) {
      assert.equal(encodeAudio(new Uint8Array(2), rateHz)[0], kind);
    }
  });

  it('takes up to 65,534 bytes', () => {
    assert.equal(encodeAudio(new Uint8Array(65_534), 192_000).subarray(0, 3).toString('hex'), '18fffe');
  });

  it('copies: the payload may change afterwards', () => {
    const pcm = Uint8Array.of(1, 2);
    const message = encodeAudio(pcm, 8_000);
    pcm.fill(9);
    assert.equal(message.toString('hex'), '1000020102');
  });

  it('refuses everything Asterisk would end the leg for', () => {
    for (const length of [0, 1, 321, 65_535, 65_536, 65_538]) {
      assert.throws(() => encodeAudio(new Uint8Array(length), 8_000), RangeError, `${length} bytes`);
    }
    for (const rateHz of [0, 11_025, 22_050, -8_000, Number.NaN]) {
      assert.throws(() => encodeAudio(new Uint8Array(320), rateHz), RangeError, `${rateHz} Hz`);
    }
  });
});

describe('encodeHangup', () => {
  it('is kind 0 without a payload, a new buffer each time', () => {
    assert.equal(encodeHangup().toString('hex'), '000000');
    encodeHangup().fill(1);
    assert.equal(encodeHangup().toString('hex'), '000000');
  });
});

describe('encodeUuid', () => {
  it('writes 16 raw bytes after the header', () => {
    const uuid = parseUuid('00112233-4455-6677-8899-aabbccddeeff') ?? new Uint8Array(0);
    assert.equal(encodeUuid(uuid).toString('hex'), '01001000112233445566778899aabbccddeeff');
  });

  it('refuses other lengths', () => {
    assert.throws(() => encodeUuid(new Uint8Array(15)), RangeError);
    assert.throws(() => encodeUuid(new Uint8Array(17)), RangeError);
  });
});

describe('encodeDtmf', () => {
  it('writes one ASCII byte', () => {
    assert.equal(encodeDtmf('0').toString('hex'), '03000130');
    assert.equal(encodeDtmf('*').toString('hex'), '0300012a');
    assert.equal(encodeDtmf('D').toString('hex'), '03000144');
  });

  it('refuses what no phone has', () => {
    for (const digit of ['', 'E', 'a', '12', ' ', '0\n']) {
      assert.throws(() => encodeDtmf(digit), RangeError, JSON.stringify(digit));
    }
  });
});

describe('encodeChannelAudio', () => {
  it('takes any packet time', () => {
    assert.equal(encodeChannelAudio(new Uint8Array(160), 8_000).subarray(0, 3).toString('hex'), '1000a0');
    assert.equal(encodeChannelAudio(new Uint8Array(960), 8_000).subarray(0, 3).toString('hex'), '1003c0');
  });
});

describe('the kinds of AudioSocket', () => {
  it('map both ways between kind and rate, and nothing else is audio', () => {
    for (let kind = 0; kind < 256; kind += 1) {
      const rateHz = rateOfKind(kind);
      assert.equal(rateHz !== undefined, kind >= 0x10 && kind <= 0x18);
      assert.equal(rateHz === undefined ? kind : kindOfRate(rateHz), kind);
    }
    assert.equal(rateOfKind(0x15), 44_100);
    assert.equal(kindOfRate(11_025), undefined);
  });

  it('have frames of whole samples, the longest MAX_FRAME_BYTES', () => {
    const frames = AUDIO_KINDS.map(({ rateHz }) => rateHz * 0.02 * 2);
    assert.deepEqual(frames, [320, 480, 640, 960, 1_280, 1_764, 1_920, 3_840, 7_680]);
    assert.equal(Math.max(...frames), MAX_FRAME_BYTES);
    assert.equal(maxPayloadBytes(8_000), 3_200);
    assert.equal(maxPayloadBytes(192_000), 0xffff);
  });
});

describe('the text of a UUID', () => {
  it('comes back as it was, in lower case', () => {
    const text = 'ABCDEF01-2345-6789-ABCD-EF0123456789';
    assert.equal(formatUuid(parseUuid(text) ?? new Uint8Array(16)), text.toLowerCase());
  });

  it('is made from a view, not from the buffer under it', () => {
    const buffer = new Uint8Array(20).fill(0xff);
    buffer.fill(0, 2, 18);
    assert.equal(formatUuid(buffer.subarray(2, 18)), '00000000-0000-0000-0000-000000000000');
  });

  it('is undefined for what is none', () => {
    for (const text of ['', 'abc', 'g'.repeat(32), '0'.repeat(31), '0'.repeat(33)]) {
      assert.equal(parseUuid(text), undefined, text);
    }
  });
});
