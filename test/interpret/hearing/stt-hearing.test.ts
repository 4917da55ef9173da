import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AppError } from '../../../src/base/errors.ts';
import { Conversation } from '../../../src/interpret/conversation.ts';
import type { Hearing } from '../../../src/interpret/hearing/hearing.ts';
import type { HearingSink } from '../../../src/interpret/hearing/hearing-sink.ts';
import { SttHearings } from '../../../src/interpret/hearing/stt-hearings.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { never } from '../../support/waiting.ts';
import { ScriptedStt } from '../scripted-engines.ts';

/** Keeps what it is told, in short. */
class Told implements HearingSink {
  readonly lines: string[] = [];
  #draft: string | undefined;

  began: HearingSink['began'] = ({ number }) => this.lines.push(`${number} began`);
  draft: HearingSink['draft'] = ({ number }, text) => {
    // The same again says nothing new.
    if (text !== this.#draft) {
      this.#draft = text;
      this.lines.push(`${number} draft ${text}`);
    }
  };
  segment: HearingSink['segment'] = ({ number }, text, cutMs) =>
    this.lines.push(`${number} segment ${text} at ${cutMs}`);
  switched: HearingSink['switched'] = ({ number, spokenLanguage }) =>
    this.lines.push(`${number} in ${spokenLanguage}`);
  ended: HearingSink['ended'] = ({ number, text }, failure) =>
    this.lines.push(`${number} ended ${text}${failure === undefined ? '' : ` (${failure.message})`}`);
}

interface Heard {
  readonly clock: FakeClock;
  readonly stt: ScriptedStt;
  readonly hearing: Hearing;
  readonly told: Told;
  /** Ends the subscription. */
  leave(): void;
}

async function hear(test: TestContext): Promise<Heard> {
  const clock = new FakeClock();
  const stt = new ScriptedStt();
  const hearing = await new SttHearings(stt, clock).open(
    {
      from: 'en',
      alsoLanguages: [],
      policy: 'clause',
      terms: [],
      lines: new Conversation().of('speaker'),
      onEvent: () => {},
    },
    never(),
  );
  test.after(() => hearing.close());
  const told = new Told();
  const subscription = new AbortController();
  hearing.subscribe(told, subscription.signal);
  return { clock, stt, hearing, told, leave: () => subscription.abort() };
}

function start(hearing: Hearing, utterance: number): void {
  hearing.take({ type: 'started', utterance, startMs: 1_000, overlapping: false });
}

function end(hearing: Hearing): void {
  hearing.take({ type: 'ended', endMs: 1_000, decidedMs: 1_000, echoShare: 0 });
}

