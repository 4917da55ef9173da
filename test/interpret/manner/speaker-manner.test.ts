import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpeakerManner } from '../../../src/interpret/manner/speaker-manner.ts';
import type { MeasuredProsody } from '../../../src/media/hear/prosody/prosody.ts';
import { AS_SPOKEN } from '../../../src/media/play/segment-manner.ts';
import { measuredUntil } from './measured.ts';

/** Somebody who has spoken evenly for `seconds`, until then. */
function speaker(seconds = 10): SpeakerManner {
  const manner = new SpeakerManner();
  for (let toMs = 500; toMs <= seconds * 1_000; toMs += 500) {
    manner.measured(measuredUntil(toMs));
  }
  return manner;
}

/** How a clause of two seconds is spoken that was said in a way, by somebody who has spoken evenly for ten. */
function after(changes: Partial<MeasuredProsody>, pauseMs = 0) {
  const manner = speaker();
  const fromMs = 10_000 + pauseMs;
  for (let toMs = fromMs + 500; toMs <= fromMs + 2_000; toMs += 500) {
    manner.measured(measuredUntil(toMs, changes));
  }
  return manner.of({ fromMs, toMs: fromMs + 2_000 });
}

describe('the manner of a clause', () => {
  it('is none in particular where it was said as always', () => {
    assert.deepEqual(after({}), AS_SPOKEN);
  });

  it('is as fast, within bounds, as the person spoke beside their usual', () => {
    assert.equal(after({ syllables: 2.2 }).speed, 1.1);
    assert.equal(after({ syllables: 4 }).speed, 1.2);
    assert.equal(after({ syllables: 1.8 }).speed, 0.9);
    assert.equal(after({ syllables: 1 }).speed, 0.85);
    assert.equal(after({ syllables: 0 }).speed, 1, 'nothing was counted, so nothing is known');
  });

  it('is as loud, by 6 dB at most, in steps of half a dB', () => {
    assert.equal(after({ levelDbfs: -20.9 }).gainDb, 3);
    assert.equal(after({ levelDbfs: -8 }).gainDb, 6);
    assert.equal(after({ levelDbfs: -50 }).gainDb, -6);
    assert.equal(Math.abs(after({ levelDbfs: -24.2 }).gainDb), 0);
  });

  it('rests before it as the person did, for 0.3 s at most, and not for a breath', () => {
    assert.equal(after({}, 100).restMs, 0);
    assert.equal(after({}, 220).restMs, 220);
    assert.equal(after({}, 2_000).restMs, 300);
  });

  it('counts what the meter heard of a pause before it told of it', () => {
    const manner = speaker();
    manner.measured(measuredUntil(10_500, { voiceMs: 300, pausedMs: 200 }));
    manner.measured(measuredUntil(11_080));
    assert.equal(manner.of({ fromMs: 10_500, toMs: 11_080 }).restMs, 280);
  });

  it('is none in particular of somebody who has not said enough to know what is usual', () => {
    const manner = speaker(3.5);
    manner.measured(measuredUntil(4_000, { levelDbfs: -12 }));
    assert.deepEqual(manner.of({ fromMs: 3_500, toMs: 4_000 }), AS_SPOKEN);
  });

  it('goes on where the time of a segment is not known, or too short to say anything', () => {
    const manner = speaker();
    manner.measured(measuredUntil(10_500, { levelDbfs: -20 }));
    assert.equal(manner.of({ fromMs: 10_000, toMs: 10_500 }).gainDb, 4);
    assert.equal(manner.of(undefined).gainDb, 4);
    assert.equal(manner.of({ fromMs: 10_500, toMs: 10_600 }).gainDb, 4);
  });

  it('is measured by the last minute: who has moved away from the telephone is not whispering for ever', () => {
    const manner = speaker(20);
    for (let toMs = 20_500; toMs <= 85_000; toMs += 500) {
      manner.measured(measuredUntil(toMs, { levelDbfs: -34 }));
    }
    assert.equal(manner.of({ fromMs: 84_000, toMs: 85_000 }).gainDb, 0);
  });

  it('is forgotten with the person', () => {
    const manner = speaker();
    manner.forget();
    manner.measured(measuredUntil(10_500, { levelDbfs: -20 }));
    assert.deepEqual(manner.of({ fromMs: 10_000, toMs: 10_500 }), AS_SPOKEN);
  });
});
