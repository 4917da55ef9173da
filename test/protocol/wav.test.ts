import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import {
  encodeWav,
  endlessWavHeader,
  parseWav,
  WAV_HEADER_BYTES,
  wavHeader,
} from '../../src/protocol/wav.ts';
import { seededRandom } from '../asterisk/audio.ts';

/** A chunk of a RIFF file, padded to an even length. */
function chunk(tag: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(tag, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function format(encoding: number, channels: number, rateHz: number, bits: number): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(encoding, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rateHz, 4);
  body.writeUInt32LE((rateHz * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', body);
}

function riff(...chunks: readonly Uint8Array[]): Buffer {
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

const SAMPLES = Int16Array.of(0, 1, -1, 32_767, -32_768);

describe('the header of a file that goes on', () => {
  it('says the most that there can be, and what came is read whole', () => {
    const header = endlessWavHeader(16_000, 2);
    assert.deepEqual([header.readUInt32LE(4), header.readUInt32LE(40)], [0xffff_ffff, 0xffff_ffff]);
    const { rateHz, pcm } = parseWav(Buffer.concat([header, Buffer.from(Int16Array.of(1, 2, 3, 4).buffer)]));
    assert.deepEqual([rateHz, [...pcm]], [16_000, [1, 3]]);
  });
});

describe('encodeWav', () => {
  it('writes the header byte for byte', () => {
    assert.equal(
      wavHeader(8_000, 4).toString('hex'),
      '52494646280000005741564566' + '6d74201000000001000100401f0000803e0000020010006461746104000000',
    );
    assert.equal(wavHeader(8_000, 0).length, WAV_HEADER_BYTES);
  });

  it('writes what parseWav reads, from a view too', () => {
    const pcm = Int16Array.of(9, ...SAMPLES, 9).subarray(1, 6);
    const wav = parseWav(encodeWav({ rateHz: 44_100, pcm }));
    assert.equal(wav.rateHz, 44_100);
    assert.deepEqual(wav.pcm, SAMPLES);
  });
});

describe('parseWav', () => {
  it('keeps the first of several channels', () => {
    const body = Buffer.from(Int16Array.of(1, 100, 2, 200, 3, 300).buffer);
    assert.deepEqual(
      parseWav(riff(format(1, 2, 8_000, 16), chunk('data', body))).pcm,
      Int16Array.of(1, 2, 3),
    );
  });

  it('reads an extensible format and skips chunks it does not know, odd ones too', () => {
    const file = riff(
      chunk('LIST', Buffer.from('abc')),
      format(0xfffe, 1, 16_000, 16),
      chunk('fact', Buffer.alloc(4)),
      chunk('data', Buffer.from(SAMPLES.buffer)),
      chunk('LIST', Buffer.from('after')),
    );
    assert.deepEqual(parseWav(file).pcm, SAMPLES);
  });

  it('reads from any offset of a larger buffer', () => {
    const file = Buffer.concat([Buffer.alloc(3), encodeWav({ rateHz: 8_000, pcm: SAMPLES })]);
    assert.deepEqual(parseWav(file.subarray(3)).pcm, SAMPLES);
  });

  it('takes what is there when a streamed file announces more', () => {
    const file = encodeWav({ rateHz: 8_000, pcm: SAMPLES });
    file.writeUInt32LE(0xffffffff, 40);
    assert.deepEqual(parseWav(file).pcm, SAMPLES);
    assert.deepEqual(parseWav(file.subarray(0, file.length - 1)).pcm, SAMPLES.subarray(0, 4));
  });

  const data = chunk('data', Buffer.from(SAMPLES.buffer));
  const REFUSED: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['nothing', new Uint8Array(0), /not a WAV file/],
    ['text', Buffer.from('this is not audio at all'), /not a WAV file/],
    ['RIFF of another kind', chunk('RIFF', Buffer.from('AVI ')), /not a WAV file/],
    ['mu-law', riff(format(7, 1, 8_000, 8), data), /format 7, 8 bits.*sox/],
    ['24 bits', riff(format(1, 1, 8_000, 24), data), /24 bits.*sox/],
    ['floating point', riff(format(3, 1, 8_000, 32), data), /format 3.*sox/],
    ['no format', riff(data), /no audio/],
    ['no channels', riff(format(1, 0, 8_000, 16), data), /no audio/],
    ['a rate of nothing', riff(format(1, 1, 0, 16), data), /no audio/],
    ['no data', riff(format(1, 1, 8_000, 16)), /no audio/],
  ];
  for (const [what, bytes, message] of REFUSED) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseWav(bytes), { code: 'wav-unreadable', message });
    });
  }

  it('meets a damaged file with samples or with wav-unreadable', () => {
    const random = seededRandom(3);
    const good = encodeWav({ rateHz: 8_000, pcm: new Int16Array(50) });
    for (let round = 0; round < 2_000; round += 1) {
      const damaged = Buffer.from(good.subarray(0, Math.floor(random() * (good.length + 1))));
      for (let hit = 0; hit < 4 && damaged.length > 0; hit += 1) {
        damaged[12 + Math.floor(random() * 40)] = Math.floor(random() * 256);
      }
      try {
        assert.ok(parseWav(damaged).pcm.length <= 50);
      } catch (error) {
        assert.ok(error instanceof AppError && error.code === 'wav-unreadable', String(error));
      }
    }
  });
});
