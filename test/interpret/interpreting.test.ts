import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { SpeechPieces } from '../../src/engines/tts/speech-pieces.ts';
import { Conversation } from '../../src/interpret/conversation.ts';
import type { HearingOptions } from '../../src/interpret/hearing/hearing.ts';
import { SttHearings } from '../../src/interpret/hearing/stt-hearings.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { never } from '../support/waiting.ts';
import { Rig } from './interpreting-rig.ts';
import { ScriptedStt } from './scripted-engines.ts';

describe('a hearing and its rendering', () => {
  it('hears, translates and speaks an utterance, and reports it with its times', async (t) => {
    const rig = await Rig.open(t, { voice: 'pilar' });
    rig.mt.atOnce = false;
    rig.tts.atOnce = false;
    const { clock } = rig;
    rig.start(1, 1_000);
    rig.write(320);
    await clock.advance(2_000);
    rig.end(2_400, 2_990);
    await clock.advance(100);
    rig.stt.hears('final', 1, 'good morning');
    await clock.advance(50);
    rig.mt.asked[0]?.answer('buenos días');
    await clock.advance(150);
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(70));
    rig.tts.asked[0]?.answer({ rateHz: 16_000, pieces });
    await clock.settle();
    pieces.push(new Int16Array(80));
    pieces.complete();
    await clock.settle();
    assert.deepEqual(rig.stt.calls, ['open en', 'start 1', 'write 320', 'end']);
    assert.deepEqual(rig.mt.asked[0]?.request, { text: 'good morning', from: 'en', to: 'es', context: [] });
    assert.deepEqual(rig.tts.asked[0]?.request, {
      text: 'buenos días',
      language: 'es',
      wantedRateHz: 8_000,
      voice: { name: 'pilar' },
    });
    assert.deepEqual(rig.events, [
      { type: 'heard', utterance: 1, text: 'good morning', final: true },
      {
        type: 'segment-started',
        utterance: 1,
        segment: 0,
        source: 'good morning',
        text: 'buenos días',
        rateHz: 16_000,
        timing: { cutMs: 3_100, translatedMs: 3_150, firstSoundMs: 3_300 },
        said: { fromMs: 1_000, toMs: 2_400 },
      },
      { type: 'segment-audio', segment: 0, pcm: new Int16Array(70) },
      { type: 'segment-audio', segment: 0, pcm: new Int16Array(80) },
      { type: 'segment-ended', segment: 0 },
      {
        type: 'utterance-ended',
        utterance: 1,
        outcome: 'spoken',
        source: { language: 'en', text: 'good morning' },
        target: { language: 'es', text: 'buenos días' },
        timing: {
          speechStartMs: 1_000,
          speechEndMs: 2_400,
          endpointMs: 2_990,
          sttFinalMs: 3_100,
          mtDoneMs: 3_150,
          ttsFirstMs: 3_300,
        },
        failure: undefined,
      },
    ]);
    assert.deepEqual(rig.told, ['buenos días']);
  });

  it('passes the first bytes on at once, before there are more', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(10));
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    assert.deepEqual(rig.types, ['heard', 'segment-started', 'segment-audio']);
  });

  it('passes what is heard on as captions; what is stable changes no caption', async (t) => {
    const rig = await Rig.open(t);
    rig.start(1, 1_000);
    rig.stt.hears('partial', 1, 'good');
    rig.stt.hears('stable', 1, 'good');
    rig.stt.hears('partial', 1, 'good');
    rig.stt.hears('partial', 1, 'good morning');
    rig.end(2_000);
    rig.stt.hears('final', 1, 'good morning');
    assert.deepEqual(
      rig.events.filter(({ type }) => type === 'heard'),
      [
        { type: 'heard', utterance: 1, text: 'good', final: false },
        { type: 'heard', utterance: 1, text: 'good morning', final: false },
        { type: 'heard', utterance: 1, text: 'good morning', final: true },
      ],
    );
  });

  it('says nothing and asks nobody when nothing was said', async (t) => {
    const rig = await Rig.open(t);
    await rig.utter(1, '');
    assert.deepEqual(rig.story, ['1 nothing-said']);
    assert.deepEqual([rig.mt.asked.length, rig.tts.asked.length], [0, 0]);
  });

  it('says nothing when the translation is empty', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.atOnce = false;
    await rig.utter(1, 'uh');
    rig.mt.asked[0]?.answer(' ');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 nothing-said']);
    assert.equal(rig.tts.asked.length, 0);
  });

  it('keeps the order of segments when a later translation is faster', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.atOnce = false;
    await rig.utter(1, 'one');
    await rig.utter(2, 'two');
    rig.mt.asked[1]?.answer('dos');
    await rig.clock.settle();
    assert.deepEqual(rig.story, []);
    rig.mt.asked[0]?.answer('uno');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says uno', '1 spoken', '2 says dos', '2 spoken']);
    assert.deepEqual(
      rig.events.flatMap((event) => (event.type === 'segment-started' ? [event.segment] : [])),
      [0, 1],
    );
  });

  it('speaks the segments of an utterance as they are cut, and reports it once, whole', async (t) => {
    const rig = await Rig.open(t, { policy: 'sentence' });
    rig.start(1, 1_000);
    rig.stt.hears('stable', 1, 'One. Two');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says <One.>']);
    rig.stt.hears('stable', 1, 'One. Two.');
    await rig.clock.settle();
    rig.end(2_000);
    rig.stt.hears('final', 1, 'One. Two. Three.');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says <One.>', '1 says <Two.>', '1 says <Three.>', '1 spoken']);
    assert.equal(rig.report(1).target.text, '<One.> <Two.> <Three.>');
  });

  it('gives translation the last four segments as context, oldest first', async (t) => {
    const rig = await Rig.open(t);
    for (const [index, text] of ['one', 'two', 'three', 'four', 'five'].entries()) {
      await rig.utter(index, text);
    }
    assert.deepEqual(
      rig.mt.asked.map(({ request }) => request.context.join(' ')),
      ['', 'one', 'one two', 'one two three', 'one two three four'],
    );
  });

  it('is named after its engine, and knows the rate it needs', () => {
    const factory = new SttHearings(new ScriptedStt(), new FakeClock());
    assert.deepEqual([factory.name, factory.lowestWireRateHz], ['scripted-stt', 16_000]);
  });

  it('cannot be opened when its engine cannot', async () => {
    const stt = new ScriptedStt();
    stt.openError = new AppError('engine-start-failed', 'no model');
    const factory = new SttHearings(stt, new FakeClock());
    const options: HearingOptions = {
      from: 'en',
      alsoLanguages: [],
      policy: 'clause',
      terms: [],
      lines: new Conversation().of('speaker'),
      onEvent: () => {},
    };
    await assert.rejects(factory.open(options, never()), {
      code: 'engine-start-failed',
    });
  });

  it('ends an utterance that another begins without, and ignores what belongs to none', async (t) => {
    const rig = await Rig.open(t);
    rig.write(1);
    rig.pause(0);
    rig.end(0);
    rig.start(1, 1_000);
    await rig.clock.advance(500);
    rig.start(2, 1_400);
    rig.end(1_500);
    rig.write(2);
    assert.deepEqual(rig.stt.calls, ['open en', 'start 1', 'end', 'start 2', 'end']);
    rig.stt.hears('final', 1, '');
    assert.equal(rig.report(1).timing.speechEndMs, 1_400);
  });
});

