import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { G722Decoder } from '../../src/protocol/g722.ts';
import { G722Encoder } from '../../src/protocol/g722-encoder.ts';
import { findSoundMs, isTone, loadLibrivoxClips, noise, silence, sine, sliceMs } from '../asterisk/audio.ts';

describe('G722Decoder', () => {
  it('decodes what a phone coded: tones of both bands, as they were', () => {
    for (const toneHz of [300, 1_000, 3_400, 5_000]) {
      const pcm = new G722Decoder().decode(new G722Encoder().encode(sine(toneHz, 600, 16_000, 0.3)));
      assert.equal(pcm.length, 9_600);
      assert.ok(isTone(sliceMs(pcm, 16_000, 200, 500), toneHz, 16_000), `${toneHz} Hz`);
    }
  });

  it('decodes in pieces as at once', () => {
    const codes = new G722Encoder().encode(
      loadLibrivoxClips()[0]?.pcm.subarray(0, 32_000) ?? new Int16Array(0),
    );
    const whole = new G722Decoder().decode(codes);
    const inPieces = new G722Decoder();
    for (let at = 0; at < codes.length; at += 77) {
      const piece = inPieces.decode(codes.subarray(at, at + 77));
      assert.deepEqual(piece, whole.subarray(2 * at, 2 * at + piece.length));
    }
  });

  it("is the same to the bit as another maker's decoder", () => {
    // Three seconds of speech, coded and decoded by libspandsp 0.0.6 at 64,000 bit/s.
    const codes = new G722Encoder().encode(
      loadLibrivoxClips()[0]?.pcm.subarray(0, 48_000) ?? new Int16Array(0),
    );
    assert.equal(createHash('sha256').update(codes).digest('hex'), SPANDSP_CODES);
    const pcm = new G722Decoder().decode(codes);
    assert.equal(createHash('sha256').update(new Uint8Array(pcm.buffer)).digest('hex'), SPANDSP_PCM);
  });

  it('codes what is as loud as can be as another maker does, and decodes noise so', () => {
    // Noise, then steps between both ends, by the same library; its decoder does not limit, so that gets softer noise.
    const loud = noise(2_000, 16_000, 1, 9).map((sample, i) =>
      i >= 8_000 && i < 16_000 ? ((i >> 5) % 2 === 1 ? 32_767 : -32_768) : sample,
    );
    const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    assert.equal(sha(new G722Encoder().encode(loud)), LOUD_CODES);
    const codes = new G722Encoder().encode(noise(1_000, 16_000, 0.3, 9));
    assert.equal(sha(new Uint8Array(new G722Decoder().decode(codes).buffer)), NOISE_PCM);
  });

  it('is silent where there was silence', () => {
    const pcm = new G722Decoder().decode(new G722Encoder().encode(silence(400, 16_000)));
    assert.equal(findSoundMs(pcm, 16_000), undefined);
  });
});

const SPANDSP_CODES = '3e0f0c512fab84f2a922a3d70aadcf13d1d0853504a8721c96214b1062d54027';
const SPANDSP_PCM = 'bcb02bf68ee2013bef61a029e58822e01c5185fb874b0a44ea3cba94ddc2de31';
const LOUD_CODES = 'e2f87fde2745e7ee06dfed72fbac9896ff0b804c0cd8c34ec0b958b10efb203a';
const NOISE_PCM = 'eb8b6baa2a5d996492e3f23578ca0ae8adb66e7cba35e465175d8cf8bd98ddb1';
