import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { ScriptedStt } from '../scripted-engines.ts';
import { end, hear, say, start } from './heard-party.ts';

const GONE = new AppError('engine-died', 'gone');

function writes(stt: ScriptedStt): number {
  return stt.calls.filter((call) => call.startsWith('write')).length;
}

describe('an utterance whose recognition is lost', () => {
  it('is given to the next stream from its beginning, with what is said meanwhile; nothing is said twice', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 10);
    stt.hears('stable', 1, 'One is here. Two');
    stt.fails(GONE);
    say(hearing, 5);
    await clock.advance(0);
    assert.deepEqual(stt.calls.slice(12, 15), ['close', 'open en', 'start 1']);
    assert.equal(writes(stt), 10 + 15);
    end(hearing);
    stt.hears('final', 1, 'One is here. Two is there. Three too.');
    assert.deepEqual(told.segments, ['One is here.', 'Two is there.', 'Three too.']);
    assert.deepEqual(told.endings, [undefined]);
    assert.deepEqual(told.replaced, ['gone']);
  });

  it('is given again ten times as fast as it was spoken, all of it', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { hearing } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 600);
    stt.fails(GONE);
    await clock.advance(0);
    assert.equal(writes(stt) - 600, 50);
    await clock.advance(100);
    assert.equal(writes(stt) - 600, 100);
    say(hearing, 1);
    end(hearing);
    await clock.advance(1_100);
    assert.equal(writes(stt) - 600, 601);
    assert.equal(stt.calls.at(-1), 'end');
  });

  it('is asked for once more when its final is empty, and then stands as it was heard', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 10);
    stt.hears('partial', 1, 'We will see');
    end(hearing);
    stt.hears('final', 1, '');
    await clock.advance(0);
    assert.equal(writes(stt), 20);
    stt.hears('partial', 1, 'We will');
    stt.hears('final', 1, '');
    assert.deepEqual(told.segments, ['We will see']);
    assert.deepEqual(told.endings, [undefined]);
    assert.equal(told.failures, 0);
  });

  it('is asked for once more when its final lacks the end of what was heard, and then stands as it was heard', async (t) => {
    for (const [heard, curtailed] of [
      ['We will see you on Friday.', 'We will see you.'],
      ['明日の午前十時に駅で会いましょう', '明日の午前十時に'],
    ] as const) {
      const clock = new FakeClock();
      const stt = new ScriptedStt();
      const { hearing, told } = await hear(t, stt, clock);
      start(hearing);
      say(hearing, 10);
      stt.hears('partial', 1, heard);
      end(hearing);
      stt.hears('final', 1, curtailed);
      await clock.advance(0);
      assert.deepEqual([told.endings, writes(stt)], [[], 20]);
      stt.hears('partial', 1, heard);
      stt.hears('final', 1, curtailed);
      assert.equal(told.segments.join(' '), heard);
      assert.deepEqual([told.endings, told.failures], [[undefined], 0]);
    }
  });

  it('is not asked for again when its final is another text, or only a last word was taken back', async (t) => {
    for (const [heard, final] of [
      ['We will see you, Andy', 'We will see you.'],
      ['We will sea you on Friday', 'We will see.'],
    ] as const) {
      const clock = new FakeClock();
      const stt = new ScriptedStt();
      const { hearing, told } = await hear(t, stt, clock);
      start(hearing);
      say(hearing, 10);
      stt.hears('partial', 1, heard);
      end(hearing);
      stt.hears('final', 1, final);
      await clock.advance(0);
      assert.deepEqual([told.endings, told.segments], [[undefined], [final]], heard);
      await hearing.close();
    }
  });

  it('keeps what was heard in its first seconds, though it is lost in its twentieth', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 950);
    stt.hears('partial', 1, 'The first and the last');
    stt.fails(GONE);
    await clock.advance(0);
    say(hearing, 50);
    end(hearing);
    await clock.advance(2_000);
    assert.equal(writes(stt), 950 + 1_000);
    stt.hears('final', 1, 'The first and the last word.');
    assert.deepEqual([told.segments, told.endings], [['The first and the last word.'], [undefined]]);
  });

  it('is given up after three more streams, and what was heard of it is rendered as it is', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 1);
    stt.hears('partial', 1, 'We will see');
    for (const pauseMs of [0, 200, 400]) {
      stt.fails(GONE);
      await clock.advance(pauseMs);
    }
    assert.equal(told.failures, 0);
    stt.fails(GONE);
    await clock.settle();
    assert.deepEqual(told.segments, ['We will see']);
    assert.deepEqual(told.endings, ['gone']);
    assert.deepEqual(told.passedOn, new Map([[1, 'We will see']]));
    assert.equal(told.failures, 1);
    assert.equal(stt.calls.filter((call) => call === 'open en').length, 4);
    assert.equal(clock.pendingTimers, 0);
  });

  it('is spoken from where an earlier hearing of it was lost, its sound given in portions', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { hearing, told } = await hear(t, stt, clock, new Map([[1, 'One is here. Two']]));
    start(hearing);
    say(hearing, 120);
    assert.equal(writes(stt), 0);
    await clock.advance(100);
    assert.equal(writes(stt), 50);
    stt.hears('partial', 1, 'One is hear');
    stt.hears('stable', 1, 'One is hear. Two');
    await clock.advance(200);
    assert.equal(writes(stt), 120);
    end(hearing);
    stt.hears('final', 1, 'One is hear. Two is there. Three too.');
    assert.deepEqual(told.segments, ['is there.', 'Three too.']);
    assert.deepEqual(told.endings, [undefined]);
  });
});

