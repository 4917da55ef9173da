import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseVoice, type KnownVoice } from '../../../src/interpret/manner/choose-voice.ts';

function voices(...heights: readonly number[]): readonly KnownVoice[] {
  return heights.map((hz) => ({ engine: 'espeak-ng', ref: `at ${hz}`, hz }));
}

function chosen(of: readonly KnownVoice[], speakerHz: number, taken: readonly KnownVoice[] = []) {
  return chooseVoice(of, speakerHz, taken)?.hz;
}

describe('the voice that speaks for somebody', () => {
  it('is the one nearest to theirs', () => {
    const all = voices(84, 110, 175, 223);
    assert.deepEqual(
      [70, 95, 120, 160, 190, 400].map((hz) => chosen(all, hz)),
      [84, 84, 110, 175, 175, 223],
    );
  });

  it('is none where there are none', () => {
    assert.equal(chosen([], 100), undefined);
  });

  it('lies three semitones from those of the others, where there is one of about their height', () => {
    // 98 and 110 are two semitones apart, 98 and 133 more than five.
    assert.equal(chosen(voices(98, 110, 133, 200), 112, voices(98)), 133);
  });

  it('is rather near to another than in the wrong register', () => {
    assert.equal(chosen(voices(110, 220), 105, voices(98)), 110);
  });

  it('is never the very one of somebody else, as long as there is any other', () => {
    assert.equal(chosen(voices(110, 220), 105, voices(110)), 220);
    assert.equal(chosen(voices(110), 105, voices(110)), 110);
  });

  it('may have the name of one that is taken at another engine', () => {
    const taken = [{ engine: 'elevenlabs', ref: 'at 110', hz: 200 }];
    assert.equal(chosen(voices(110, 220), 105, taken), 110);
  });
});
