import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameBytes } from '../../../src/base/units.ts';
import { Reblocker } from '../../../src/media/hear/reblocker.ts';
import { AUDIO_KINDS } from '../../../src/protocol/audiosocket/kinds.ts';
import { seededRandom } from '../../asterisk/audio.ts';

/** What a reblocker made: the bytes of all its frames, one after the other, and the length of each. */
class Frames {
  readonly lengths: number[] = [];
  readonly rates: number[] = [];
  readonly #bytes: number[] = [];
  readonly reblocker = new Reblocker((pcm, rateHz) => {
    this.lengths.push(pcm.length);
    this.rates.push(rateHz);
    this.#bytes.push(...pcm);
  });

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Bytes of which each place can be told from its neighbours. */
function countingBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}

describe('Reblocker', () => {
  for (const { rateHz } of AUDIO_KINDS.slice(0, 7)) {
    it(`makes 20 ms frames of every packet time from 10 to 200 ms at ${rateHz} Hz`, () => {
      for (let packetMs = 10; packetMs <= 200; packetMs += 10) {
        const sent = countingBytes(frameBytes(rateHz) * 10);
        const packetBytes = (frameBytes(rateHz) * packetMs) / 20;
        const frames = new Frames();
        for (let at = 0; at < sent.length; at += packetBytes) {
          frames.reblocker.push(sent.subarray(at, at + packetBytes), rateHz);
        }
        assert.deepEqual(frames.bytes, sent, `${packetMs} ms`);
        assert.deepEqual(frames.lengths, Array(10).fill(frameBytes(rateHz)));
      }
    });
  }

  it('loses and changes no byte of payloads of any length', () => {
    const random = seededRandom(7);
    const sent = countingBytes(320 * 200);
    const frames = new Frames();
    for (let at = 0; at < sent.length; ) {
      const payloadBytes = Math.floor(random() * 1_000);
      frames.reblocker.push(sent.subarray(at, at + payloadBytes), 8_000);
      at += payloadBytes;
    }
    assert.deepEqual(frames.bytes, sent);
    assert.ok(frames.lengths.every((length) => length === 320));
  });

  it('passes a payload that is a whole frame on as it is, uncopied', () => {
    const payload = countingBytes(320);
    const seen: Uint8Array[] = [];
    const reblocker = new Reblocker((pcm) => seen.push(pcm));
    reblocker.push(payload, 8_000);
    assert.equal(seen[0], payload);
  });

  it('passes the whole frames of a longer payload on as views of it', () => {
    const payload = countingBytes(960);
    const offsets: number[] = [];
    const reblocker = new Reblocker((pcm) => {
      assert.equal(pcm.buffer, payload.buffer);
      offsets.push(pcm.byteOffset);
    });
    reblocker.push(payload, 8_000);
    assert.deepEqual(offsets, [0, 320, 640]);
  });

  it('keeps what does not fill a frame apart from the memory it came in', () => {
    const frames = new Frames();
    const payload = countingBytes(200);
    frames.reblocker.push(payload, 8_000);
    const first = payload.slice();
    payload.fill(0xee);
    frames.reblocker.push(countingBytes(120), 8_000);
    assert.deepEqual(frames.bytes, Uint8Array.from([...first, ...countingBytes(120)]));
  });

  it('drops what waits when the rate changes, and goes on at the new one', () => {
    const frames = new Frames();
    frames.reblocker.push(countingBytes(100), 8_000);
    frames.reblocker.push(countingBytes(640), 16_000);
    frames.reblocker.push(countingBytes(320), 8_000);
    assert.deepEqual(frames.rates, [16_000, 8_000]);
    assert.deepEqual(frames.bytes, Uint8Array.from([...countingBytes(640), ...countingBytes(320)]));
  });

  it('makes nothing of an empty payload', () => {
    const frames = new Frames();
    frames.reblocker.push(new Uint8Array(0), 8_000);
    assert.deepEqual(frames.lengths, []);
  });
});
