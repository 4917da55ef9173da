import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../bench/interpret/random.ts';
import { saidWords } from './chaos-script.ts';
import { CodedVoice } from './coded-voice.ts';
import { addWord, type Band, SAID, SPOKEN, WORDS, WordDecoder, wordMs } from './word-code.ts';

const SOME = Array.from({ length: 20 }, (_, i) => Math.floor((i * (WORDS - 1)) / 19));

function spoken(ids: readonly (number | 'none')[], rateHz: number, band: Band): Int16Array {
  const every = ((wordMs(band) + 10) * rateHz) / 1_000;
  const pcm = new Int16Array(Math.ceil(ids.length * every));
  for (const [place, id] of ids.entries()) {
    addWord(pcm, place * every, id, rateHz, band, 8_000);
  }
  return pcm;
}

function idsOf(pcm: Int16Array, rateHz: number, band: Band): readonly number[] {
  return new WordDecoder(rateHz, band).hear(pcm).map(({ id }) => id);
}

describe('words as tones', () => {
  for (const [name, band] of Object.entries({ SAID, SPOKEN })) {
    it(`are read again from the lowest number to the highest, ${name}`, () => {
      for (const rateHz of [8_000, 16_000]) {
        assert.deepEqual(idsOf(spoken(SOME, rateHz, band), rateHz, band), SOME);
      }
    });
  }

  it('are read however the sound comes in pieces, and tell when they were said', () => {
    const pcm = spoken([7, 8], 8_000, SPOKEN);
    const decoder = new WordDecoder(8_000, SPOKEN);
    const words = Array.from(pcm, (_, i) => decoder.hear(pcm.subarray(i, i + 1))).flat();
    assert.deepEqual(
      words.map(({ id }) => id),
      [7, 8],
    );
    const [, second] = words;
    assert.ok(Math.abs((second?.startMs ?? 0) - 280) < 25, JSON.stringify(words));
    assert.ok(Math.abs((second?.endMs ?? 0) - 550) < 25, JSON.stringify(words));
  });

  it('are none when a part is missing, when they only sound, and in noise', () => {
    const pcm = spoken([7, 'none', 8], 8_000, SPOKEN);
    // Two tones of the first word.
    pcm.fill(0, 900, 1_620);
    assert.deepEqual(idsOf(pcm, 8_000, SPOKEN), [8]);
    const random = new Random(3);
    const noise = Int16Array.from({ length: 24_000 }, () => random.whole(-20_000, 20_000));
    assert.deepEqual([...idsOf(noise, 8_000, SPOKEN), ...idsOf(noise, 8_000, SAID)], []);
  });

  it('are read above the voice that says them, and are not taken for a translation', () => {
    const words = saidWords({ calls: 1, seconds: 12 }, 0);
    const voice = new CodedVoice(words, 8_000);
    const pcm = Int16Array.from(Array.from({ length: 600 }, (_, frame) => [...voice.frame(frame)]).flat());
    assert.deepEqual(
      idsOf(pcm, 8_000, SAID),
      words.map(({ id }) => id),
    );
    assert.deepEqual(idsOf(pcm, 8_000, SPOKEN), []);
  });
});