describe('a stream of one of several engines', () => {
  /** Notes what it is told. */
  function choiceOf(engine: string, silentAfterMs?: number) {
    const noted: string[] = [];
    const choice = {
      engine,
      outdone: false,
      silentAfterMs,
      heardFirst: (afterMs: number) => noted.push(`first word after ${afterMs}`),
      doubt: () => noted.push('doubted'),
      blame: ({ message }: Error) => noted.push(`blamed: ${message}`),
      believe: () => noted.push('believed'),
    };
    return { choice, noted };
  }

  it('is told how long it took to its first word', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { choice, noted } = choiceOf('a');
    stt.choice = choice;
    const { hearing } = await hear(t, stt, clock);
    start(hearing);
    await clock.advance(300);
    stt.hears('partial', 1, 'We');
    stt.hears('partial', 1, 'We will');
    assert.deepEqual(noted, ['first word after 300']);
  });

  it('is doubted and replaced when it hears no word for too long, and blamed when the next does', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { choice, noted } = choiceOf('a', 1_200);
    stt.choice = choice;
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 10);
    await clock.advance(1_199);
    assert.deepEqual(noted, []);
    stt.choice = choiceOf('b', 1_200).choice;
    await clock.advance(1);
    assert.deepEqual(noted, ['doubted']);
    assert.equal(writes(stt), 20, 'the next is given the sound again');
    stt.hears('partial', 1, 'We will');
    assert.deepEqual(noted, ['doubted', 'blamed: a heard nothing new within 1200 ms of speech']);
    end(hearing);
    stt.hears('final', 1, 'We will see.');
    assert.deepEqual(told.segments, ['We will see.']);
  });

  it('is doubted once for an utterance, and for nothing when there are no words in it', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { choice, noted } = choiceOf('a', 1_200);
    stt.choice = choice;
    const { hearing } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 10);
    await clock.advance(5_000);
    end(hearing);
    stt.hears('final', 1, '');
    assert.deepEqual(noted, ['doubted', 'believed']);
    assert.equal(stt.calls.filter((call) => call === 'open en').length, 2);
  });

  it('is blamed for a final that it owed and the next gives', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const { choice, noted } = choiceOf('a', 1_200);
    stt.choice = choice;
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 10);
    stt.hears('partial', 1, 'We will see.');
    end(hearing);
    await clock.advance(2_400);
    stt.hears('final', 1, 'We will see.');
    assert.deepEqual(noted.slice(1), ['doubted', 'blamed: a heard nothing new within 2400 ms of speech']);
    assert.deepEqual(told.segments, ['We will see.']);
  });

  it('gives way to a better engine between two utterances, without a loss', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    stt.choice = { ...choiceOf('second').choice, outdone: true };
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 1);
    end(hearing);
    stt.choice = choiceOf('first').choice;
    stt.hears('final', 1, 'One.');
    await clock.settle();
    assert.deepEqual(stt.calls.slice(-2), ['open en', 'close']);
    hearing.take({ type: 'started', utterance: 2, startMs: 0, overlapping: false });
    say(hearing, 1);
    end(hearing);
    stt.hears('final', 2, 'Two.');
    assert.deepEqual(told.segments, ['One.', 'Two.']);
    assert.deepEqual([told.replaced, told.failures], [[], 0]);
  });

  it('stays when the better engine cannot be had after all', async (t) => {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    stt.choice = { ...choiceOf('second').choice, outdone: true };
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    end(hearing);
    stt.openError = GONE;
    stt.hears('final', 1, 'One.');
    await clock.settle();
    hearing.take({ type: 'started', utterance: 2, startMs: 0, overlapping: false });
    end(hearing);
    stt.hears('final', 2, 'Two.');
    assert.deepEqual(told.segments, ['One.', 'Two.']);
    assert.equal(told.failures, 0);
  });
});
