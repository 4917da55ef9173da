import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, codeOf } from '../../src/base/errors.ts';
import type { SttEvent } from '../../src/engines/stt/stt-engine.ts';
import { type Recogniser, UtteranceStream } from '../../src/engines/stt/utterance-stream.ts';
import { FAKE_START_MS, FakeClock } from '../base/fake-clock.ts';

/** A recogniser that does what the test says, and keeps what it was told. */
class Puppet implements Recogniser {
  readonly told: string[] = [];
  ready = true;
  dueMs: number | undefined;
  onEnd: (utterance: number) => void = () => {};
  onOverdue: () => void = () => {};

  start(): void {
    this.told.push('start');
  }

  send(pcm: Int16Array): void {
    this.told.push(`send ${pcm.length / 16}`);
  }

  begin(utterance: number): void {
    this.told.push(`begin ${utterance}`);
  }

  skip(lostMs: number): void {
    this.told.push(`skip ${lostMs}`);
  }

  pause(): void {
    this.told.push('pause');
  }

  end(utterance: number): void {
    this.told.push(`end ${utterance}`);
    this.onEnd(utterance);
  }

  overdue(): void {
    this.told.push('overdue');
    this.onOverdue();
  }

  async close(): Promise<void> {
    this.told.push('close');
  }
}

function begin() {
  const clock = new FakeClock();
  const puppet = new Puppet();
  const events: SttEvent[] = [];
  const stream = UtteranceStream.start(
    {
      name: 'puppet',
      clock,
      onEvent: (event) => events.push(event),
      chunkMs: 40,
      backlogLimitMs: 100,
      answerTimeoutMs: 5_000,
    },
    () => puppet,
  );
  const shown = (): readonly string[] =>
    events.map((event) =>
      event.type === 'failed' ? `failed ${event.error.message}` : `${event.type} ${event.utterance}`,
    );
  return { clock, puppet, stream, events, shown };
}

const FRAME_MS = 20;

function speak(stream: UtteranceStream, utterance: number, lengthMs: number): void {
  stream.startUtterance(utterance);
  for (let atMs = 0; atMs < lengthMs; atMs += FRAME_MS) {
    stream.write(new Int16Array(FRAME_MS * 16));
  }
  stream.endUtterance();
}

