import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextGain, SpokenHold, UNDERLAY_GAIN, Underlay } from '../../../src/media/play/underlay.ts';
import type { HearMode } from '../../../src/media/thread/orders.ts';

interface Input {
  readonly how: HearMode;
  /** A frame is of a translation. */
  readonly spoken: boolean;
  /** A segment waits to be spoken. */
  readonly announced: boolean;
  /** Whether anybody is translated for the listener; by default the voice itself is, unless it is let through. */
  readonly translated?: boolean;
}

const SILENT: Input = { how: 'duck', spoken: false, announced: false };
const SPOKEN: Input = { ...SILENT, spoken: true, announced: true };

/** A voice and what is spoken over it. */
class Voice {
  readonly underlay = new Underlay();
  readonly #hold = new SpokenHold();

  /** The gain after each of `frames` frames of the same input. */
  gains(
    frames: number,
    { how, spoken, announced, translated = how !== 'through' }: Input,
  ): readonly number[] {
    return Array.from({ length: frames }, () => {
      this.underlay.next(how, { spoken, playing: this.#hold.next(spoken, announced), translated });
      return this.underlay.gain;
    });
  }
}

function settled(input: Input): number | undefined {
  return new Voice().gains(40, input).at(-1);
}

describe('Underlay', () => {
  it('settles at the level of its mode', () => {
    for (const [input, gain] of [
      [{ ...SILENT, how: 'through' }, 1],
      [{ ...SPOKEN, how: 'through' }, 0],
      [{ ...SPOKEN, how: 'through', translated: true }, 1],
      [SILENT, 1],
      [SPOKEN, UNDERLAY_GAIN],
      [{ ...SPOKEN, how: 'full' }, 1],
      [{ ...SILENT, how: 'off' }, 0],
      [{ ...SPOKEN, how: 'as-is' }, 1],
    ] as const) {
      assert.equal(settled(input), gain, JSON.stringify(input));
    }
  });

  it('is -16.5 dB under a translation', () => {
    assert.ok(Math.abs(20 * Math.log10(UNDERLAY_GAIN) + 16.5) < 1e-9);
  });

  it('is there 40 ms after a translation begins', () => {
    const voice = new Voice();
    voice.gains(40, SILENT);
    assert.deepEqual(voice.gains(2, SPOKEN), [0.5, UNDERLAY_GAIN]);
  });

  it('stays for 200 ms after the last sound, and is back 250 to 400 ms later', () => {
    const voice = new Voice();
    voice.gains(40, SPOKEN);
    assert.deepEqual(voice.gains(10, SILENT), Array(10).fill(UNDERLAY_GAIN));
    const backAfterMs = (voice.gains(40, SILENT).indexOf(1) + 1) * 20;
    assert.ok(backAfterMs >= 250 && backAfterMs <= 400, `${backAfterMs} ms`);
  });

  it('stays for 600 ms while another segment is announced, and no longer', () => {
    const voice = new Voice();
    voice.gains(40, SPOKEN);
    const waiting = voice.gains(31, { ...SILENT, announced: true });
    assert.equal(waiting.lastIndexOf(UNDERLAY_GAIN), 29);
    assert.ok((waiting[30] ?? 0) > UNDERLAY_GAIN);
  });

  it('lets a voice that nobody translates in within a frame', () => {
    const voice = new Voice();
    voice.gains(1, { ...SILENT, how: 'through' });
    assert.deepEqual([voice.underlay.gainBefore, voice.underlay.gain], [0, 1]);
  });

  it('begins from nothing, and is at its level at once when it was not heard on its way there', () => {
    const { underlay } = new Voice();
    assert.deepEqual([underlay.gainBefore, underlay.gain], [0, 0]);
    underlay.settle('duck', { spoken: true, playing: true, translated: true });
    assert.deepEqual([underlay.gainBefore, underlay.gain], [UNDERLAY_GAIN, UNDERLAY_GAIN]);
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
