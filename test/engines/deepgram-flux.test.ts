import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { Secret } from '../../src/base/secret.ts';
import { DeepgramEngine, type DeepgramSettings } from '../../src/engines/stt/deepgram/deepgram-engine.ts';
import type { SttEvent, SttStream } from '../../src/engines/stt/stt-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type DeepgramStandIn, type DeepgramStandInOptions, startDeepgram } from '../stand-ins/deepgram.ts';
import { type DeepgramScript, spoken } from '../stand-ins/deepgram-ear.ts';
import { inARow, silence, tone } from '../stand-ins/deepgram-sounds.ts';
import { EventLog, testSignal } from './events.ts';
import { speak } from './stt-contract.ts';

/** What a stream has sent before its first utterance, in ms: one chunk of silence. */
const LEAD_MS = 80;

function saying(...texts: readonly string[]): DeepgramScript {
  return {
    type: 'bursts',
    choose: ({ burst }) => {
      const text = texts[burst];
      return text === undefined ? undefined : spoken(text);
    },
  };
}

interface Started {
  readonly server: DeepgramStandIn;
  readonly stream: SttStream;
  readonly log: EventLog;
  readonly clock: FakeClock;
}

/** A stream on a server of its own, on a clock that stands still; all is closed with the test. */
async function start(
  test: TestContext,
  options: DeepgramStandInOptions = {},
  settings: Partial<DeepgramSettings> = {},
): Promise<Started> {
  const clock = new FakeClock();
  const server = await startDeepgram(options);
  const engine = new DeepgramEngine({
    clock,
    apiKey: new Secret('stand-in-key'),
    url: server.url,
    model: 'flux-general-en',
    ...settings,
  });
  test.after(async () => {
    await engine.close();
    await server.close();
  });
  const log = new EventLog();
  const stream = await engine.open({ language: 'en', onEvent: log.onEvent }, testSignal());
  return { server, log, stream, clock };
}

function write(stream: SttStream, pcm: Int16Array): void {
  for (let at = 0; at < pcm.length; at += 320) {
    stream.write(pcm.slice(at, at + 320));
  }
}

function heardMs(server: DeepgramStandIn): number {
  return server.connections[0]?.heardMs ?? 0;
}

/** Each event in short: its type and text. */
function story(events: readonly SttEvent[]): readonly string[] {
  return events.map((event) => ('text' in event ? `${event.type} ${event.text}` : event.type));
}