describe('UtteranceStream', () => {
  it('tells the recogniser everything in the order of the audio', () => {
    const { puppet, stream } = begin();
    stream.startUtterance(1);
    stream.write(new Int16Array(960));
    stream.flush();
    stream.write(new Int16Array(320));
    stream.endUtterance();
    assert.deepEqual(puppet.told, ['start', 'begin 1', 'send 40', 'send 20', 'pause', 'send 20', 'end 1']);
    assert.equal(stream.sentMs, 80);
  });

  it('takes audio and pauses inside utterances only', () => {
    const { puppet, stream } = begin();
    stream.write(new Int16Array(640));
    stream.flush();
    stream.endUtterance();
    assert.deepEqual(puppet.told, ['start']);
  });

  it('gives finals in the order of their utterances, not of their answers, once each', async () => {
    const { clock, stream, shown } = begin();
    speak(stream, 1, 40);
    speak(stream, 2, 40);
    stream.settle(2, { text: 'two', words: [] });
    await clock.advance(0);
    assert.deepEqual(shown(), []);
    stream.settle(1, { text: 'one', words: [] });
    stream.settle(1, { text: 'one again', words: [] });
    await clock.advance(0);
    assert.deepEqual(shown(), ['final 1', 'final 2']);
  });

  it('gives no final from inside the call that ends its utterance', async () => {
    const { clock, puppet, stream, shown } = begin();
    puppet.onEnd = (utterance) => stream.settle(utterance, { text: '', words: [] });
    speak(stream, 1, 0);
    assert.deepEqual(shown(), []);
    await clock.advance(0);
    assert.deepEqual(shown(), ['final 1']);
  });

  it('fails once, closes the recogniser, and says and does nothing after', async () => {
    const { clock, puppet, stream, shown } = begin();
    speak(stream, 1, 40);
    stream.settle(1, { text: 'one', words: [] });
    stream.fail(new AppError('engine-died', 'gone'));
    stream.fail(new AppError('engine-died', 'gone again'));
    stream.emit({ type: 'likely-end', utterance: 1 });
    speak(stream, 2, 40);
    await clock.advance(60_000);
    await stream.ended;
    assert.deepEqual(shown(), ['failed gone']);
    assert.deepEqual(puppet.told.slice(-2), ['end 1', 'close']);
  });

  it('fails with what cannot be understood', () => {
    const { stream, shown } = begin();
    const made = stream.attempt(() => {
      throw new AppError('engine-bad-answer', 'nonsense');
    });
    assert.deepEqual([made, shown()], [undefined, ['failed nonsense']]);
  });

  it('holds audio back while the recogniser is not ready, and counts what it drops with what that one dropped', () => {
    const { puppet, stream } = begin();
    puppet.ready = false;
    speak(stream, 1, 160);
    assert.equal(stream.droppedMs, 60);
    stream.dropped(5);
    assert.equal(stream.droppedMs, 65);
    puppet.ready = true;
    stream.goOn();
    assert.deepEqual(puppet.told.slice(1), [
      'begin 1',
      'skip 20',
      'skip 20',
      'skip 20',
      'send 40',
      'send 40',
      'send 20',
      'end 1',
    ]);
  });

  it('fails when the recogniser takes no audio for too long, though it says nothing of owing', async () => {
    const { clock, puppet, stream, events } = begin();
    stream.startUtterance(1);
    await clock.advance(60_000);
    puppet.ready = false;
    stream.write(new Int16Array(320));
    await clock.advance(4_999);
    assert.equal(events.length, 0);
    await clock.advance(1);
    assert.deepEqual(
      events.map((event) => event.type === 'failed' && codeOf(event.error)),
      ['engine-timeout'],
    );
    assert.equal(clock.pendingTimers, 0);
  });

  it('fails over what cannot have been heard in the sound that was given, and says nothing of it', async () => {
    const late = { text: 'one', startMs: 59_000, endMs: 60_000 };
    const impossible = [
      { text: 'secret '.repeat(200_000), words: [] },
      { text: 'one', words: [late] },
      { text: 'one', words: [{ ...late, endMs: Number.NaN }] },
    ];
    for (const heard of impossible) {
      const early = begin();
      early.stream.startUtterance(1);
      early.stream.write(new Int16Array(320));
      early.stream.emit({ type: 'partial', utterance: 1, ...heard });
      const final = begin();
      speak(final.stream, 1, 40);
      final.stream.settle(1, heard);
      assert.deepEqual(final.events, [], 'not from inside a call');
      await final.clock.advance(0);
      for (const { events } of [early, final]) {
        assert.deepEqual(
          events.map((event) => (event.type === 'failed' ? codeOf(event.error) : event.type)),
          ['engine-bad-answer'],
        );
        assert.doesNotMatch(JSON.stringify(events), /secret/);
      }
    }
  });

  it('asks the recogniser when its answer is overdue, not before, and leaves no timer behind', async () => {
    const { clock, puppet, stream } = begin();
    puppet.dueMs = FAKE_START_MS + 300;
    puppet.onOverdue = () => {
      puppet.dueMs = undefined;
    };
    speak(stream, 1, 40);
    await clock.advance(299);
    assert.ok(!puppet.told.includes('overdue'));
    await clock.advance(1);
    assert.equal(puppet.told.filter((each) => each === 'overdue').length, 1);
    puppet.dueMs = FAKE_START_MS + 1_000;
    stream.goOn();
    await stream.close();
    assert.equal(clock.pendingTimers, 0);
  });
});
