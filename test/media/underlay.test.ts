import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextGain, UNDERLAY_GAIN, Underlay, type UnderlayInput } from '../../src/media/underlay.ts';

const SILENT: UnderlayInput = { how: 'duck', asIs: false, spoken: false, announced: false };
const SPOKEN: UnderlayInput = { ...SILENT, spoken: true, announced: true };

/** The gain after each of `frames` frames of the same input. */
function gains(underlay: Underlay, frames: number, input: UnderlayInput): readonly number[] {
  return Array.from({ length: frames }, () => {
    underlay.next(input);
    return underlay.gain;
  });
}

function settled(input: UnderlayInput): number | undefined {
  return gains(new Underlay(), 40, input).at(-1);
}

describe('Underlay', () => {
  it('settles at the level of its mode', () => {
    for (const [input, gain] of [
      [{ ...SILENT, how: 'through' }, 1],
      [{ ...SPOKEN, how: 'through' }, 0],
      [SILENT, 1],
      [SPOKEN, UNDERLAY_GAIN],
      [{ ...SPOKEN, how: 'full' }, 1],
      [{ ...SILENT, how: 'off' }, 0],
      [{ ...SPOKEN, how: 'off', asIs: true }, 1],
      [{ ...SPOKEN, asIs: true }, 1],
    ] as const) {
      assert.equal(settled(input), gain, JSON.stringify(input));
    }
  });

  it('is -16.5 dB under a translation', () => {
    assert.ok(Math.abs(20 * Math.log10(UNDERLAY_GAIN) + 16.5) < 1e-9);
  });

  it('is there 40 ms after a translation begins', () => {
    const underlay = new Underlay();
    gains(underlay, 40, SILENT);
    assert.deepEqual(gains(underlay, 2, SPOKEN), [0.5, UNDERLAY_GAIN]);
  });

  it('stays for 200 ms after the last sound, and is back 250 to 400 ms later', () => {
    const underlay = new Underlay();
    gains(underlay, 40, SPOKEN);
    assert.deepEqual(gains(underlay, 10, SILENT), Array(10).fill(UNDERLAY_GAIN));
    const backAfterMs = (gains(underlay, 40, SILENT).indexOf(1) + 1) * 20;
    assert.ok(backAfterMs >= 250 && backAfterMs <= 400, `${backAfterMs} ms`);
  });

  it('stays for 600 ms while another segment is announced, and no longer', () => {
    const underlay = new Underlay();
    gains(underlay, 40, SPOKEN);
    const waiting = gains(underlay, 31, { ...SILENT, announced: true });
    assert.equal(waiting.lastIndexOf(UNDERLAY_GAIN), 29);
    assert.ok((waiting[30] ?? 0) > UNDERLAY_GAIN);
  });

  it('lets a voice that nobody translates in within a frame', () => {
    const underlay = new Underlay();
    underlay.next({ ...SILENT, how: 'through' });
    assert.deepEqual([underlay.gainBefore, underlay.gain], [0, 1]);
  });

  it('begins from nothing when reset', () => {
    const underlay = new Underlay();
    gains(underlay, 40, SILENT);
    underlay.reset();
    assert.deepEqual([underlay.gainBefore, underlay.gain], [0, 0]);
  });
});

describe('nextGain', () => {
  it('moves by a frame of the time from 0 to 1, and stops where it wants to be', () => {
    assert.equal(nextGain(0, 1, 100, 40), 0.2);
    assert.equal(nextGain(0.9, 1, 100, 40), 1);
    assert.equal(nextGain(1, 0, 100, 40), 0.5);
    assert.equal(nextGain(0.2, 0, 100, 40), 0);
    assert.equal(nextGain(0.3, 0.3, 100, 40), 0.3);
  });
});
