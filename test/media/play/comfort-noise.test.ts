import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ComfortNoise } from '../../../src/media/play/comfort-noise.ts';
import { concatPcm, levelDbfs, sliceMs, toneDbfs } from '../../asterisk/audio.ts';

/** What is heard of it in `frames` frames. */
function heard(
  noise: ComfortNoise,
  frames: number,
  rateHz: number,
  levelDbfs: number | undefined,
): Int16Array {
  return concatPcm(
    ...Array.from({ length: frames }, () => {
      const mix = new Float32Array(rateHz / 50);
      noise.mixInto(mix, rateHz, levelDbfs);
      return Int16Array.from(mix, Math.round);
    }),
  );
}

describe('ComfortNoise', () => {
  it('has the level it is given, within 1 dB, at all rates', () => {
    for (const rateHz of [8_000, 16_000, 48_000]) {
      for (const dbfs of [-50, -60, -65]) {
        const pcm = heard(new ComfortNoise(), 100, rateHz, dbfs);
        const level = levelDbfs(sliceMs(pcm, rateHz, 300, 2_000));
        assert.ok(Math.abs(level - dbfs) < 1, `${level} for ${dbfs} at ${rateHz} Hz`);
      }
    }
  });

  it('is soft at first and at its level after 150 ms', () => {
    const pcm = heard(new ComfortNoise(() => 0.3), 10, 8_000, -50);
    assert.ok(levelDbfs(sliceMs(pcm, 8_000, 0, 10)) < -58);
    assert.ok(Math.abs(levelDbfs(sliceMs(pcm, 8_000, 150, 200)) + 50) < 2.5);
  });

  it('fades out, and is nothing then', () => {
    const noise = new ComfortNoise();
    heard(noise, 20, 8_000, -50);
    const pcm = heard(noise, 50, 8_000, undefined);
    assert.ok(levelDbfs(sliceMs(pcm, 8_000, 0, 20)) > -56);
    assert.equal(levelDbfs(sliceMs(pcm, 8_000, 400, 1_000)), Number.NEGATIVE_INFINITY);
    assert.equal(noise.sounding, false);
  });

  it('is nothing at once when stopped', () => {
    const noise = new ComfortNoise();
    heard(noise, 20, 8_000, -50);
    noise.stop();
    assert.equal(levelDbfs(heard(noise, 1, 8_000, undefined)), Number.NEGATIVE_INFINITY);
  });

  it('is darker than white, as rooms are', () => {
    const pcm = heard(new ComfortNoise(), 300, 8_000, -40);
    const low = [200, 300, 400].map((hz) => toneDbfs(pcm, hz, 8_000));
    const high = [2_600, 2_900, 3_200].map((hz) => toneDbfs(pcm, hz, 8_000));
    assert.ok(Math.max(...low) > Math.max(...high) + 3);
  });

  it('is another for each leg', () => {
    const [one, other] = [
      heard(new ComfortNoise(() => 0.1), 9, 8_000, -50),
      heard(new ComfortNoise(() => 0.7), 9, 8_000, -50),
    ];
    assert.notDeepEqual(one, other);
  });
});
