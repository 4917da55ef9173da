import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { peakOf } from '../../../src/media/dsp/sound.ts';
import { CEILING, Limiter } from '../../../src/media/play/limiter.ts';
import { concatPcm, levelDbfs, noise, sine, sliceMs } from '../../asterisk/audio.ts';
import { framesOf, greatestStep } from '../frames.ts';

const RATE_HZ = 8_000;

/** The sum of sounds after a limiter, frame by frame. */
function limited(limiter: Limiter, ...sounds: readonly Int16Array[]): Int16Array {
  const lanes = sounds.map((pcm) => framesOf(pcm, RATE_HZ));
  const frames = (lanes[0] ?? []).map((frame, index) => {
    const mix = Float32Array.from(frame, (_, i) =>
      lanes.reduce((sum, lane) => sum + (lane[index]?.[i] ?? 0), 0),
    );
    const out = new Int16Array(mix.length);
    limiter.limit(mix, out, RATE_HZ);
    return out;
  });
  return concatPcm(...frames);
}

describe('Limiter', () => {
  it('passes what stays below -3 dB bit for bit', () => {
    const limiter = new Limiter();
    const pcm = noise(500, RATE_HZ, 0.7);
    assert.deepEqual(limited(limiter, pcm), pcm);
    assert.equal(limiter.atRest, true);
  });

  it('never passes a sample above -3 dB, whatever comes', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const loud = limited(new Limiter(), noise(200, RATE_HZ, 1, seed), noise(200, RATE_HZ, 1, seed + 50));
      assert.ok(peakOf(loud) <= CEILING);
    }
  });

  it('makes no step where a loud voice joins another', () => {
    const voices = [
      sine(300, 400, RATE_HZ, 0.9),
      concatPcm(sine(300, 200, RATE_HZ, 0), sine(440, 200, RATE_HZ, 0.9)),
    ];
    const natural = greatestStep(sine(300, 100, RATE_HZ, 0.9)) + greatestStep(sine(440, 100, RATE_HZ, 0.9));
    assert.ok(greatestStep(limited(new Limiter(), ...voices)) <= natural);
  });

  it('is back at its full gain 200 ms after the loudest sum there can be', () => {
    const limiter = new Limiter();
    limited(limiter, sine(300, 200, RATE_HZ, 1), sine(300, 200, RATE_HZ, 1));
    assert.equal(limiter.atRest, false);
    const soft = sine(300, 400, RATE_HZ, 0.2);
    const after = limited(limiter, soft);
    assert.ok(levelDbfs(sliceMs(after, RATE_HZ, 0, 20)) < levelDbfs(soft) - 2);
    assert.deepEqual(sliceMs(after, RATE_HZ, 200, 400), sliceMs(soft, RATE_HZ, 200, 400));
    assert.equal(limiter.atRest, true);
  });
});
