import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MeasuredEmotion } from '../../../src/interpret/manner/measured-emotion.ts';
import type { MeasuredProsody } from '../../../src/media/hear/prosody/prosody.ts';
import { measuredUntil } from './measured.ts';

/** At a level and a height, half a second. */
function piece(toMs: number, levelDbfs: number, hz: number): MeasuredProsody {
  return measuredUntil(toMs, {
    levelDbfs,
    pitch: { medianHz: hz, lowHz: hz, highHz: hz, heardMs: 400 },
  });
}

/** Somebody who has spoken for `seconds`, a little up and down. */
function speaker(seconds = 12): MeasuredEmotion {
  const emotion = new MeasuredEmotion();
  for (let index = 0; index < seconds * 2; index += 1) {
    emotion.measured(piece(500 * index, -24 + (index % 2), index % 2 === 0 ? 110 : 116));
  }
  return emotion;
}

function say(emotion: MeasuredEmotion, pieces: number, levelDbfs: number, hz: number): string | undefined {
  for (let index = 0; index < pieces; index += 1) {
    emotion.measured(piece(500 * index, levelDbfs, hz));
  }
  return emotion.word;
}

describe('the emotion that is measured', () => {
  it('is a word for a second that is far above or below the usual', () => {
    assert.equal(say(speaker(), 2, -16, 150), 'excited');
    assert.equal(say(speaker(), 2, -33, 90), 'calm');
  });

  it('is none for as usual, for a moment, or for one loud piece in a second', () => {
    assert.equal(say(speaker(), 2, -23, 115), undefined);
    assert.equal(say(speaker(), 1, -16, 150), undefined);
    const emotion = speaker();
    say(emotion, 1, -16, 150);
    assert.equal(say(emotion, 1, -24, 112), undefined);
  });

  it('ends when the person speaks as usual again', () => {
    const emotion = speaker(30);
    assert.equal(say(emotion, 2, -16, 150), 'excited');
    assert.equal(say(emotion, 2, -24, 112), undefined);
  });

  it('is none of who has not said enough to know what is usual, nor of who is gone', () => {
    assert.equal(say(speaker(5), 2, -16, 150), undefined);
    const emotion = speaker();
    emotion.forget();
    assert.equal(say(emotion, 2, -16, 150), undefined);
  });
});
