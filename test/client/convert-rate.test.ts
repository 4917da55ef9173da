import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { convertRate } from '../../src/client/convert-rate.ts';
import { levelDbfs, sine, sliceMs, toneDbfs } from '../asterisk/audio.ts';

describe('convertRate', () => {
  for (const [fromHz, toHz] of [
    [8_000, 16_000],
    [16_000, 8_000],
    [44_100, 16_000],
    [22_050, 8_000],
    [16_000, 44_100],
    [48_000, 8_000],
  ] as const) {
    it(`keeps a tone and its level from ${fromHz} to ${toHz} Hz, and adds nothing`, () => {
      const converted = convertRate(sine(1_000, 400, fromHz), fromHz, toHz);
      assert.equal(converted.length, Math.round(0.4 * toHz));
      const middle = sliceMs(converted, toHz, 100, 300);
      const expected = sine(1_000, 400, toHz);
      assert.ok(Math.abs(levelDbfs(middle) - levelDbfs(expected)) < 0.05);
      // The same tone made at that rate is the same wave: what differs is the converter's fault.
      const error = middle.map((sample, i) => sample - (expected[Math.round(0.1 * toHz) + i] ?? 0));
      assert.ok(levelDbfs(error) < -70, `${levelDbfs(error)} dBFS of error`);
    });
  }

  it('takes out what the lower rate cannot hold, instead of folding it down', () => {
    const converted = convertRate(sine(5_000, 400, 16_000), 16_000, 8_000);
    const middle = sliceMs(converted, 8_000, 100, 300);
    assert.ok(toneDbfs(middle, 3_000, 8_000) < -70);
    assert.ok(levelDbfs(middle) < -65);
  });

  it('keeps a constant exactly, and full scale without wrapping', () => {
    const constant = convertRate(new Int16Array(2_000).fill(1_234), 44_100, 16_000);
    assert.ok(constant.subarray(100, -100).every((sample) => sample === 1_234));
    const square = Int16Array.from({ length: 2_000 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768));
    const converted = convertRate(square, 8_000, 16_000);
    for (let i = 200; i < 3_800; i += 1) {
      const source = square[Math.floor(i / 2)] ?? 0;
      const edge = i % 40 < 6 || i % 40 > 33;
      assert.ok(edge || Math.sign(converted[i] ?? 0) === Math.sign(source), `sample ${i}`);
    }
  });

  it('copies when the rates are equal, and takes nothing', () => {
    const pcm = Int16Array.of(1, 2, 3);
    const copy = convertRate(pcm, 8_000, 8_000);
    assert.deepEqual(copy, pcm);
    assert.notEqual(copy.buffer, pcm.buffer);
    assert.equal(convertRate(new Int16Array(0), 8_000, 16_000).length, 0);
  });
});
