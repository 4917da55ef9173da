import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PowerSpectrum } from '../../../src/media/dsp/spectrum.ts';
import { noise, sine } from '../../asterisk/audio.ts';

const RATE_HZ = 16_000;

/** The same by the definition of the transform. */
function slowly(pcm: Int16Array, padded: number, bin: number): number {
  let real = 0;
  let imaginary = 0;
  for (const [i, sample] of pcm.entries()) {
    const windowed = sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / pcm.length));
    const radians = (2 * Math.PI * bin * i) / padded;
    real += windowed * Math.cos(radians);
    imaginary -= windowed * Math.sin(radians);
  }
  return real * real + imaginary * imaginary;
}

describe('PowerSpectrum', () => {
  for (const [samples, padded] of [
    [320, 512],
    [1_024, 1_024],
  ] as const) {
    it(`is what the definition says, for ${samples} samples padded to ${padded}`, () => {
      const pcm = noise((samples * 1_000) / RATE_HZ, RATE_HZ, 0.3);
      const power = new PowerSpectrum(samples, padded, RATE_HZ).of(pcm);
      assert.equal(power.length, padded / 2);
      for (let bin = 0; bin < padded / 2; bin += 7) {
        const expected = slowly(pcm, padded, bin);
        assert.ok(Math.abs((power[bin] ?? 0) - expected) <= 1e-9 * expected + 1e-3, `bin ${bin}`);
      }
    });
  }

  it('has the peak of a tone at its frequency', () => {
    const spectrum = new PowerSpectrum(320, 512, RATE_HZ);
    for (const toneHz of [440, 1_000, 3_000]) {
      const power = spectrum.of(sine(toneHz, 20, RATE_HZ));
      const peak = power.indexOf(Math.max(...power));
      assert.ok(Math.abs(peak * spectrum.binHz - toneHz) <= spectrum.binHz / 2, `${toneHz}`);
    }
  });

  it('forgets the stretch before', () => {
    const spectrum = new PowerSpectrum(320, 512, RATE_HZ);
    spectrum.of(noise(20, RATE_HZ, 0.9));
    assert.equal(Math.max(...spectrum.of(new Int16Array(320))), 0);
  });
});