describe('a rendering whose engines fail', () => {
  const overloaded = new AppError('engine-overloaded', 'try again');
  const unsupported = new AppError('language-unsupported', 'it never will');

  it('translates again, once, what failed', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.atOnce = false;
    await rig.utter(1, 'one');
    rig.mt.asked[0]?.fail(overloaded);
    await rig.clock.settle();
    assert.deepEqual(rig.mt.asked[1]?.request, rig.mt.asked[0]?.request);
    rig.mt.asked[1]?.answer('uno');
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 says uno', '1 spoken']);
    assert.equal(rig.report(1).failure, undefined);
  });

  it('gives an utterance up whose translation fails twice; the next one works', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.atOnce = false;
    await rig.utter(1, 'one');
    for (const index of [0, 1]) {
      rig.mt.asked[index]?.fail(overloaded);
      await rig.clock.settle();
    }
    assert.equal(rig.mt.asked.length, 2);
    assert.equal(rig.failureOf(1), 'mt engine-overloaded');
    rig.mt.atOnce = true;
    await rig.utter(2, 'two');
    assert.deepEqual(rig.story, ['1 failed', '2 says <two>', '2 spoken']);
  });

  it('does not translate again what would fail again', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.atOnce = false;
    await rig.utter(1, 'one');
    rig.mt.asked[0]?.fail(unsupported);
    await rig.clock.settle();
    assert.equal(rig.mt.asked.length, 1);
    assert.equal(rig.failureOf(1), 'mt language-unsupported');
  });

  it('gives translation 4 s, twice', async (t) => {
    const rig = await Rig.open(t);
    rig.mt.atOnce = false;
    await rig.utter(1, 'one');
    await rig.clock.advance(3_999);
    assert.equal(rig.mt.asked.length, 1);
    await rig.clock.advance(1);
    assert.deepEqual(
      rig.mt.asked.map(({ signal }) => signal.aborted),
      [true, false],
    );
    await rig.clock.advance(4_000);
    assert.equal(rig.failureOf(1), 'mt engine-timeout');
  });

  it('aborts a synthesis that gives no sound within 4 s, tries once more, and gives up', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    await rig.clock.advance(3_999);
    assert.equal(rig.tts.asked[0]?.signal.aborted, false);
    await rig.clock.advance(1);
    assert.deepEqual(
      rig.tts.asked.map(({ signal }) => signal.aborted),
      [true, false],
    );
    await rig.clock.advance(4_000);
    assert.equal(rig.tts.asked[1]?.signal.aborted, true);
    assert.equal(rig.failureOf(1), 'tts engine-timeout');
    rig.tts.atOnce = true;
    await rig.utter(2, 'two');
    assert.deepEqual(rig.story, ['1 failed', '2 says <two>', '2 spoken']);
  });

  it('aborts a synthesis that hangs before its first bytes as well', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces: new SpeechPieces() });
    await rig.clock.advance(4_000);
    assert.deepEqual(
      rig.tts.asked.map(({ signal }) => signal.aborted),
      [true, false],
    );
  });

  it('ends a segment whose sound breaks off, aborts its synthesis, and does not begin it anew', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(10));
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.advance(4_000);
    assert.equal(rig.tts.asked.length, 1);
    assert.equal(rig.tts.asked[0]?.signal.aborted, true);
    assert.deepEqual(rig.types, [
      'heard',
      'segment-started',
      'segment-audio',
      'segment-ended',
      'behind',
      'utterance-ended',
    ]);
    assert.equal(rig.report(1).outcome, 'spoken', 'part of it is heard');
    assert.equal(rig.failureOf(1), 'tts engine-timeout');
  });

  it('reports a synthesis without any sound', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    const pieces = new SpeechPieces();
    pieces.complete();
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    rig.tts.asked[1]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    assert.equal(rig.failureOf(1), 'tts engine-bad-answer');
  });

  it('reports a synthesis that aborts for reasons of its own, and goes on with the next', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    await rig.utter(2, 'two');
    const abort = new DOMException('the provider hung up', 'AbortError');
    rig.tts.asked[0]?.fail(abort);
    await rig.clock.settle();
    // The second try of the first; the second segment has been asked for already.
    assert.equal(rig.tts.asked[1]?.request.text, '<two>');
    rig.tts.asked[2]?.fail(abort);
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(10));
    pieces.complete();
    rig.tts.asked[1]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    assert.deepEqual(rig.story, ['1 failed', '2 says <two>', '2 spoken']);
    assert.equal(rig.report(1).failure?.stage, 'tts');
  });

  it('fails when no final comes within 8 s of the end of speech, nor from another stream, and reports the utterance', async (t) => {
    const rig = await Rig.open(t);
    rig.start(1, 1_000);
    rig.stt.hears('partial', 1, 'good mor');
    await rig.clock.advance(1_000);
    rig.end(1_500);
    await rig.clock.advance(15_999);
    assert.deepEqual(rig.story, []);
    await rig.clock.advance(1);
    assert.deepEqual(rig.story, ['failed', '1 says <good mor>', '1 spoken']);
    assert.equal(rig.failureOf(1), 'stt engine-timeout');
    assert.equal(rig.report(1).source.text, 'good mor');
  });

  it('speaks what had been cut off when recognition is lost, and hears nothing after', async (t) => {
    const rig = await Rig.open(t, { policy: 'sentence' });
    rig.mt.atOnce = false;
    await rig.utter(1, 'One.');
    rig.start(2, rig.clock.nowMs());
    rig.stt.hears('stable', 2, 'Two. Three');
    await rig.recognitionFails(new AppError('engine-died', 'gone'));
    rig.start(3, rig.clock.nowMs());
    rig.stt.fails(new AppError('engine-died', 'gone again'));
    assert.deepEqual(rig.story, ['failed']);
    rig.mt.asked[0]?.answer('uno');
    rig.mt.asked[1]?.answer('dos');
    rig.mt.asked[2]?.answer('tres');
    await rig.clock.settle();
    assert.deepEqual(rig.story, [
      'failed',
      '1 says uno',
      '1 spoken',
      '2 says dos',
      '2 says tres',
      '2 spoken',
    ]);
    assert.equal(rig.report(1).failure, undefined);
    assert.equal(rig.failureOf(2), 'stt engine-died');
    assert.equal(rig.report(2).source.text, 'Two. Three');
  });

  it('does not fail when the final comes in time', async (t) => {
    const rig = await Rig.open(t);
    await rig.utter(1, 'one');
    await rig.clock.advance(60_000);
    assert.deepEqual(rig.story, ['1 says <one>', '1 spoken']);
  });

  it('waits for nothing once the final is there', async (t) => {
    const rig = await Rig.open(t);
    await rig.utter(1, 'one');
    assert.equal(rig.clock.pendingTimers, 0);
  });

  it('fails with recognition, and reports an utterance that goes on as ending where it began', async (t) => {
    const rig = await Rig.open(t);
    rig.start(1, 1_000);
    await rig.clock.advance(500);
    await rig.recognitionFails(new AppError('engine-died', 'gone'));
    assert.deepEqual(rig.story, ['1 failed', 'failed']);
    assert.equal(rig.failureOf(1), 'stt engine-died');
    assert.deepEqual(rig.report(1).timing, { speechStartMs: 1_000, speechEndMs: 1_000, endpointMs: 1_000 });
  });

  it('lets 16 segments wait to be spoken, drops the oldest past that, and reports it', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    // The first is being spoken, so 16 more may wait.
    for (let utterance = 0; utterance <= 16; utterance += 1) {
      await rig.utter(utterance, `${utterance}`, 10);
    }
    assert.deepEqual(rig.story, []);
    await rig.utter(17, '17', 10);
    assert.deepEqual(rig.story, ['1 failed']);
    assert.equal(rig.failureOf(1), 'tts engine-overloaded');
  });

  it('ignores what recognition says of utterances it does not know, or that are over', async (t) => {
    const rig = await Rig.open(t);
    await rig.utter(1, 'one');
    const before = rig.events.length;
    rig.stt.hears('partial', 7, 'who?');
    rig.stt.hears('final', 1, 'one again');
    await rig.clock.settle();
    assert.equal(rig.events.length, before);
  });
});

