import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { peakOf, powerOf } from '../../../src/media/dsp/sound.ts';
import { Concealment } from '../../../src/media/hear/concealment.ts';
import { isTone, sine } from '../../asterisk/audio.ts';
import { greatestStep } from '../frames.ts';

const RATE_HZ = 16_000;

/** Hears 100 ms of a tone and makes up for 80 ms. */
function madeUp(toneHz: number): { readonly pieces: readonly Int16Array[]; readonly sound: Concealment } {
  const sound = new Concealment();
  sound.heard(sine(toneHz, 100, RATE_HZ, 0.3), RATE_HZ);
  return { pieces: [0, 1, 2, 3].map(() => sound.makeUp(20)?.pcm ?? new Int16Array(0)), sound };
}

/** How much samples are like those `lag` before: 1 the same, 0 nothing like it. */
function likeness(pcm: Int16Array, lag: number): number {
  let product = 0;
  let now = 0;
  let then = 0;
  for (let i = lag; i < pcm.length; i += 1) {
    product += (pcm[i] ?? 0) * (pcm[i - lag] ?? 0);
    now += (pcm[i] ?? 0) ** 2;
    then += (pcm[i - lag] ?? 0) ** 2;
  }
  return now === 0 || then === 0 ? 0 : product / Math.sqrt(now * then);
}

describe('Concealment', () => {
  it('goes on with the voice, softer and softer, and is silent after 60 ms', () => {
    const { pieces } = madeUp(200);
    const [first, second, third, fourth] = pieces.map((piece) => powerOf(piece));
    const before = powerOf(sine(200, 20, RATE_HZ, 0.3));
    assert.ok(isTone(pieces[0] ?? new Int16Array(0), 200, RATE_HZ));
    assert.ok((first ?? 0) > 0.7 * before && (first ?? 0) <= 1.05 * before, `${first} of ${before}`);
    assert.ok((second ?? 0) < 0.7 * before && (third ?? 0) < 0.2 * before, `${second} ${third}`);
    assert.equal(fourth, 0);
  });

  it('makes no steps: not where it begins, repeats or gives way to what comes after', () => {
    for (const toneHz of [110, 200, 317]) {
      const { pieces, sound } = madeUp(toneHz);
      // The tone has gone on meanwhile, and comes back in whatever phase it is.
      const whole = sine(toneHz, 260, RATE_HZ, 0.3);
      const after = whole.slice((RATE_HZ * 180) / 1_000);
      sound.heard(after, RATE_HZ);
      const line = [...whole.subarray(0, RATE_HZ / 10), ...pieces.flatMap((piece) => [...piece]), ...after];
      const steepest = (samples: readonly number[]): number =>
        samples.slice(1).reduce((most, sample, i) => Math.max(most, Math.abs(sample - (samples[i] ?? 0))), 0);
      assert.ok(steepest(line) < 1.6 * steepest([...whole]), `${toneHz} Hz: ${steepest(line)}`);
    }
  });

  it('makes no steps where what is repeated does not fit together', () => {
    // A rising tone: no two periods are alike.
    const rising = Int16Array.from({ length: RATE_HZ / 10 }, (_, i) =>
      Math.round(9_000 * Math.sin(2 * Math.PI * (100 + (600 * i) / RATE_HZ) * (i / RATE_HZ))),
    );
    const sound = new Concealment();
    sound.heard(rising, RATE_HZ);
    const made = sound.makeUp(60)?.pcm ?? new Int16Array(0);
    assert.ok(greatestStep(made) < 1.6 * greatestStep(rising), `${greatestStep(made)}`);
  });

  it('does not make a tone of noise', () => {
    const sound = new Concealment();
    let state = 1;
    const noise = Int16Array.from({ length: RATE_HZ / 10 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return state >> 18;
    });
    sound.heard(noise, RATE_HZ);
    const made = sound.makeUp(60)?.pcm ?? new Int16Array(0);
    // Nothing of it comes again soon after; where it does at last, it is more than one period long.
    const ms = RATE_HZ / 1_000;
    for (let lagMs = 2.5; lagMs < 12; lagMs += 0.0625) {
      assert.ok(likeness(made.subarray(0, 15 * ms), lagMs * ms) < 0.6, `${lagMs} ms`);
    }
    assert.ok(likeness(made.subarray(40 * ms), 15 * ms) < 0.6);
    assert.ok(peakOf(made) > 0);
  });

  it('leads into what comes next, as loud as that is, where it is known', () => {
    for (const toneHz of [110, 200, 317]) {
      const sound = new Concealment();
      const whole = sine(toneHz, 140, RATE_HZ, 0.3);
      sound.heard(whole.slice(0, RATE_HZ / 10), RATE_HZ);
      const next = whole.slice((RATE_HZ * 120) / 1_000).map((sample) => sample / 8);
      const made = sound.makeUp(20)?.pcm ?? new Int16Array(0);
      sound.leadInto(made, next);
      const begins = made.subarray(0, 160);
      const ends = made.subarray(160);
      assert.ok(
        powerOf(ends) < 0.4 * powerOf(begins),
        `${toneHz} Hz: ${powerOf(begins)} to ${powerOf(ends)}`,
      );
      // What comes next is not changed any more: it begins where this ends.
      const after = next.slice();
      sound.heard(after, RATE_HZ);
      assert.deepEqual(after, next);
      const step = Math.abs((next[0] ?? 0) - (made.at(-1) ?? 0));
      assert.ok(step < 1.6 * greatestStep(whole), `${toneHz} Hz: a step of ${step}`);
    }
  });

  it('has nothing to go on with before anything was heard', () => {
    assert.equal(new Concealment().makeUp(20), undefined);
  });

  it('fades from what is left out into what is heard in its place', () => {
    const sound = new Concealment();
    sound.heard(new Int16Array(160), 8_000);
    const heard = new Int16Array(160).fill(1_000);
    sound.join(new Int16Array(160).fill(-1_000), heard);
    assert.equal(heard[0], -1_000);
    assert.equal(heard[20], 0);
    assert.equal(heard[40], 1_000);
  });
});
