/** Which word was stressed, and where it is in a translation. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Word } from '../../../src/engines/stt/stt-engine.ts';
import { wordsOfText } from '../../../src/interpret/hearing/words-of-text.ts';
import { SpeakerStress } from '../../../src/interpret/manner/speaker-stress.ts';
import { placeOf, probesFor } from '../../../src/interpret/manner/stress-alignment.ts';
import { stressedWord } from '../../../src/interpret/manner/stress-policy.ts';
import { type WordProsody, wordsMeasured } from '../../../src/interpret/manner/word-prosody.ts';
import { measuredUntil } from './measured.ts';

/** Words of 300 ms each, one after the other. */
function timed(text: string, firstMs = 0): readonly Word[] {
  return text.split(' ').map((word, index) => ({
    text: word,
    startMs: firstMs + 300 * index,
    endMs: firstMs + 300 * (index + 1),
  }));
}

/** Half a second at a time, so loud and high from word to word. */
function measured(levels: readonly number[], hz: readonly number[] = levels.map(() => 110)) {
  const frames = levels.flatMap((level, index) =>
    Array.from({ length: 15 }, () => ({ level, hz: hz[index] ?? 0 })),
  );
  return Array.from({ length: Math.ceil(frames.length / 25) }, (_, piece) => {
    const part = frames.slice(25 * piece, 25 * (piece + 1));
    const fromMs = 500 * piece;
    return measuredUntil(fromMs + 20 * part.length, {
      fromMs,
      contour: {
        levelsDbfs: Float32Array.from(part, ({ level }) => level),
        pitchesHz: Float32Array.from(part, (frame) => frame.hz),
      },
    });
  });
}

/** The word that is heard as stressed. */
function heard(text: string, levels: readonly number[], hz?: readonly number[], language = 'en') {
  const stress = new SpeakerStress();
  for (const piece of measured(levels, hz)) {
    stress.measured(piece);
  }
  const place = stress.of(timed(text), language);
  return place === undefined ? undefined : text.split(' ')[place];
}

describe('the stressed word', () => {
  it('is the one that is louder than the others by far', () => {
    const text = 'I wanted the red house today';
    assert.equal(heard(text, [-30, -24, -28, -19, -24, -25]), 'red');
    assert.equal(heard(text, [-30, -24, -28, -24, -19, -25]), 'house');
    assert.equal(heard(text, [-30, -24, -28, -23, -24, -25]), undefined, 'as words differ anyway');
  });

  it('may be a little louder where it is far higher too, but not higher alone', () => {
    const text = 'I wanted the red house today';
    const high = [110, 110, 110, 180, 110, 110];
    assert.equal(heard(text, [-24, -24, -28, -22, -24, -24]), undefined);
    assert.equal(heard(text, [-24, -24, -28, -22, -24, -24], high), 'red');
    const shrill = [110, 110, 110, 260, 110, 110];
    assert.equal(heard(text, [-24, -24, -28, -24, -24, -24], shrill), undefined);
  });

  it('is none where two compete, nor a word that holds the sentence together', () => {
    const text = 'I wanted the red house today';
    assert.equal(heard(text, [-30, -24, -28, -19, -19, -25]), undefined);
    assert.equal(heard(text, [-30, -24, -14, -24, -24, -25]), undefined);
    assert.equal(heard('quiero la casa roja hoy', [-24, -15, -24, -24, -24], undefined, 'es'), undefined);
    assert.equal(heard('quiero la casa roja hoy', [-24, -28, -24, -18, -24], undefined, 'es'), 'roja');
  });

  it('is none of few words, nor of what was not measured', () => {
    assert.equal(heard('the red house', [-28, -15, -24]), undefined);
    const text = 'I wanted the red house today';
    assert.equal(heard(text, [-30, -24, -28]), undefined);
    const stress = new SpeakerStress();
    for (const piece of measured([-30, -24, -28, -19, -24, -25])) {
      stress.measured(piece);
    }
    assert.equal(stress.of(timed(text), 'en'), 3);
    assert.equal(stress.of(timed(text, 60_000), 'en'), undefined, 'it was said at another time');
    stress.forget();
    assert.equal(stress.of(timed(text), 'en'), undefined);
  });

  it('may be a word that is short for its letters', () => {
    // As eSpeak NG says it on a telephone line.
    const words: readonly WordProsody[] = [
      { index: 1, text: 'speaks', levelDbfs: -16.2, topSemitones: -0.9, soundMs: 160 },
      { index: 2, text: 'French', levelDbfs: -18.6, topSemitones: 2.8, soundMs: 220 },
      { index: 5, text: 'grandmother', levelDbfs: -20.4, topSemitones: 1.6, soundMs: 680 },
    ];
    assert.equal(stressedWord(words, 'en'), 1);
  });

  it('is no word whose pitch slipped by an octave in one frame', () => {
    const [word]: readonly (WordProsody | undefined)[] = wordsMeasured(timed('house'), [
      measuredUntil(300, {
        fromMs: 0,
        contour: {
          levelsDbfs: new Float32Array(15).fill(-24),
          pitchesHz: Float32Array.from({ length: 15 }, (_, frame) => (frame === 7 ? 220 : 100)),
        },
      }),
    ]);
    assert.deepEqual([word?.topSemitones, word?.soundMs, word?.levelDbfs], [0, 300, -24]);
    assert.equal(stressedWord(word === undefined ? [] : [word], 'en'), undefined);
  });
});

