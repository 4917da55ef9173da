/** What is heard of a party whose translations fail or come late. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { SpeechPieces } from '../../src/engines/tts/speech-pieces.ts';
import { LIMITS } from '../../src/interpret/limits.ts';
import { Rig } from './interpreting-rig.ts';

/** When the original is let through, and what is said, in order. */
function heard(rig: Rig): readonly string[] {
  return rig.events.flatMap((event) => {
    switch (event.type) {
      case 'behind':
        return [event.on ? 'original' : 'translation'];
      case 'segment-started':
        return [event.text];
      default:
        return [];
    }
  });
}

describe('a rendering that falls behind', () => {
  it('lets the original through when a segment fails, until one is spoken again', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.atOnce = false;
    await rig.utter(1, 'good morning');
    rig.mt.asked.at(-1)?.fail(new AppError('engine-refused', 'wrong key'));
    await rig.clock.settle();
    assert.deepEqual(heard(rig), ['original']);
    rig.mt.atOnce = true;
    await rig.utter(2, 'good evening');
    assert.deepEqual(heard(rig), ['original', 'translation', '<good evening>']);
  });

  it('lets the original through when engines keep a segment waiting, not before', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'good morning');
    await rig.clock.advance(LIMITS.behindMs - 1);
    assert.deepEqual(heard(rig), []);
    await rig.clock.advance(1);
    assert.deepEqual(heard(rig), ['original']);
  });

  it('is not behind while speech sounds that others wait for', async (t) => {
    const rig = await Rig.open(t);
    await rig.utter(1, 'one');
    await rig.utter(2, 'two');
    await rig.clock.advance(60_000);
    assert.deepEqual(heard(rig), ['<one>', '<two>']);
    assert.equal(rig.clock.pendingTimers, 0);
  });

  it('does not speak what is stale, and counts it; what is fresh it speaks', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'first');
    await rig.clock.advance(100);
    await rig.utter(2, 'second');
    await rig.utter(3, 'third');
    // The first two are given up after two tries; the third is asked for then, and spoken when it is old.
    await rig.clock.advance(LIMITS.soundMs * 2);
    await rig.clock.advance(LIMITS.staleMs - LIMITS.soundMs * 2 + 1);
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(100));
    pieces.complete();
    const third = rig.tts.asked.at(-1);
    assert.equal(third?.request.text, '<third>');
    third?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    assert.deepEqual(rig.noted.includes('stale'), true);
    assert.deepEqual(heard(rig), ['original']);
    rig.tts.atOnce = true;
    await rig.utter(4, 'fourth');
    assert.deepEqual(heard(rig), ['original', 'translation', '<fourth>']);
    assert.equal(rig.failureOf(3), 'tts engine-timeout');
  });
});
