import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import {
  encodeChannelAudio,
  encodeDtmf,
  encodeUuid,
} from '../../src/protocol/audiosocket/asterisk-encoder.ts';
import { AudioSocketDecoder } from '../../src/protocol/audiosocket/decoder.ts';
import { encodeAudio, encodeHangup } from '../../src/protocol/audiosocket/encoder.ts';
import { AUDIO_KINDS, MAX_PAYLOAD_MS } from '../../src/protocol/audiosocket/kinds.ts';
import { seededRandom } from '../asterisk/audio.ts';

/** A decoder, and what came out of it as one line of text per message. */
function recordingDecoder(): { decoder: AudioSocketDecoder; messages: string[] } {
  const messages: string[] = [];
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const decoder = new AudioSocketDecoder({
    hangup: () => messages.push('hangup'),
    uuid: (bytes) => messages.push(`uuid ${hex(bytes)}`),
    dtmf: (digit) => messages.push(`dtmf ${digit}`),
    audio: (pcm, rateHz) => messages.push(`audio ${rateHz} ${hex(pcm)}`),
    error: (payload) => messages.push(`error ${hex(payload)}`),
  });
  return { decoder, messages };
}

function decode(...chunks: readonly Uint8Array[]): string[] {
  const { decoder, messages } = recordingDecoder();
  for (const chunk of chunks) {
    decoder.push(chunk);
  }
  return messages;
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

const UUID = Uint8Array.from({ length: 16 }, (_, i) => i * 17);

/** Every kind of message, among them an empty, an odd-offset and a long one. */
const STREAM = Buffer.concat([
  encodeUuid(UUID),
  encodeChannelAudio(
    Uint8Array.from({ length: 320 }, (_, i) => i & 0xff),
    8_000,
  ),
  encodeDtmf('#'),
  bytes('10 0000'),
  encodeChannelAudio(
    Uint8Array.from({ length: 1_280 }, (_, i) => (i * 7) & 0xff),
    16_000,
  ),
  bytes('ff 0002 0102'),
  bytes('ff 0000'),
  encodeAudio(bytes('0102'), 192_000),
  encodeHangup(),
]);
const STREAM_MESSAGES = decode(STREAM);

describe('AudioSocketDecoder', () => {
  it('reads each kind of message', () => {
    assert.deepEqual(decode(bytes('00 0000')), ['hangup']);
    assert.deepEqual(decode(bytes('01 0010 00112233445566778899aabbccddeeff')), [
      'uuid 00112233445566778899aabbccddeeff',
    ]);
    assert.deepEqual(decode(bytes('03 0001 35')), ['dtmf 5']);
    assert.deepEqual(decode(bytes('ff 0001 04')), ['error 04']);
    assert.deepEqual(
      AUDIO_KINDS.map(({ kind }) => decode(Buffer.from([kind, 0, 2, 0xab, 0xcd])).join()),
      AUDIO_KINDS.map(({ rateHz }) => `audio ${rateHz} abcd`),
    );
  });

  it('reads the length as big-endian', () => {
    const [message = ''] = decode(Buffer.concat([bytes('12 0140'), Buffer.alloc(0x140)]));
    assert.equal(message.length, 'audio 16000 '.length + 0x140 * 2);
  });

  it('reads a stream of messages', () => {
    assert.deepEqual(
      STREAM_MESSAGES.map((message) => message.split(' ')[0]),
      ['uuid', 'audio', 'dtmf', 'audio', 'audio', 'error', 'error', 'audio', 'hangup'],
    );
  });

  it('reads the same from every split in two', () => {
    for (let at = 0; at <= STREAM.length; at += 1) {
      assert.deepEqual(
        decode(STREAM.subarray(0, at), STREAM.subarray(at)),
        STREAM_MESSAGES,
        `split at ${at}`,
      );
    }
  });

  it('reads the same byte by byte, with empty chunks between', () => {
    const chunks = [...STREAM].flatMap((byte) => [Uint8Array.of(byte), new Uint8Array(0)]);
    assert.deepEqual(decode(...chunks), STREAM_MESSAGES);
  });

  it('reads the same from random chunks', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 300; round += 1) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < STREAM.length; ) {
        const end = at + 1 + Math.floor(random() * (round % 2 === 0 ? 8 : 700));
        chunks.push(STREAM.subarray(at, end));
        at = end;
      }
      assert.deepEqual(decode(...chunks), STREAM_MESSAGES);
    }
  });

  it('does not keep the chunk: what it has of a message survives the chunk being used again', () => {
    const { decoder, messages } = recordingDecoder();
    const chunk = Buffer.from(encodeDtmf('7').subarray(0, 2));
    decoder.push(chunk);
    chunk.fill(0xee);
    decoder.push(encodeDtmf('7').subarray(2));
    assert.deepEqual(messages, ['dtmf 7']);
  });

  it('hands over a whole message as a view of the chunk, not a copy', () => {
    const chunk = encodeAudio(new Uint8Array(320), 8_000);
    let seen: Uint8Array | undefined;
    const decoder = new AudioSocketDecoder({
      hangup() {},
      uuid() {},
      dtmf() {},
      error() {},
      audio(pcm) {
        seen = pcm;
      },
    });
    decoder.push(chunk);
    assert.equal(seen?.buffer, chunk.buffer);
    assert.equal(seen?.byteOffset, chunk.byteOffset + 3);
  });

  it('takes a UUID of any bits', () => {
    for (const fill of [0x00, 0xff]) {
      assert.deepEqual(decode(encodeUuid(new Uint8Array(16).fill(fill))), [
        `uuid ${fill.toString(16).padStart(2, '0').repeat(16)}`,
      ]);
    }
  });

  it('takes audio up to the limit of each rate and refuses more, from the header alone', () => {
    for (const { kind, rateHz } of AUDIO_KINDS) {
      const mostBytes = Math.min(0xfffe, (rateHz * MAX_PAYLOAD_MS * 2) / 1_000);
      const header = (length: number): Uint8Array => Uint8Array.of(kind, length >> 8, length & 0xff);
      assert.equal(decode(header(mostBytes), new Uint8Array(mostBytes)).length, 1);
      if (mostBytes < 0xfffe) {
        assert.throws(() => decode(header(mostBytes + 2)), { code: 'wire-payload-too-long' });
      }
    }
  });

  const BROKEN: readonly (readonly [string, string, string])[] = [
    ['an unknown kind', '02 0000', 'wire-unknown-kind'],
    ['the kind before audio', '0f 0002 0000', 'wire-unknown-kind'],
    ['the kind after audio', '19 0002 0000', 'wire-unknown-kind'],
    ['odd audio', '10 0003', 'wire-bad-length'],
    ['a short UUID', '01 000f', 'wire-bad-length'],
    ['a long UUID', '01 0011', 'wire-bad-length'],
    ['an empty key', '03 0000', 'wire-bad-length'],
    ['two keys in one message', '03 0002', 'wire-bad-length'],
    ['a hang-up with a payload', '00 0001', 'wire-bad-length'],
    ['a long error', 'ff 0041', 'wire-bad-length'],
  ];
  for (const [what, hex, code] of BROKEN) {
    it(`refuses ${what}, whole or byte by byte`, () => {
      assert.throws(() => decode(bytes(hex)), { name: 'AppError', code });
      assert.throws(() => decode(...[...bytes(hex)].map((byte) => Uint8Array.of(byte))), { code });
    });
  }

  it('delivers what came before a broken message and refuses everything after it', () => {
    const { decoder, messages } = recordingDecoder();
    assert.throws(() => decoder.push(Buffer.concat([encodeDtmf('1'), bytes('020000'), encodeDtmf('2')])), {
      code: 'wire-unknown-kind',
    });
    assert.throws(() => decoder.push(encodeDtmf('3')), { code: 'wire-unknown-kind' });
    assert.deepEqual(messages, ['dtmf 1']);
  });

  it('meets noise with messages or with its own errors, never with anything else', () => {
    const random = seededRandom(5);
    for (let round = 0; round < 3_000; round += 1) {
      const noise = Uint8Array.from({ length: Math.floor(random() * 400) }, () => Math.floor(random() * 256));
      // Half of the rounds begin as a good stream does, so that noise also hits the middle of messages.
      const start = round % 2 === 0 ? STREAM.subarray(0, Math.floor(random() * STREAM.length)) : noise;
      try {
        decode(start, noise, noise.subarray(1));
      } catch (error) {
        assert.ok(error instanceof AppError && error.code.startsWith('wire-'), String(error));
      }
    }
  });
});
