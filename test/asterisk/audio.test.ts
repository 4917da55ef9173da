import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  concatPcm,
  findDtmfKey,
  findSoundMs,
  isTone,
  levelDbfs,
  loadLibrivoxClips,
  noise,
  silence,
  sine,
  sliceMs,
  soundOf,
  toneDbfs,
} from './audio.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

describe('levelDbfs', () => {
  it('is -3 dB for a full-scale sine, 6 dB less for half, and minus infinity for silence', () => {
    near(levelDbfs(sine(440, 1_000, 16_000, 1)), -3.01, 0.02);
    near(levelDbfs(sine(440, 1_000, 16_000, 0.5)), -9.03, 0.02);
    assert.equal(levelDbfs(silence(100, 8_000)), Number.NEGATIVE_INFINITY);
    assert.equal(levelDbfs(new Int16Array(0)), Number.NEGATIVE_INFINITY);
  });
});

describe('toneDbfs', () => {
  it('equals the level of a pure tone and is far below it beside the tone', () => {
    const tone = sine(425, 200, 8_000);
    near(toneDbfs(tone, 425, 8_000), levelDbfs(tone), 0.2);
    assert.ok(toneDbfs(tone, 700, 8_000) < levelDbfs(tone) - 25);
  });

  it('tells a tone from noise', () => {
    assert.equal(isTone(sine(425, 100, 8_000), 425, 8_000), true);
    assert.equal(isTone(noise(100, 8_000), 425, 8_000), false);
    assert.equal(isTone(silence(100, 8_000), 425, 8_000), false);
  });
});

describe('soundOf', () => {
  it('is the same sound, wherever silence was put into it', () => {
    const said = noise(100, 8_000);
    const halves = [sliceMs(said, 8_000, 0, 45), sliceMs(said, 8_000, 45, 100)] as const;
    const still = silence(20, 8_000);
    const broken = concatPcm(still, halves[0], still, halves[1], still);
    assert.deepEqual(soundOf(broken), said);
    assert.equal(soundOf(still).length, 0);
  });
});

describe('findDtmfKey', () => {
  it('finds each kind of key, and none in speech-like noise or one tone', () => {
    const key = (rowHz: number, columnHz: number): Int16Array => {
      const column = sine(columnHz, 60, 8_000, 0.3);
      return sine(rowHz, 60, 8_000, 0.3).map((sample, i) => sample + (column[i] ?? 0));
    };
    assert.equal(findDtmfKey(key(697, 1_209), 8_000), '1');
    assert.equal(findDtmfKey(key(941, 1_336), 8_000), '0');
    assert.equal(findDtmfKey(key(852, 1_633), 8_000), 'C');
    assert.equal(findDtmfKey(noise(60, 8_000), 8_000), undefined);
    assert.equal(findDtmfKey(sine(697, 60, 8_000), 8_000), undefined);
    assert.equal(findDtmfKey(silence(60, 8_000), 8_000), undefined);
  });
});

describe('findSoundMs', () => {
  it('finds where sound begins, to 10 ms', () => {
    const pcm = concatPcm(silence(250, 8_000), sine(300, 100, 8_000), silence(100, 8_000));
    assert.equal(findSoundMs(pcm, 8_000), 250);
    assert.equal(findSoundMs(pcm, 8_000, 300), 300);
    assert.equal(findSoundMs(pcm, 8_000, 360), undefined);
    assert.equal(levelDbfs(sliceMs(pcm, 8_000, 0, 250)), Number.NEGATIVE_INFINITY);
  });
});

describe('loadLibrivoxClips', () => {
  it('loads five sentences at 16 kHz with their text', () => {
    const clips = loadLibrivoxClips();
    assert.equal(clips.length, 5);
    assert.equal(clips[1]?.text, 'he was not an ill disposed young man');
    for (const clip of clips) {
      assert.equal(clip.rateHz, 16_000);
      assert.ok(levelDbfs(clip.pcm) > -40);
    }
  });
});