describe('what is closed', () => {
  it('aborts everything, closes recognition, leaves no timer, and says nothing after', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    rig.mt.atOnce = false;
    await rig.utter(2, 'two');
    rig.start(3, rig.clock.nowMs());
    const before = rig.events.length;
    await rig.close();
    assert.equal(rig.tts.asked[0]?.signal.aborted, true);
    assert.equal(rig.mt.asked[1]?.signal.aborted, true);
    assert.ok(rig.stt.calls.includes('close'));
    assert.equal(rig.clock.pendingTimers, 0);
    rig.stt.hears('final', 3, 'three');
    rig.stt.fails(new Error('gone'));
    rig.end(0);
    await rig.clock.advance(60_000);
    assert.equal(rig.events.length, before);
  });

  it('ends the segment that has begun, and says nothing of a synthesis that goes on all the same', async (t) => {
    const rig = await Rig.open(t);
    rig.tts.atOnce = false;
    await rig.utter(1, 'one');
    const pieces = new SpeechPieces();
    pieces.push(new Int16Array(10));
    rig.tts.asked[0]?.answer({ rateHz: 8_000, pieces });
    await rig.clock.settle();
    pieces.push(new Int16Array(10));
    const closing = rig.close();
    pieces.push(new Int16Array(10));
    pieces.complete();
    await closing;
    await rig.clock.settle();
    assert.deepEqual(rig.types, ['heard', 'segment-started', 'segment-audio', 'segment-ended']);
  });

  it('can be closed twice', async (t) => {
    const rig = await Rig.open(t);
    await Promise.all([rig.close(), rig.close()]);
  });
});
