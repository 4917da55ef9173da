import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addAt,
  addSample,
  amplitudeAt,
  bytesOf,
  cosineEdge,
  isSilence,
  peakOf,
  powerAt,
  powerOf,
} from '../../../src/media/dsp/sound.ts';
import { sine } from '../../asterisk/audio.ts';
import { constantFrame } from '../frames.ts';

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

  it('lets a sum that is still to be limited go past full scale', () => {
    const mix = Float32Array.of(32_000);
    addSample(mix, 0, 2_000);
    assert.equal(mix[0], 34_000);
  });
});

describe('powerOf, powerAt and amplitudeAt', () => {
  it('agree on how loud a sine is', () => {
    // A sine with a peak of -6 dB has -9 dB of root mean square.
    const power = powerOf(sine(1_000, 100, 8_000, 0.5));
    assert.ok(Math.abs(power / powerAt(-9.03) - 1) < 0.01);
    assert.ok(Math.abs(Math.sqrt(power) / amplitudeAt(-9.03) - 1) < 0.01);
  });

  it('are nothing without samples', () => {
    assert.equal(powerOf(new Int16Array(0)), 0);
  });
});

describe('peakOf', () => {
  it('is the loudest sample, whichever its sign', () => {
    assert.equal(peakOf(Int16Array.of(5, -32_768, 70)), 32_768);
    assert.equal(peakOf(new Int16Array(0)), 0);
  });
});

describe('addAt', () => {
  it('adds at a gain that moves evenly from the first sample on, past full scale if need be', () => {
    const mix = new Float32Array(10).fill(30_000);
    addAt(mix, constantFrame(10_000, 10), 0, 1);
    assert.deepEqual(
      [...mix],
      Array.from({ length: 10 }, (_, i) => 30_000 + i * 1_000),
    );
  });
});

describe('cosineEdge', () => {
  it('rises from 0 to 1, slowly at both ends', () => {
    assert.equal(cosineEdge(0, 40), 0);
    assert.ok(Math.abs(cosineEdge(20, 40) - 0.5) < 1e-9);
    assert.ok(cosineEdge(1, 40) < 0.01 && cosineEdge(39, 40) > 0.99);
    assert.equal(cosineEdge(40, 40), 1);
    assert.equal(cosineEdge(1_000, 40), 1);
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
