import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import type { StreamChoice, SttStream, SttStreamOptions } from '../../../src/engines/stt/stt-engine.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { ScriptedStt } from '../scripted-engines.ts';
import { end, hear, say, start } from './heard-party.ts';

const GONE = new AppError('engine-died', 'gone');

/** What a test does to streams while they are opened, the first first. */
class OpeningStt extends ScriptedStt {
  readonly meanwhile: ((options: SttStreamOptions) => Promise<void>)[] = [];

  override async open(options: SttStreamOptions): Promise<SttStream> {
    const stream = await super.open(options);
    await this.meanwhile.shift()?.(options);
    return stream;
  }
}

/** The stream is over before whoever opens it has it. */
async function failsAtOnce({ onEvent }: SttStreamOptions): Promise<void> {
  onEvent({ type: 'failed', error: GONE });
}

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

  it('is given to the one after a stream that fails while it is opened', async (t) => {
    const clock = new FakeClock();
    const stt = new OpeningStt();
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 10);
    stt.meanwhile.push(failsAtOnce, failsAtOnce);
    stt.fails(GONE);
    await clock.advance(600);
    assert.deepEqual(
      stt.calls.slice(-13).filter((call) => !call.startsWith('write')),
      ['close', 'open en', 'start 1'],
    );
    assert.equal(writes(stt), 10 + 10);
    end(hearing);
    stt.hears('final', 1, 'We will see.');
    assert.deepEqual([told.segments, told.replaced, told.failures], [['We will see.'], ['gone'], 0]);
  });

  it('is not heard by a first stream that fails while it is opened: there is none yet', async (t) => {
    const stt = new OpeningStt();
    stt.meanwhile.push(failsAtOnce);
    await assert.rejects(hear(t, stt, new FakeClock()), GONE);
    assert.deepEqual(stt.calls, ['open en', 'close']);
  });

  it('stays with its stream when one that was given up in its favour fails late', async (t) => {
    const clock = new FakeClock();
    const stt = new OpeningStt();
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    say(hearing, 10);
    end(hearing);
    let fail = (_error: Error): void => {};
    stt.meanwhile.push(() => new Promise((_, reject) => (fail = reject)));
    stt.fails(GONE);
    await clock.advance(9_000);
    const opened = stt.opened.length;
    assert.equal(opened, 3, 'the final was owed for too long');
    fail(GONE);
    await clock.advance(1_000);
    assert.deepEqual([stt.opened.length, stt.calls.at(-1)], [opened, 'end']);
    stt.hears('final', 1, 'We will see.');
    assert.deepEqual([told.segments, told.failures], [['We will see.'], 0]);
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
  const LIMIT_MS = 1_200;
  const SECOND_LIMIT_MS = 600;

  /** Notes what it is told. */
  function choiceOf(engine: string, silentAfterMs?: number, isGeneral = false) {
    const noted: string[] = [];
    const choice: StreamChoice = {
      engine,
      outdone: false,
      silentAfterMs: (before) => silentAfterMs && silentAfterMs * (before === 'first-sign' ? 1 : 2),
      pausedFor: (longestMs) => noted.push(`paused for ${longestMs}`),
      heardFirst: (afterMs) => noted.push(`first sign after ${afterMs}`),
      doubt: () => {
        noted.push('doubted');
        return {
          isGeneral,
          right: ({ message }) => noted.push(`dead: ${message}`),
          wrong: () => noted.push('false alarm'),
          forget: () => noted.push('unknown'),
        };
      },
      blame: ({ message }) => noted.push(`blamed: ${message}`),
      tookOver: (lost) => noted.push(`took over from ${lost.engine}`),
    };
    return { choice, noted };
  }

  async function hearBy(t: TestContext, isGeneral = false) {
    const clock = new FakeClock();
    const stt = new ScriptedStt();
    const first = choiceOf('a', LIMIT_MS, isGeneral);
    stt.choice = first.choice;
    const { hearing, told } = await hear(t, stt, clock);
    start(hearing);
    /** Speaks for so long, frame by frame. */
    const speak = async (ms: number): Promise<void> => {
      for (let frame = 0; frame < ms / 20; frame += 1) {
        await clock.advance(20);
        say(hearing, 1);
      }
    };
    const streams = () => stt.opened.map(({ beside }) => beside);
    return { clock, stt, first, hearing, told, speak, streams };
  }

  const partial = (text: string) => ({ type: 'partial', utterance: 1, text, words: [] }) as const;
  const SAME = { engine: 'a', other: false };
  const OTHER = { engine: 'a', other: true };

  it('is told how long it took to its first sign of life', async (t) => {
    const { stt, speak, first } = await hearBy(t);
    await speak(300);
    stt.hears('partial', 1, 'We');
    stt.hears('partial', 1, 'We will');
    assert.deepEqual(first.noted, ['first sign after 300']);
  });

  it('has another of its engine asked beside it when it is silent for too long, and is beaten by its first words', async (t) => {
    const { clock, stt, speak, first, told, hearing, streams } = await hearBy(t);
    await speak(LIMIT_MS - 20);
    assert.deepEqual(streams(), [undefined]);
    const second = choiceOf('a', LIMIT_MS);
    stt.choice = second.choice;
    await speak(20);
    assert.deepEqual(streams(), [undefined, SAME]);
    assert.deepEqual(first.noted, ['doubted']);
    assert.equal(writes(stt), 2 * (LIMIT_MS / 20) - 10, 'it is given the last second of it at once');
    await clock.advance(100);
    stt.hears('partial', 1, 'We will');
    assert.deepEqual(second.noted, ['took over from a']);
    assert.equal(told.replaced.length, 1);
    await clock.advance(1_000);
    assert.deepEqual(first.noted, ['doubted', 'dead: a heard nothing new within 1200 ms of speech']);
    end(hearing);
    stt.hears('final', 1, 'We will see.');
    assert.deepEqual(told.segments, ['We will see.']);
  });

  it('goes on when it speaks after all, and who was asked beside it is closed', async (t) => {
    const { clock, stt, speak, first, told, hearing } = await hearBy(t);
    await speak(LIMIT_MS);
    stt.opened[0]?.onEvent({ type: 'listened', utterance: 1 });
    await clock.settle();
    assert.deepEqual(first.noted, ['doubted', 'false alarm']);
    assert.equal(stt.calls.at(-1), 'close');
    stt.opened[0]?.onEvent(partial('We will'));
    stt.opened[1]?.onEvent(partial('Not this.'));
    end(hearing);
    stt.opened[0]?.onEvent({ ...partial('We will see.'), type: 'final' });
    assert.deepEqual(told.segments, ['We will see.']);
    assert.deepEqual([told.replaced, told.failures], [[], 0]);
  });

  it('was doubted for nothing when it speaks a moment after it was beaten; what it says is not heard twice', async (t) => {
    const { stt, speak, first, told, hearing } = await hearBy(t);
    await speak(LIMIT_MS);
    stt.hears('partial', 1, 'We');
    stt.opened[0]?.onEvent(partial('We will'));
    assert.deepEqual(first.noted, ['doubted', 'took over from a', 'false alarm']);
    end(hearing);
    stt.hears('final', 1, 'We see.');
    assert.deepEqual([told.segments, told.endings], [['We see.'], [undefined]]);
  });

  it('has another engine asked when the second stream is silent, too', async (t) => {
    const { stt, speak, streams, told, hearing } = await hearBy(t);
    await speak(LIMIT_MS + SECOND_LIMIT_MS - 20);
    assert.deepEqual(streams(), [undefined, SAME]);
    stt.choice = choiceOf('b').choice;
    await speak(20);
    assert.deepEqual(streams(), [undefined, SAME, OTHER]);
    stt.hears('partial', 1, 'We will');
    end(hearing);
    stt.hears('final', 1, 'We will see.');
    assert.deepEqual(told.segments, ['We will see.']);
  });

  it('has another engine asked at once when others of its engine are silent as well', async (t) => {
    const { speak, streams } = await hearBy(t, true);
    await speak(LIMIT_MS);
    assert.deepEqual(streams(), [undefined, OTHER]);
  });

  it('has more patience, and no other engine asked, when it listens to what has no words', async (t) => {
    const { stt, speak, streams, first, told, hearing } = await hearBy(t);
    for (let part = 0; part < 3; part += 1) {
      assert.deepEqual(streams(), [undefined]);
      await speak(LIMIT_MS - 20);
      stt.opened[0]?.onEvent({ type: 'listened', utterance: 1 });
    }
    await speak(60);
    assert.deepEqual(streams(), [undefined, SAME]);
    stt.opened[1]?.onEvent({ type: 'listened', utterance: 1 });
    await speak(SECOND_LIMIT_MS);
    stt.opened[0]?.onEvent({ type: 'listened', utterance: 1 });
    assert.deepEqual(streams(), [undefined, SAME]);
    end(hearing);
    stt.opened[0]?.onEvent({ ...partial(''), type: 'final' });
    assert.deepEqual(first.noted.slice(1), ['doubted', 'paused for 1180', 'false alarm']);
    assert.deepEqual([told.endings, told.replaced], [[undefined], []]);
  });

  it('is beaten by words alone when it listens', async (t) => {
    const { stt, speak, told } = await hearBy(t);
    for (let part = 0; part < 4; part += 1) {
      await speak(LIMIT_MS - 20);
      stt.opened[0]?.onEvent({ type: 'listened', utterance: 1 });
    }
    assert.equal(told.replaced.length, 0);
    stt.hears('partial', 1, 'We will');
    assert.deepEqual(told.replaced, ['a listened, and heard no word within 3600 ms of speech']);
    assert.equal(told.captions.at(-1), 'We will');
  });

  it('is not doubted for a pause, nor for a stall of ours', async (t) => {
    const { clock, speak, streams, hearing } = await hearBy(t);
    await speak(1_000);
    hearing.take({ type: 'paused', silenceStartMs: 0, echoShare: 0 });
    await speak(1_000);
    hearing.take({ type: 'resumed' });
    await clock.advance(5_000);
    say(hearing, 250);
    assert.deepEqual(streams(), [undefined]);
    await speak(100);
    assert.deepEqual(streams(), [undefined, SAME]);
  });

  it('may take twice as long between words, and before a final that it owes', async (t) => {
    const { clock, stt, speak, streams, first, told, hearing } = await hearBy(t);
    stt.hears('partial', 1, 'We will see.');
    await speak(2 * LIMIT_MS - 20);
    stt.hears('partial', 1, 'We will see.');
    end(hearing);
    await clock.advance(2 * LIMIT_MS - 100);
    assert.deepEqual(streams(), [undefined]);
    await clock.advance(100);
    assert.deepEqual(streams(), [undefined, SAME]);
    await clock.advance(200);
    stt.hears('final', 1, 'We will see.');
    await clock.advance(1_000);
    assert.equal(first.noted.at(-1), 'dead: a heard nothing new within 2400 ms of speech');
    assert.deepEqual(told.segments, ['We will see.']);
  });

  it('is replaced at once by who is asked beside it when it ends', async (t) => {
    const { clock, stt, speak, streams, told } = await hearBy(t);
    await speak(LIMIT_MS);
    stt.opened[0]?.onEvent({ type: 'failed', error: GONE });
    await clock.advance(0);
    assert.deepEqual(streams(), [undefined, SAME]);
    stt.hears('partial', 1, 'We will');
    assert.deepEqual([told.replaced, told.captions.at(-1)], [['gone'], 'We will']);
  });

  it('stays when nobody else can be had', async (t) => {
    const { clock, stt, speak, streams, first, told } = await hearBy(t);
    stt.openError = GONE;
    await speak(LIMIT_MS);
    await clock.settle();
    assert.deepEqual(first.noted, ['doubted', 'unknown']);
    stt.hears('partial', 1, 'We will');
    assert.deepEqual([streams(), told.captions.at(-1)], [[undefined], 'We will']);
  });

  it('and who was asked beside it are closed with the hearing, whichever goes on', async (t) => {
    for (const beaten of [false, true]) {
      const { clock, stt, speak, hearing } = await hearBy(t);
      await speak(LIMIT_MS);
      if (beaten) {
        stt.hears('partial', 1, 'We will');
      }
      await hearing.close();
      assert.equal(stt.calls.filter((call) => call === 'close').length, 2);
      assert.equal(clock.pendingTimers, 0);
    }
  });

  it('is not taken back by who beats it before that has heard as much', async (t) => {
    const { stt, speak, told } = await hearBy(t);
    stt.hears('partial', 1, 'We will see');
    await speak(2 * LIMIT_MS);
    stt.hears('partial', 1, 'We');
    stt.hears('partial', 1, 'We will');
    assert.deepEqual([told.replaced.length, told.captions], [1, ['We will see']]);
    stt.hears('partial', 1, 'We will see you');
    assert.equal(told.captions.at(-1), 'We will see you');
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