describe('SttHearing', () => {
  it('tells when what it cuts off was said: one piece after the other, the last up to the end of speech', async (t) => {
    const { clock, stt, hearing } = await hear(t);
    const said: unknown[] = [];
    const none = (): void => {};
    const sink = { began: none, draft: none, switched: none, ended: none };
    hearing.subscribe({ ...sink, segment: (utterance) => said.push(utterance.said) }, never());
    start(hearing, 1);
    await clock.advance(4_000);
    const cutMs = clock.nowMs();
    stt.hears('stable', 1, 'I see. And');
    await clock.advance(1_500);
    hearing.take({ type: 'ended', endMs: cutMs + 900, decidedMs: cutMs + 1_500, echoShare: 0 });
    stt.hears('final', 1, 'I see. And then');
    assert.deepEqual(said, [
      // The engine tells no times: what it has heard was said half a second ago.
      { fromMs: 1_000, toMs: cutMs - 500 },
      { fromMs: cutMs - 500, toMs: cutMs + 900 },
    ]);
  });

  it('tells of drafts and segments as they come, and of the end last', async (t) => {
    const { stt, hearing, told } = await hear(t);
    start(hearing, 1);
    stt.hears('partial', 1, 'I see. And');
    stt.hears('stable', 1, 'I see. And');
    end(hearing);
    stt.hears('final', 1, 'I see. And then');
    assert.deepEqual(told.lines, [
      '1 began',
      '1 draft I see.',
      '1 segment I see. at 1000',
      '1 draft undefined',
      '1 segment And then at 1000',
      '1 ended I see. And then',
    ]);
  });

  it('tells of drafts of the utterance that was begun last only', async (t) => {
    const { stt, hearing, told } = await hear(t);
    start(hearing, 1);
    end(hearing);
    start(hearing, 2);
    stt.hears('partial', 2, 'We go. Or');
    stt.hears('partial', 1, 'I see. And');
    stt.hears('stable', 1, 'I see. And');
    assert.deepEqual(told.lines, ['1 began', '2 began', '2 draft We go.', '1 segment I see. at 1000']);
  });

  it('forgets at once what was worked on ahead when it turns out to be no speech, and cuts nothing off it', async (t) => {
    const { stt, hearing, told } = await hear(t);
    start(hearing, 1);
    stt.hears('partial', 1, 'tra la. La');
    hearing.take({ type: 'was-none' });
    assert.deepEqual(told.lines, ['1 began', '1 draft tra la.', '1 draft undefined']);
    stt.hears('partial', 1, 'tra la di. La la');
    stt.hears('stable', 1, 'tra la di. La la');
    end(hearing);
    stt.hears('final', 1, 'tra la di. La la.');
    assert.deepEqual(told.lines.slice(3), ['1 ended tra la di. La la.']);
  });

  it('tells of another language once, and not when something has been cut off before', async (t) => {
    const { stt, hearing, told } = await hear(t);
    start(hearing, 1);
    stt.speaks(1, 'en-GB');
    stt.speaks(1, 'es');
    stt.speaks(1, 'fr');
    end(hearing);
    start(hearing, 2);
    stt.hears('stable', 2, 'I see. And');
    stt.speaks(2, 'es');
    assert.deepEqual(told.lines, ['1 began', '1 in es', '2 began', '2 segment I see. at 1000']);
  });

  it('tells who comes while an utterance goes on nothing of it', async (t) => {
    const { stt, hearing } = await hear(t);
    start(hearing, 1);
    stt.hears('partial', 1, 'I see. And');
    const late = new Told();
    hearing.subscribe(late, never());
    stt.hears('stable', 1, 'I see. And');
    end(hearing);
    stt.hears('final', 1, 'I see.');
    start(hearing, 2);
    assert.deepEqual(late.lines, ['2 began']);
  });

  it('tells who has left nothing more', async (t) => {
    const { stt, hearing, told, leave } = await hear(t);
    start(hearing, 1);
    leave();
    stt.hears('stable', 1, 'I see. And');
    start(hearing, 2);
    assert.deepEqual(told.lines, ['1 began']);
  });

  it('ends what is open when recognition fails for good, and takes nothing after', async (t) => {
    const { clock, stt, hearing, told } = await hear(t);
    start(hearing, 1);
    end(hearing);
    start(hearing, 2);
    stt.hears('partial', 2, 'we will');
    for (const pauseMs of [0, 200, 400, 0]) {
      stt.fails(new AppError('engine-died', 'gone'));
      await clock.advance(pauseMs);
    }
    const asked = stt.calls.length;
    hearing.take({ type: 'audio', pcm: new Int16Array(320) });
    end(hearing);
    start(hearing, 3);
    stt.hears('final', 1, 'late');
    await clock.advance(60_000);
    assert.deepEqual(told.lines, [
      '1 began',
      '2 began',
      '2 segment we will at 1600',
      '1 ended  (gone)',
      '2 ended we will (gone)',
    ]);
    assert.equal(stt.calls.length, asked);
  });

  it('may be closed by whom it tells of a segment', async (t) => {
    const { clock, stt, hearing, told } = await hear(t);
    start(hearing, 1);
    told.segment = () => {
      told.lines.push('enough');
      void hearing.close();
    };
    stt.hears('stable', 1, 'I see. And then we');
    assert.deepEqual(told.lines, ['1 began', 'enough']);
    assert.equal(clock.pendingTimers, 0);
  });

  it('tells nothing once it is closed, and leaves no timer', async (t) => {
    const { clock, stt, hearing, told } = await hear(t);
    start(hearing, 1);
    end(hearing);
    start(hearing, 2);
    stt.hears('partial', 2, 'we will see');
    assert.ok(clock.pendingTimers > 1, 'a final is owed, and time alone may tell more');
    const lines = told.lines.length;
    await Promise.all([hearing.close(), hearing.close()]);
    assert.equal(clock.pendingTimers, 0);
    stt.hears('final', 2, 'we will see.');
    start(hearing, 3);
    assert.equal(told.lines.length, lines);
    assert.deepEqual(stt.calls.slice(-2), ['start 2', 'close']);
  });
});
