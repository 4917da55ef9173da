import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { powerOf } from '../../../src/media/dsp/sound.ts';
import { LineNoise } from '../../../src/media/play/line-noise.ts';
import { concatPcm, levelDbfs, loadLibrivoxClips, noise, silence, sine } from '../../asterisk/audio.ts';
import { framesOf } from '../frames.ts';

const RATE_HZ = 16_000;

function judged(pcm: Int16Array, line = new LineNoise()): number {
  for (const frame of framesOf(pcm, RATE_HZ)) {
    line.push(powerOf(frame));
  }
  return line.dbfs;
}

describe('LineNoise', () => {
  it('is -60 dBFS until it has heard 1.44 s', () => {
    assert.equal(judged(noise(1_420, RATE_HZ, 0.004)), -60);
    assert.notEqual(judged(noise(1_440, RATE_HZ, 0.004)), -60);
  });

  it('knows steady noise within 1.5 dB', () => {
    for (const peak of [0.0015, 0.003, 0.005]) {
      const pcm = noise(3_000, RATE_HZ, peak);
      assert.ok(Math.abs(judged(pcm) - levelDbfs(pcm)) < 1.5, `${judged(pcm)} for ${levelDbfs(pcm)}`);
    }
  });

  it('hears it beneath speech with pauses, within 3 dB', () => {
    const [clip] = loadLibrivoxClips();
    const voice = concatPcm(clip?.pcm ?? new Int16Array(0), silence(300, RATE_HZ));
    const hiss = noise((voice.length / RATE_HZ) * 1_000, RATE_HZ, 0.004);
    const dbfs = judged(voice.map((sample, index) => sample + (hiss[index] ?? 0)));
    assert.ok(Math.abs(dbfs - levelDbfs(hiss)) < 3, `${dbfs} for ${levelDbfs(hiss)}`);
  });

  it('is from -65 to -50 dBFS, whatever it hears', () => {
    assert.equal(judged(silence(3_000, RATE_HZ)), -65);
    assert.equal(judged(sine(300, 3_000, RATE_HZ)), -50);
  });

  it('follows a line that becomes louder within 2 s, and one that becomes softer within 700 ms', () => {
    const line = new LineNoise();
    judged(silence(3_000, RATE_HZ), line);
    assert.equal(judged(noise(2_000, RATE_HZ, 0.05), line), -50);
    assert.equal(judged(silence(700, RATE_HZ), line), -65);
  });
});