describe('the place of a stressed word in the translation', () => {
  const led = (text: string) => ({ text, led: true });
  const alone = (text: string) => ({ text, led: false });

  it('is where the same word stands, or what it is by itself, whatever its ending', () => {
    assert.equal(placeOf('Madrid', 'Vive en Madrid.', [], 'es'), 'Madrid');
    assert.equal(placeOf('42', 'Son 42, gracias', [], 'es'), '42');
    assert.equal(placeOf('red', 'la casa roja, por favor', [alone('Rojo')], 'es'), 'roja');
    assert.equal(placeOf('Monday', 'llega el lunes próximo', [alone('Lunes')], 'es'), 'lunes');
    assert.equal(placeOf('railway', 'la vía férrea está cerrada', [alone('vía férrea')], 'es'), 'vía férrea');
  });

  it('is what it is beside its article or pronoun, where it is not by itself', () => {
    assert.deepEqual(probesFor(['for', 'the', 'meeting.'], 2, 'en'), [alone('meeting'), led('the meeting')]);
    assert.deepEqual(probesFor(['red', 'house'], 1, 'en'), [alone('house')]);
    const probed = [alone('Cumpliendo'), led('La reunión')];
    assert.equal(placeOf('meeting', 'sillas para la reunión', probed, 'es'), 'reunión');
  });

  it('is none where it is not there, or more than once', () => {
    assert.equal(placeOf('key', 'el tono azul', [alone('Clave')], 'es'), undefined);
    assert.equal(placeOf('red', 'la roja y la roja', [alone('Rojo')], 'es'), undefined);
    assert.equal(placeOf('the', 'la casa', [], 'es'), undefined);
    assert.equal(placeOf('sun', 'el son del sol', [alone('')], 'es'), undefined);
  });
});

describe('the words of a piece of text', () => {
  const words = timed('We will see the RED house, and the red door');

  it('are those with times that follow the ones before', () => {
    const first = wordsOfText(words, 0, 'we will see the red house,');
    assert.deepEqual([first?.words.length, first?.next], [6, 6]);
    const second = wordsOfText(words, first?.next ?? 0, 'And the red door.');
    assert.deepEqual([second?.words[0]?.startMs, second?.next], [1_800, 10]);
  });

  it('are found where a word was taken back meanwhile, and are none where they were heard otherwise', () => {
    assert.equal(wordsOfText(words, 7, 'and the red door')?.next, 10);
    assert.equal(wordsOfText(words, 0, 'we will be the red house'), undefined);
    assert.equal(wordsOfText(words, 0, '…'), undefined);
    assert.equal(wordsOfText([], 0, 'we'), undefined);
  });
});
