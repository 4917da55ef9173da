import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WaitingTone } from '../../../src/media/play/waiting-tone.ts';
import { levelDbfs, silence, sliceMs, toneDbfs } from '../../asterisk/audio.ts';

const RATE_HZ = 8_000;

/** What is heard of `tones` for `durationMs`, frame by frame. */
function hear(tones: WaitingTone, durationMs: number, rateHz = RATE_HZ): Int16Array {
  const heard = silence(durationMs, rateHz);
  for (let atMs = 0; atMs < durationMs; atMs += 20) {
    tones.mixInto(sliceMs(heard, rateHz, atMs, atMs + 20), rateHz);
  }
  return heard;
}

describe('WaitingTone', () => {
  it('plays two soft notes, 523 and 659 Hz, and then nothing until 3 s have passed', () => {
    const heard = hear(new WaitingTone(), 6_000);
    for (const startMs of [0, 3_000]) {
      const note = (fromMs: number, toMs: number): Int16Array =>
        sliceMs(heard, RATE_HZ, startMs + fromMs, startMs + toMs);
      // A peak of -30 dBFS is -33 dBFS of root mean square.
      assert.ok(Math.abs(toneDbfs(note(40, 140), 523, RATE_HZ) + 33) < 0.5);
      assert.equal(levelDbfs(note(180, 220)), Number.NEGATIVE_INFINITY);
      assert.ok(Math.abs(toneDbfs(note(260, 440), 659, RATE_HZ) + 33) < 0.5);
      assert.equal(levelDbfs(note(480, 3_000)), Number.NEGATIVE_INFINITY);
    }
  });

  it('is the same at other rates', () => {
    for (const rateHz of [16_000, 44_100]) {
      const heard = hear(new WaitingTone(), 3_000, rateHz);
      assert.ok(Math.abs(toneDbfs(sliceMs(heard, rateHz, 40, 140), 523, rateHz) + 33) < 0.5);
      assert.equal(levelDbfs(sliceMs(heard, rateHz, 500, 3_000)), Number.NEGATIVE_INFINITY);
    }
  });
});
