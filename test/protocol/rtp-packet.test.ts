import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildRtp, parseRtp, type RtpPacket } from '../../src/protocol/rtp/packet.ts';
import { sequenceDistance, timestampDistance } from '../../src/protocol/rtp/wrapping.ts';
import { seededRandom } from '../asterisk/audio.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function packetOf(hex: string): RtpPacket {
  const packet = parseRtp(bytes(hex));
  assert.ok(typeof packet === 'object', `${packet}`);
  return packet;
}

describe('parseRtp', () => {
  it('reads a packet', () => {
    assert.deepEqual(packetOf('80 89 ff fe f0000001 deadbeef d5d5'), {
      payloadType: 9,
      marker: true,
      sequence: 65_534,
      timestamp: 0xf0000001,
      ssrc: 0xdeadbeef,
      payload: bytes('d5d5'),
    });
  });

  it('leaves out sources, extension and padding', () => {
    const plain = '00 0001 00000002 00000003';
    assert.deepEqual(packetOf(`82 ${plain} 11111111 22222222 aabb`).payload, bytes('aabb'));
    assert.deepEqual(packetOf(`90 ${plain} bede 0001 33333333 aabb`).payload, bytes('aabb'));
    assert.deepEqual(packetOf(`a0 ${plain} aabb 000003`).payload, bytes('aabb'));
    assert.deepEqual(packetOf(`b1 ${plain} 11111111 bede 0000 aabb 0002`).payload, bytes('aabb'));
    assert.deepEqual(packetOf(`80 ${plain}`).payload, bytes(''));
    assert.deepEqual(packetOf(`a0 ${plain} 000003`).payload, bytes(''));
  });

  it('says what is wrong with anything else', () => {
    const plain = '00 0001 00000002 00000003';
    assert.equal(parseRtp(bytes('')), 'too-short');
    assert.equal(parseRtp(bytes('80 00 0001 00000002 000000')), 'too-short');
    assert.equal(parseRtp(bytes(`81 ${plain} 111111`)), 'too-short');
    assert.equal(parseRtp(bytes(`40 ${plain} aabb`)), 'not-version-2');
    assert.equal(parseRtp(bytes('80 c8 0006 00000002 00000003')), 'rtcp');
    assert.equal(parseRtp(bytes(`90 ${plain} bede00`)), 'bad-extension');
    assert.equal(parseRtp(bytes(`90 ${plain} bede 0002 33333333`)), 'bad-extension');
    assert.equal(parseRtp(bytes(`a0 ${plain} aa 00`)), 'bad-padding');
    assert.equal(parseRtp(bytes(`a0 ${plain} aa 03`)), 'bad-padding');
    assert.equal(parseRtp(bytes(`a0 ${plain}`)), 'bad-padding');
  });

  it('reads what it builds, and stands any bytes', () => {
    const next = seededRandom(3);
    for (let round = 0; round < 2_000; round += 1) {
      const noise = Uint8Array.from({ length: Math.floor(next() * 80) }, () => Math.floor(next() * 256));
      const packet = parseRtp(noise);
      if (typeof packet === 'object') {
        assert.ok(packet.payload.length <= noise.length - 12);
        assert.deepEqual(parseRtp(buildRtp(packet, packet.payload)), packet);
      }
    }
  });
});

describe('RTP numbers', () => {
  it('are near each other where they begin again', () => {
    assert.equal(sequenceDistance(65_535, 2), 3);
    assert.equal(sequenceDistance(2, 65_535), -3);
    assert.equal(timestampDistance(0xffffff00, 0x100), 0x200);
    assert.equal(timestampDistance(0x100, 0xffffff00), -0x200);
  });
});
