import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addSample, bytesOf, fade, isSilence } from '../../src/media/sound.ts';
import { constantFrame } from './frames.ts';

describe('isSilence', () => {
  it('is true up to a peak of 103, about -50 dB, and false from 104 on, whichever the sign and place', () => {
    for (const [peak, silent] of [
      [0, true],
      [103, true],
      [-103, true],
      [104, false],
      [-104, false],
      [-32_768, false],
    ] as const) {
      for (const place of [0, 80, 159]) {
        const pcm = new Int16Array(160);
        pcm[place] = peak;
        assert.equal(isSilence(pcm), silent, `${peak} at ${place}`);
      }
    }
  });

  it('is true of no samples at all', () => {
    assert.equal(isSilence(new Int16Array(0)), true);
  });
});

describe('addSample', () => {
  it('adds, and stops at full scale on both sides', () => {
    const pcm = Int16Array.of(100, 32_000, -32_000);
    addSample(pcm, 0, -30);
    addSample(pcm, 1, 2_000);
    addSample(pcm, 2, -2_000);
    assert.deepEqual(pcm, Int16Array.of(70, 32_767, -32_768));
  });
});

describe('fade', () => {
  it('moves the gain evenly from the first sample on', () => {
    const pcm = constantFrame(1_000, 10);
    fade(pcm, 0, 1);
    assert.deepEqual(pcm, Int16Array.of(0, 100, 200, 300, 400, 500, 600, 700, 800, 900));
  });

  it('changes nothing from 1 to 1', () => {
    const pcm = Int16Array.of(-32_768, 32_767, 5);
    fade(pcm, 1, 1);
    assert.deepEqual(pcm, Int16Array.of(-32_768, 32_767, 5));
  });

  it('makes silence from 0 to 0', () => {
    const pcm = Int16Array.of(5, 6);
    fade(pcm, 0, 0);
    assert.deepEqual(pcm, Int16Array.of(0, 0));
  });
});

describe('bytesOf', () => {
  it('is the same memory, and only the part of it that is the samples', () => {
    const whole = Int16Array.of(1, 0x0203, 4);
    const bytes = bytesOf(whole.subarray(1, 2));
    assert.deepEqual(bytes, Uint8Array.of(3, 2));
    bytes[0] = 9;
    assert.equal(whole[1], 0x0209);
  });
});
