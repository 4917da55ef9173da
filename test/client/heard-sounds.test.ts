import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heardSounds } from '../../src/client/heard-sounds.ts';
import { concatPcm, noise, silence, sine } from '../asterisk/audio.ts';

describe('heardSounds', () => {
  it('joins words over a short pause and parts what a longer one parts, on the line of the call', () => {
    const tone = sine(440, 200, 8_000);
    const pcm = concatPcm(silence(100, 8_000), tone, silence(400, 8_000), tone, silence(420, 8_000), tone);
    assert.deepEqual(heardSounds(pcm, 8_000, 1_000), [
      { startMs: 1_100, endMs: 1_900 },
      { startMs: 2_320, endMs: 2_520 },
    ]);
  });

  it('takes silence, and the noise that stands in for a silent line, for nothing', () => {
    // White noise of this peak has -50 dBFS.
    const line = noise(1_000, 8_000, Math.sqrt(3) * 10 ** (-50 / 20));
    assert.deepEqual(heardSounds(concatPcm(silence(500, 8_000), line), 8_000, 0), []);
    assert.deepEqual(heardSounds(new Int16Array(0), 8_000, 0), []);
  });
});
