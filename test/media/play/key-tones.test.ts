import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDtmfKey, KeyTones } from '../../../src/media/play/key-tones.ts';
import { findDtmfKey, levelDbfs, silence, sliceMs, toneDbfs } from '../../asterisk/audio.ts';

const RATE_HZ = 8_000;
/** Source: ITU-T Q.23. */
const KEYS = [
  ['1', 697, 1_209],
  ['2', 697, 1_336],
  ['3', 697, 1_477],
  ['A', 697, 1_633],
  ['4', 770, 1_209],
  ['5', 770, 1_336],
  ['6', 770, 1_477],
  ['B', 770, 1_633],
  ['7', 852, 1_209],
  ['8', 852, 1_336],
  ['9', 852, 1_477],
  ['C', 852, 1_633],
  ['*', 941, 1_209],
  ['0', 941, 1_336],
  ['#', 941, 1_477],
  ['D', 941, 1_633],
] as const;

/** What is heard of `tones` for `durationMs`, frame by frame. */
function hear(tones: KeyTones, durationMs: number, rateHz = RATE_HZ): Int16Array {
  const heard = silence(durationMs, rateHz);
  for (let atMs = 0; atMs < durationMs; atMs += 20) {
    tones.mixInto(sliceMs(heard, rateHz, atMs, atMs + 20), rateHz);
  }
  return heard;
}

describe('isDtmfKey', () => {
  it('is true of the 16 keys and of nothing else', () => {
    assert.ok(KEYS.every(([key]) => isDtmfKey(key)));
    assert.ok(!['a', 'E', '', '10', ' ', '\0'].some(isDtmfKey));
  });
});

describe('KeyTones', () => {
  for (const [key, lowHz, highHz] of KEYS) {
    it(`plays ${key} as ${lowHz} and ${highHz} Hz, each at -15 dBFS`, () => {
      for (const rateHz of [8_000, 16_000, 44_100, 48_000]) {
        const tones = new KeyTones();
        tones.press(key);
        const heard = sliceMs(hear(tones, 120, rateHz), rateHz, 10, 110);
        // A peak of -12 dBFS is -15 dBFS of root mean square.
        for (const toneHz of [lowHz, highHz]) {
          assert.ok(Math.abs(toneDbfs(heard, toneHz, rateHz) + 15) < 0.5, `${toneHz} Hz at ${rateHz} Hz`);
        }
        assert.equal(findDtmfKey(heard, rateHz), key);
        assert.ok(Math.abs(levelDbfs(heard) + 12) < 0.5, 'there is nothing else');
      }
    });
  }

  it('plays a key for 120 ms, keeps 60 ms of silence, and then plays the next, in order', () => {
    const tones = new KeyTones();
    for (const key of '159#') {
      tones.press(key);
    }
    const heard = hear(tones, 4 * 180);
    for (const [index, key] of [...'159#'].entries()) {
      const startMs = index * 180;
      assert.equal(findDtmfKey(sliceMs(heard, RATE_HZ, startMs + 5, startMs + 115), RATE_HZ), key);
      assert.ok(levelDbfs(sliceMs(heard, RATE_HZ, startMs + 115, startMs + 120)) > -40);
      assert.equal(
        levelDbfs(sliceMs(heard, RATE_HZ, startMs + 120, startMs + 180)),
        Number.NEGATIVE_INFINITY,
      );
    }
    assert.equal(tones.playing, false);
  });

  it('is playing from the press to the end of the gap', () => {
    const tones = new KeyTones();
    assert.equal(tones.playing, false);
    tones.press('1');
    hear(tones, 160);
    assert.equal(tones.playing, true);
    hear(tones, 20);
    assert.equal(tones.playing, false);
  });

  it('keeps 16 keys, the one that sounds included, and drops the oldest that waits', () => {
    const tones = new KeyTones();
    const pressed = '123456789*0#ABCD12';
    for (const key of pressed) {
      tones.press(key);
    }
    assert.equal(tones.dropped, 2);
    const heard = hear(tones, 16 * 180);
    const keys = Array.from({ length: 16 }, (_, index) =>
      findDtmfKey(sliceMs(heard, RATE_HZ, index * 180 + 5, index * 180 + 115), RATE_HZ),
    );
    assert.equal(keys.join(''), '1456789*0#ABCD12');
    assert.equal(tones.playing, false);
  });

  it('adds to what is there', () => {
    const tones = new KeyTones();
    tones.press('1');
    const heard = new Int16Array(160).fill(1_000);
    tones.mixInto(heard, RATE_HZ);
    const mean = heard.reduce((sum, sample) => sum + sample, 0) / heard.length;
    assert.ok(Math.abs(mean - 1_000) < 500, `${mean}`);
    assert.ok(levelDbfs(heard) > -15);
  });
});
