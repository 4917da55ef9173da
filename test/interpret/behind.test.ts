/** What is heard of a party whose translations fail or come late. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { BrokenOffError } from '../../src/engines/resilience/unspoken.ts';
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

describe('a rendering whose engines are away for a while', () => {
  const GONE = new AppError('engine-refused', 'nobody is there');

  /** The speech that was asked for last breaks off after 100 samples. */
  function breaksOff(rig: Rig, rest: string): void {
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(100));
    pieces.fail(new BrokenOffError(new AppError('engine-died', 'gone'), rest));
    rig.tts.asked.at(-1)?.answer({ rateHz: 8_000, pieces });
  }

  function soundOf(rig: Rig): number {
    return rig.events.reduce(
      (samples, event) => samples + (event.type === 'segment-audio' ? event.pcm.length : 0),
      0,
    );
  }

  it('says what was cut off meanwhile when they are back, in order', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.absence.begin(GONE);
    await rig.utter(1, 'one');
    await rig.utter(2, 'two');
    assert.deepEqual(heard(rig), ['original']);
    rig.mt.absence.end();
    await rig.clock.settle();
    assert.deepEqual(heard(rig), ['original', 'translation', '<one>', '<two>']);
    assert.deepEqual([rig.report(1).outcome, rig.report(2).outcome], ['spoken', 'spoken']);
    assert.equal(rig.clock.pendingTimers, 0);
  });

  it('does not ask an engine that is back for everything at once', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.absence.begin(GONE);
    for (const [index, text] of ['one', 'two', 'three', 'four'].entries()) {
      await rig.utter(index + 1, text);
    }
    rig.tts.atOnce = false;
    rig.mt.asked.length = 0;
    rig.mt.absence.end();
    await rig.clock.settle();
    assert.deepEqual(
      rig.mt.asked.map(({ request }) => request.text),
      ['one', 'two'],
    );
    rig.tts.atOnce = true;
    for (const { answer, request } of rig.tts.asked.splice(0)) {
      answer(await rig.tts.synthesize(request, AbortSignal.timeout(60_000)));
    }
    await rig.clock.settle();
    assert.deepEqual(heard(rig).slice(2), ['<one>', '<two>', '<three>', '<four>']);
  });

  it('keeps the translation of what only has no voice', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.absence.begin(GONE);
    await rig.utter(1, 'one');
    rig.tts.absence.end();
    await rig.clock.settle();
    assert.deepEqual(heard(rig), ['original', 'translation', '<one>']);
    assert.equal(rig.mt.asked.length, 1);
  });

  it('gives up what is stale before they are back', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.absence.begin(GONE);
    await rig.utter(1, 'one');
    await rig.clock.advance(5_000);
    await rig.utter(2, 'two', 1_000);
    await rig.clock.advance(LIMITS.staleMs - 6_000 - 1);
    assert.equal(rig.story.length, 0);
    await rig.clock.advance(1);
    assert.equal(rig.failureOf(1), 'mt engine-refused');
    assert.equal(rig.noted.filter((what) => what === 'stale').length, 1);
    rig.mt.absence.end();
    await rig.clock.settle();
    assert.deepEqual(heard(rig), ['original', 'translation', '<two>']);
  });

  it('gives up what they fail at each time they are back', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.absence.begin(GONE);
    await rig.utter(1, 'one');
    for (let returns = 0; returns < 3; returns += 1) {
      assert.equal(rig.story.length, 0);
      await rig.clock.advance(1_000);
      rig.mt.absence.end(false);
      await rig.clock.settle();
    }
    assert.equal(rig.failureOf(1), 'mt engine-refused');
  });

  it('says nothing anew of which something was heard', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(100));
    rig.tts.asked.at(-1)?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    rig.tts.absence.begin(GONE);
    pieces.fail(GONE);
    await rig.clock.settle();
    assert.equal(rig.failureOf(1), 'tts engine-refused');
    assert.deepEqual(heard(rig), ['<one>'], 'what came of it is still heard');
    await rig.clock.advance(13);
    rig.tts.absence.end();
    await rig.clock.settle();
    assert.deepEqual(heard(rig), ['<one>', 'original']);
  });

  it('speaks on after a break, in the same segment, once they are back', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one two three');
    breaksOff(rig, 'two three>');
    rig.tts.absence.begin(GONE);
    await rig.clock.settle();
    assert.deepEqual(heard(rig), ['<one two three>'], 'what came of it is still heard');
    await rig.clock.advance(13);
    assert.deepEqual(heard(rig), ['<one two three>', 'original']);
    rig.tts.atOnce = true;
    rig.tts.rateHz = 8_000;
    rig.tts.absence.end();
    await rig.clock.settle();
    assert.equal(rig.tts.asked.at(-1)?.request.text, 'two three>');
    assert.deepEqual(heard(rig), ['<one two three>', 'original', 'translation']);
    assert.deepEqual(rig.told, ['<one two three>']);
    assert.equal(rig.report(1).failure, undefined);
    assert.equal(soundOf(rig), 250);
  });

  it('gives up what breaks off each time it is spoken on', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one two three');
    for (let breaks = 0; breaks < 3; breaks += 1) {
      assert.equal(rig.tts.asked.length, breaks + 1);
      breaksOff(rig, 'three>');
      await rig.clock.settle();
    }
    assert.equal(rig.failureOf(1), 'tts engine-died');
    assert.equal(rig.tts.asked.length, 3);
  });

  it('ends with nothing left that waits', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.absence.begin(GONE);
    await rig.utter(1, 'one');
    await rig.rendering.close();
    await rig.clock.settle();
    assert.deepEqual([rig.clock.pendingTimers, rig.noted.includes('stale')], [0, false]);
  });
});
