import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addAt } from '../../../src/media/dsp/sound.ts';
import { type ChimeName, Chimes } from '../../../src/media/play/chimes.ts';
import { levelDbfs, silence, sine, sliceMs, toneDbfs } from '../../asterisk/audio.ts';
import { greatestStep } from '../frames.ts';

const RATE_HZ = 8_000;

/** What is heard of `tones` for `durationMs`, frame by frame. */
function hear(tones: Chimes, durationMs: number, rateHz = RATE_HZ): Int16Array {
  const heard = silence(durationMs, rateHz);
  for (let atMs = 0; atMs < durationMs; atMs += 20) {
    tones.mixInto(sliceMs(heard, rateHz, atMs, atMs + 20), rateHz);
  }
  return heard;
}

/** A chime by itself. */
function chime(name: ChimeName, durationMs: number, rateHz = RATE_HZ): Int16Array {
  const chimes = new Chimes();
  chimes.play(name);
  return hear(chimes, durationMs, rateHz);
}

describe('the cue', () => {
  it('is two soft notes that rise, less than 250 ms at about -28 dBFS, and then nothing', () => {
    for (const rateHz of [8_000, 16_000, 48_000]) {
      const heard = chime('cue', 1_000, rateHz);
      assert.ok(Math.abs(toneDbfs(sliceMs(heard, rateHz, 40, 70), 587, rateHz) + 28) < 1.5);
      assert.ok(Math.abs(toneDbfs(sliceMs(heard, rateHz, 150, 180), 784, rateHz) + 28) < 1.5);
      assert.equal(levelDbfs(sliceMs(heard, rateHz, 220, 1_000)), Number.NEGATIVE_INFINITY);
    }
  });
});

describe('the tones that tell of parties', () => {
  const NOTES = [
    ['joined', 440, 554],
    ['left', 554, 440],
    ['one-moment', 659, 659],
  ] as const;

  for (const [name, firstHz, secondHz] of NOTES) {
    it(`${name}: ${firstHz} and ${secondHz} Hz, soft, over after 300 ms at any rate`, () => {
      for (const rateHz of [8_000, 16_000, 44_100]) {
        const heard = chime(name, 600, rateHz);
        // A peak of -30 dBFS is -33 dBFS of root mean square.
        assert.ok(Math.abs(toneDbfs(sliceMs(heard, rateHz, 45, 60), firstHz, rateHz) + 33) < 1.5);
        assert.ok(Math.abs(toneDbfs(sliceMs(heard, rateHz, 205, 230), secondHz, rateHz) + 33) < 1.5);
        assert.equal(levelDbfs(sliceMs(heard, rateHz, 300, 600)), Number.NEGATIVE_INFINITY);
        assert.ok(greatestStep(heard) <= greatestStep(sine(659, 100, rateHz, 0.0317)) * 1.01, 'no click');
      }
    });
  }

  it('has a gap between the strikes of one-moment, which no other chime has', () => {
    const gap = (name: ChimeName): number => levelDbfs(sliceMs(chime(name, 300), RATE_HZ, 105, 155));
    assert.equal(gap('one-moment'), Number.NEGATIVE_INFINITY);
    assert.ok(gap('joined') > -50 && gap('left') > -50 && gap('cue') > -50);
  });

  it('leaves a translation at least 15 dB above it', () => {
    const spoken = levelDbfs(sine(300, 300, RATE_HZ, 0.25));
    for (const [name] of NOTES) {
      assert.ok(spoken - levelDbfs(sliceMs(chime(name, 300), RATE_HZ, 0, 280)) > 15, name);
    }
  });
});

describe('Chimes', () => {
  it('is silent until one is played, and again after it', () => {
    const chimes = new Chimes();
    assert.equal(levelDbfs(hear(chimes, 100)), Number.NEGATIVE_INFINITY);
    chimes.play('joined');
    assert.equal(chimes.playing, true);
    const first = hear(chimes, 400);
    assert.equal(chimes.playing, false);
    chimes.play('joined');
    assert.deepEqual(hear(chimes, 400), first);
  });

  it('plays one after the other, of several that wait the last', () => {
    const chimes = new Chimes();
    for (const name of ['joined', 'joined', 'left'] as const) {
      chimes.play(name);
    }
    const heard = hear(chimes, 1_000);
    assert.deepEqual(sliceMs(heard, RATE_HZ, 0, 280), chime('joined', 280));
    assert.deepEqual(sliceMs(heard, RATE_HZ, 280, 1_000), chime('left', 720));
  });

  it('adds to what is there', () => {
    const chimes = new Chimes();
    const mix = new Float32Array(160);
    addAt(mix, new Int16Array(160).fill(1_000), 1, 1);
    chimes.play('cue');
    chimes.mixInto(mix, RATE_HZ);
    const mean = mix.reduce((sum, sample) => sum + sample, 0) / mix.length;
    assert.ok(Math.abs(mean - 1_000) < 200, `${mean}`);
    assert.ok(Math.max(...mix) > 1_200);
  });
});
