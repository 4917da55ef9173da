import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resumePlace } from '../../../src/media/play/resume-place.ts';
import { concatPcm, silence, sine } from '../../asterisk/audio.ts';

const RATE_HZ = 8_000;
const samples = (ms: number): number => (ms * RATE_HZ) / 1_000;

describe('the place where speech that broke off goes on', () => {
  const word = sine(440, 300, RATE_HZ);
  const pause = silence(20, RATE_HZ);
  const speech = concatPcm(word, pause, word, pause, word);

  it('is the pause before the word that it broke off in', () => {
    const place = resumePlace(speech, samples(840), RATE_HZ);
    assert.ok(place > samples(620) && place <= samples(640), `${place / samples(1)} ms`);
  });

  it('is where it broke off, when that was between two words', () => {
    const place = resumePlace(speech, samples(320), RATE_HZ);
    assert.ok(place > samples(310) && place <= samples(320), `${place / samples(1)} ms`);
  });

  it('is the beginning in the first word, and where it broke off in a word that is longer than half a second', () => {
    assert.equal(resumePlace(speech, samples(200), RATE_HZ), 0);
    assert.equal(resumePlace(speech, 0, RATE_HZ), 0);
    assert.equal(resumePlace(sine(440, 2_000, RATE_HZ), samples(1_500), RATE_HZ), samples(1_500));
  });
});
