import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Contender, mixLoudest } from '../../../src/media/play/loudest.ts';

/** Voices as loud as these, and which of them are mixed. */
class Voices {
  readonly #voices: { loudness: number; mixed: boolean }[];

  constructor(...loudness: readonly number[]) {
    this.#voices = loudness.map((one) => ({ loudness: one, mixed: false }));
  }

  /** Who is mixed when they are as loud as these. */
  mix(...loudness: readonly number[]): readonly number[] {
    for (const [index, voice] of this.#voices.entries()) {
      voice.loudness = loudness[index] ?? voice.loudness;
    }
    const contenders: readonly Contender[] = this.#voices;
    mixLoudest(contenders, 3);
    return this.#voices.flatMap(({ mixed }, index) => (mixed ? [index] : []));
  }
}

describe('mixLoudest', () => {
  it('mixes all when there are places for all', () => {
    assert.deepEqual(new Voices(0, 5_000).mix(), [0, 1]);
  });

  it('mixes the three loudest of many', () => {
    assert.deepEqual(new Voices(100, 5_000, 4_000, 0, 300, 6_000).mix(), [1, 2, 5]);
  });

  it('leaves the places with who has them until another is 6 dB louder', () => {
    const voices = new Voices(2_000, 2_000, 2_000, 0);
    assert.deepEqual(voices.mix(), [0, 1, 2]);
    assert.deepEqual(voices.mix(2_000, 2_000, 1_500, 2_990), [0, 1, 2]);
    assert.deepEqual(voices.mix(2_000, 2_000, 1_500, 3_010), [0, 1, 3]);
    assert.deepEqual(voices.mix(2_000, 2_000, 3_010, 3_010), [0, 1, 3]);
  });

  it('gives no place away for noise, however much louder than silence it is', () => {
    const voices = new Voices(0, 0, 0, 0);
    assert.deepEqual(voices.mix(), [0, 1, 2]);
    assert.deepEqual(voices.mix(0, 0, 0, 60), [0, 1, 2]);
    assert.deepEqual(voices.mix(0, 0, 0, 70).includes(3), true);
  });

  it('changes several places at once', () => {
    const voices = new Voices(10, 10, 10, 0, 0, 0);
    assert.deepEqual(voices.mix(), [0, 1, 2]);
    assert.deepEqual(voices.mix(10, 10, 10, 3_000, 4_000, 5_000), [3, 4, 5]);
  });
});