describe('a Flux stream', () => {
  it('says what it hears, that the speaker may be done, and that the speaker is', async (test) => {
    const { stream, log } = await start(test, { script: saying('shall we go?') });
    speak(stream, 1, inARow(tone(300, 850), silence(600)));
    await log.until('final');
    assert.deepEqual(story(log.events), [
      'partial shall',
      'partial shall we',
      'partial shall we go?',
      'likely-end',
      'stable shall we go?',
      'final shall we go?',
    ]);
  });

  it('goes on when the speaker was not done after all', async (test) => {
    const { stream, log } = await start(test, { script: saying('shall we', 'or not') });
    // 320 ms of silence: enough for a doubt, and for the next scripted words, but not for the end of a turn.
    speak(stream, 1, inARow(tone(300, 550), silence(320), tone(300, 550), silence(600)));
    await log.until('final');
    const told = story(log.events);
    assert.equal(told.filter((line) => line === 'likely-end').length, 2);
    assert.ok(told.indexOf('likely-end') < told.indexOf('partial shall we or'));
    assert.deepEqual(told.slice(-2), ['stable shall we or not', 'final shall we or not']);
  });

  it('makes one utterance of several turns', async (test) => {
    const { stream, log } = await start(test, { script: saying('first turn.', 'second turn.') });
    speak(stream, 1, inARow(tone(300, 550), silence(560), tone(300, 550), silence(600)));
    const final = await log.until('final');
    assert.equal(final.text, 'first turn. second turn.');
    assert.deepEqual(
      log.events.flatMap((event) => (event.type === 'stable' ? [event.text] : [])),
      ['first turn.', 'first turn. second turn.'],
    );
    assert.deepEqual(
      final.words.map(({ startMs }) => Math.round(startMs)),
      [0, 300, 1_110, 1_410],
    );
  });

  it('sends silence at the pace of sound until the turn has ended, and no longer', async (test) => {
    const { stream, log, server, clock } = await start(test, { script: saying('no pause at all') });
    speak(stream, 1, tone(300, 1_200));
    const spokenMs = LEAD_MS + 1_200;
    for (let chunk = 1; chunk <= 5; chunk += 1) {
      await clock.advance(80);
      await server.until(() => heardMs(server) === spokenMs + chunk * 80);
    }
    assert.equal((await log.until('final')).text, 'no pause at all');
    await clock.advance(1_000);
    await turnOfLoop();
    assert.equal(heardMs(server), spokenMs + 400);
  });

  it('does not wait when the turn has ended before the utterance', async (test) => {
    const { stream, log, server } = await start(test, { script: saying('done.') });
    stream.startUtterance(1);
    write(stream, inARow(tone(300, 400), silence(560)));
    await log.until('stable');
    write(stream, silence(80));
    await server.until(() => heardMs(server) >= LEAD_MS + 960);
    stream.endUtterance();
    assert.equal(log.events.at(-1)?.type, 'stable');
    await turnOfLoop();
    assert.equal(log.events.at(-1)?.type, 'final');
  });

  it('divides a turn that goes on in the next utterance', async (test) => {
    const { stream, log } = await start(test, {
      script: saying('one two three four five six'),
    });
    speak(stream, 1, tone(300, 900));
    speak(stream, 2, inARow(tone(300, 900), silence(600)));
    const [one, two] = [await log.until('final', 1), await log.until('final', 2)];
    assert.deepEqual([one.text, two.text], ['one two three', 'four five six']);
    assert.deepEqual(
      two.words.map(({ startMs }) => Math.round(startMs)),
      [0, 300, 600],
    );
  });

  it('spreads words over their turn when the server gives no times', async (test) => {
    const { stream, log } = await start(test, { script: saying('one two'), fluxWordTimes: false });
    speak(stream, 1, inARow(tone(300, 600), silence(600)));
    const { words, text } = await log.until('final');
    assert.equal(text, 'one two');
    assert.equal(words.length, 2);
    assert.ok((words[0]?.startMs ?? -1) >= 0 && (words[1]?.endMs ?? 9_999) <= 1_200);
  });

  it('keeps a silent connection alive with silence, for Flux knows no KeepAlive', async (test) => {
    const { server, clock } = await start(test);
    await clock.advance(8_000);
    await server.until(() => heardMs(server) === LEAD_MS + 160);
    assert.deepEqual(server.connections[0]?.messages, []);
    assert.deepEqual(server.connections[0]?.chunksMs, [80, 80, 80]);
  });

  it('says each word once though the server says everything twice', async (test) => {
    const { stream, log } = await start(test, { script: saying('first.', 'second.'), repeats: true });
    speak(stream, 1, inARow(tone(300, 550), silence(560), tone(300, 550), silence(600)));
    assert.equal((await log.until('final')).text, 'first. second.');
  });

  it('says when the speaker speaks another language', async (test) => {
    const script: DeepgramScript = {
      type: 'bursts',
      choose: () => ({ ...spoken('buenos días'), language: 'es' }),
    };
    const { stream, log } = await start(test, { script }, { model: 'flux-general-multi' });
    speak(stream, 3, inARow(tone(300, 850), silence(600)));
    await log.until('final');
    assert.deepEqual(
      log.events.filter(({ type }) => type === 'language'),
      [{ type: 'language', utterance: 3, language: 'es' }],
    );
  });

  it('hears noise as nothing', async (test) => {
    const { stream, log } = await start(test);
    speak(stream, 1, inARow(tone(300, 850), silence(600)));
    assert.deepEqual(story([await log.until('final'), ...log.events.slice(1)]), ['final ']);
  });
});

describe('a Flux stream that goes wrong', () => {
  it('fails when a final does not come', async (test) => {
    const { stream, log, clock } = await start(test, { fault: { type: 'silent' } });
    speak(stream, 1, tone(300, 500));
    await clock.advance(4_999);
    assert.deepEqual(log.events, []);
    await clock.advance(1);
    const { error } = await log.until('failed');
    assert.equal('code' in error && error.code, 'engine-timeout');
    await stream.close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('fails with the code of an error that the server reports, without its words', async (test) => {
    const { stream, log } = await start(test, {
      fault: {
        type: 'garbage',
        afterMs: 300,
        text: '{"type":"Error","code":"INTERNAL_SERVER_ERROR","description":"secret"}',
      },
    });
    speak(stream, 1, tone(300, 500));
    const { error } = await log.until('failed');
    assert.equal('code' in error && error.code, 'engine-died');
    assert.match(error.message, /INTERNAL_SERVER_ERROR/);
    assert.doesNotMatch(error.message, /secret/);
  });

  it('fails over a turn about sound that was not sent, after which all would be heard already', async (test) => {
    const turn = { event: 'Update', turn_index: 0, audio_window_start: 0, audio_window_end: 60 };
    const { stream, log } = await start(test, {
      fault: {
        type: 'garbage',
        afterMs: 300,
        text: JSON.stringify({ type: 'TurnInfo', ...turn, transcript: '', words: [] }),
      },
    });
    speak(stream, 1, tone(300, 500));
    const { error } = await log.until('failed');
    assert.equal('code' in error && error.code, 'engine-bad-answer');
    assert.match(error.message, /sound that was not sent/);
  });

  it('fails over a turn that is none', async (test) => {
    const { stream, log } = await start(test, {
      fault: { type: 'garbage', afterMs: 300, text: '{"type":"TurnInfo","event":7}' },
    });
    speak(stream, 1, tone(300, 500));
    const { error } = await log.until('failed');
    assert.equal('code' in error && error.code, 'engine-bad-answer');
  });
});
