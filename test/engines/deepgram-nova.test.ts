import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { Secret } from '../../src/base/secret.ts';
import { DeepgramEngine, type DeepgramSettings } from '../../src/engines/stt/deepgram/deepgram-engine.ts';
import type { SttStream } from '../../src/engines/stt/stt-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type DeepgramStandIn, type DeepgramStandInOptions, startDeepgram } from '../stand-ins/deepgram.ts';
import { type DeepgramScript, spoken } from '../stand-ins/deepgram-ear.ts';
import { inARow, silence, tone } from '../stand-ins/deepgram-sounds.ts';
import { EventLog, testSignal } from './events.ts';
import { patientClock } from './patient-clock.ts';
import { speak } from './stt-contract.ts';

/** What a stream has sent before its first utterance, in ms: one chunk of silence. */
const LEAD_MS = 20;

const SPEECH = tone(300, 1_500);

/** Each stretch of sound says the next of `texts`. */
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
}

/** A stream on a server of its own; all is closed with the test. */
async function start(
  test: TestContext,
  options: DeepgramStandInOptions = {},
  settings: Partial<DeepgramSettings> = {},
  language = 'en',
): Promise<Started> {
  const server = await startDeepgram(options);
  const engine = new DeepgramEngine({
    clock: patientClock,
    apiKey: new Secret('stand-in-key'),
    url: server.url,
    ...settings,
  });
  test.after(async () => {
    await engine.close();
    await server.close();
  });
  const log = new EventLog();
  return { server, log, stream: await engine.open({ language, onEvent: log.onEvent }, testSignal()) };
}

function write(stream: SttStream, pcm: Int16Array): void {
  for (let at = 0; at < pcm.length; at += 320) {
    stream.write(pcm.slice(at, at + 320));
  }
}

function messagesOf(server: DeepgramStandIn): readonly string[] {
  return server.connections[0]?.messages.map(({ type }) => type) ?? [];
}

/** What a failed stream says, with its code. */
async function failure(log: EventLog): Promise<string> {
  const { error } = await log.until('failed');
  return `${'code' in error ? error.code : ''}: ${error.message}`;
}

/** A message of Results with words as text, start and end in s. */
function results(window: object, words: readonly (readonly [string, number, number])[]): string {
  const heard = words.map(([word, start, end]) => ({ word, start, end, confidence: 1 }));
  const transcript = words.map(([word]) => word).join(' ');
  return JSON.stringify({
    ...{ type: 'Results', ...window },
    channel: { alternatives: [{ transcript, confidence: 1, words: heard }] },
  });
}

describe('a Nova stream', () => {
  it('says what it hears so far, then what stays, then all of it', async (test) => {
    const { stream, log } = await start(test, { script: saying('we meet on Friday, at nine.') });
    speak(stream, 1, inARow(tone(300, 1_900), silence(600)));
    const final = await log.until('final');
    const partials = log.events.filter((event) => event.type === 'partial').map(({ text }) => text);
    assert.deepEqual(partials, [
      'we',
      'we meet',
      'we meet on',
      'we meet on Friday,',
      'we meet on Friday, at',
      'we meet on Friday, at nine.',
      // Heard again in the silence after it.
      'we meet on Friday, at nine.',
    ]);
    assert.equal((await log.until('stable')).text, 'we meet on Friday, at nine.');
    assert.equal(final.text, 'we meet on Friday, at nine.');
    assert.deepEqual(
      log.events.slice(-2).map(({ type }) => type),
      ['stable', 'final'],
    );
  });

  it('leaves out a word or two that it doubts, in all that it says', async (test) => {
    const doubted = spoken('huh').words.map((word) => ({ ...word, confidence: 0.2 }));
    const { stream, log } = await start(test, {
      script: { type: 'bursts', choose: () => ({ words: doubted }) },
    });
    speak(stream, 1, inARow(tone(300, 900), silence(600)));
    assert.equal((await log.until('final')).text, '');
    assert.deepEqual(
      log.events.map(({ type }) => type),
      ['final'],
    );
  });

  it('revises what is not settled, and what is stable only grows', async (test) => {
    const { words } = spoken('I saw a ship today and then another one');
    const mended = words.map((word) =>
      word.text === 'ship' ? { ...word, mistaken: { text: 'sheep', untilMs: 1_700 } } : word,
    );
    const { stream, log } = await start(test, {
      script: { type: 'bursts', choose: () => ({ words: mended }) },
      settleEveryMs: 2_000,
    });
    speak(stream, 1, inARow(tone(300, 2_700), silence(600)));
    await log.until('final');
    const texts = (type: string): string[] =>
      log.events.flatMap((event) => (event.type === type && 'text' in event ? [event.text] : []));
    assert.ok(texts('partial').includes('I saw a sheep'));
    assert.deepEqual(texts('stable'), ['I saw a ship today and', 'I saw a ship today and then another one']);
  });

  it('settles what was said when the speaker pauses, and goes on in the same utterance', async (test) => {
    const { stream, log, server } = await start(test, { script: saying('first half', 'second half') });
    stream.startUtterance(1);
    write(stream, inARow(tone(300, 700), silence(200)));
    stream.flush();
    assert.equal((await log.until('stable')).text, 'first half');
    write(stream, inARow(silence(200), tone(300, 700), silence(200)));
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'first half second half');
    assert.deepEqual(messagesOf(server), ['Finalize', 'Finalize']);
  });

  it('asks once for what has been asked for', async (test) => {
    const { stream, log, server } = await start(test, { script: saying('that is all') });
    stream.startUtterance(1);
    write(stream, inARow(tone(300, 900), silence(200)));
    stream.flush();
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'that is all');
    assert.deepEqual(messagesOf(server), ['Finalize']);
  });

  it('gives the final at once, though not within the call, when all is settled already', async (test) => {
    const { stream, log, server } = await start(test, { script: saying('that is all') });
    stream.startUtterance(1);
    write(stream, inARow(tone(300, 900), silence(200)));
    stream.flush();
    await log.until('stable');
    stream.endUtterance();
    assert.equal(log.events.at(-1)?.type, 'stable');
    await turnOfLoop();
    assert.equal(log.events.at(-1)?.type, 'final');
    assert.deepEqual(messagesOf(server), ['Finalize']);
  });

  it('does not wait for the answer about a short silent end, which may never come', async (test) => {
    const clock = new FakeClock();
    const { stream, log, server } = await start(
      test,
      { script: saying('that is all'), finalizeLeastMs: 250 },
      { clock },
    );
    stream.startUtterance(1);
    write(stream, inARow(tone(300, 900), silence(200)));
    stream.flush();
    await log.until('stable');
    write(stream, silence(200));
    stream.endUtterance();
    await server.until(() => messagesOf(server).length === 2);
    await clock.advance(299);
    assert.equal(log.events.at(-1)?.type, 'stable');
    await clock.advance(1);
    assert.equal((await log.until('final')).text, 'that is all');
  });

  it('gives a late result to the utterance it is about, though the next has begun', async (test) => {
    const { stream, log } = await start(test, { script: saying('one', 'two'), finalDelayMs: 100 });
    speak(stream, 1, inARow(tone(300, 600), silence(600)));
    stream.startUtterance(2);
    write(stream, tone(300, 600));
    const first = await log.until('final', 1);
    assert.deepEqual([first.text, first.words.length], ['one', 1]);
    write(stream, silence(600));
    stream.endUtterance();
    assert.equal((await log.until('final', 2)).text, 'two');
    const strayed = log.events.filter(
      (event) => 'text' in event && event.text.includes('one') !== (event.utterance === 1),
    );
    assert.deepEqual(strayed, []);
  });

  it('splits a result that straddles two utterances by the times of its words', async (test) => {
    // The server settles each 2 s, whatever it is asked; the first utterance ends 1 s after the lead.
    const { stream, log } = await start(test, {
      script: { type: 'stream', speech: spoken('a b c d e f', LEAD_MS, 300) },
      settleEveryMs: 2_000,
      finalizeLeastMs: Number.POSITIVE_INFINITY,
    });
    speak(stream, 1, silence(900));
    speak(stream, 2, silence(2_000 - LEAD_MS - 900));
    const [one, two] = [await log.until('final', 1), await log.until('final', 2)];
    assert.deepEqual([one.text, two.text], ['a b c', 'd e f']);
    assert.deepEqual(
      two.words.map(({ startMs, endMs }) => [Math.round(startMs), Math.round(endMs)]),
      [
        [0, 250],
        [300, 550],
        [600, 850],
      ],
    );
  });

  it('loses nothing of what is said after a silence whose result reaches 100 ms too far', async (test) => {
    const { stream, log } = await start(test, {
      script: saying('we begin now', 'and here we go on'),
      overreachMs: 100,
      settleEveryMs: 500,
    });
    stream.startUtterance(1);
    write(stream, inARow(tone(300, 1_000), silence(1_100)));
    stream.flush();
    write(stream, inARow(tone(300, 1_600), silence(600)));
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'we begin now and here we go on');
  });

  it('says each word once though the server says everything twice', async (test) => {
    const { stream, log } = await start(test, { script: saying('one two', 'three four'), repeats: true });
    speak(stream, 1, inARow(SPEECH, silence(600)));
    speak(stream, 2, inARow(SPEECH, silence(600)));
    assert.equal((await log.until('final', 1)).text, 'one two');
    assert.equal((await log.until('final', 2)).text, 'three four');
    assert.equal(log.events.filter(({ type }) => type === 'final').length, 2);
  });

  it('hears noise as nothing', async (test) => {
    const { stream, log } = await start(test);
    speak(stream, 1, inARow(SPEECH, silence(600)));
    assert.equal((await log.until('final')).text, '');
    assert.equal(log.events.length, 1);
  });

  it('says when the speaker speaks another language, and when no more', async (test) => {
    const languages = ['es', 'es', 'en'];
    const { stream, log } = await start(test, {
      script: {
        type: 'bursts',
        choose: ({ burst }) => ({ ...spoken('palabra'), language: languages[burst] ?? 'en' }),
      },
    });
    speak(stream, 1, inARow(SPEECH, silence(600), SPEECH, silence(600), SPEECH, silence(600)));
    await log.until('final');
    assert.deepEqual(
      log.events.flatMap((event) => (event.type === 'language' ? [event.language] : [])),
      ['es', 'en'],
    );
  });

  it('sends each frame as it comes, and never an empty chunk', async (test) => {
    const { stream, log, server } = await start(test);
    stream.startUtterance(1);
    stream.write(new Int16Array(0));
    write(stream, silence(100));
    stream.flush();
    stream.flush();
    write(stream, silence(40));
    stream.endUtterance();
    await log.until('final');
    assert.deepEqual(server.connections[0]?.chunksMs, [LEAD_MS, 20, 20, 20, 20, 20, 20, 20]);
  });

  it('keeps a silent connection alive with text messages, and sends none while there is sound', async (test) => {
    const clock = new FakeClock();
    const { stream, server } = await start(test, {}, { clock });
    await clock.advance(3_999);
    stream.startUtterance(1);
    write(stream, silence(40));
    await clock.advance(3_999);
    assert.deepEqual(messagesOf(server), []);
    await clock.advance(8_001);
    await server.until(() => messagesOf(server).length === 3);
    assert.deepEqual(messagesOf(server), ['KeepAlive', 'KeepAlive', 'KeepAlive']);
    assert.equal(server.connections[0]?.closed, false);
  });

  it('has sent sound before the first KeepAlive, which would not count without', async (test) => {
    const { server } = await start(test);
    await server.until(() => server.connections[0]?.heardMs === LEAD_MS);
  });
});

describe('a Nova stream that goes wrong', () => {
  it('fails when a final does not come', async (test) => {
    const clock = new FakeClock();
    const { stream, log } = await start(test, { fault: { type: 'silent' } }, { clock });
    speak(stream, 1, SPEECH);
    await clock.advance(4_999);
    assert.deepEqual(log.events, []);
    await clock.advance(1);
    assert.match(await failure(log), /^engine-timeout: deepgram: no answer for 5000 ms/);
    await stream.close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('fails when the server says nothing for 1.2 s more than a second while someone speaks', async (test) => {
    const clock = new FakeClock();
    const { stream, log } = await start(test, { fault: { type: 'silent' } }, { clock });
    stream.startUtterance(1);
    for (let atMs = 0; atMs < 2_500; atMs += 100) {
      assert.deepEqual(log.events, []);
      write(stream, silence(100));
      await clock.advance(100);
    }
    write(stream, silence(100));
    assert.match(await failure(log), /^engine-timeout: deepgram: no answer for 2200 ms/);
  });

  it('does not fail for a standstill of ours, after which what was said meanwhile is there', async (test) => {
    const clock = new FakeClock();
    const { server, stream, log } = await start(test, { script: saying('all is well') }, { clock });
    stream.startUtterance(1);
    write(stream, SPEECH.slice(0, 8_000));
    await clock.advance(9_000);
    write(stream, SPEECH.slice(8_000));
    await clock.advance(200);
    write(stream, silence(600));
    await server.until(() => (server.connections[0]?.heardMs ?? 0) >= LEAD_MS + 2_100);
    await clock.advance(200);
    write(stream, silence(600));
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'all is well');
  });

  for (const [what, message] of [
    ['a settled result', results({ start: 0, duration: 60, is_final: true }, [])],
    ['a settled result with words', results({ start: 0, duration: 1, is_final: true }, [['secret', 58, 59]])],
    ['an interim result', results({ start: 60, duration: 1 }, [['secret', 60, 61]])],
  ] as const) {
    it(`fails over ${what} about sound that was not sent, before anything of it counts`, async (test) => {
      const { stream, log } = await start(test, {
        fault: { type: 'garbage', afterMs: 500, text: message },
      });
      speak(stream, 1, SPEECH);
      const said = await failure(log);
      assert.match(said, /^engine-bad-answer: deepgram: .* sound that was not sent/);
      assert.doesNotMatch(said, /secret/);
      assert.ok(!log.events.some((event) => 'text' in event && event.text.includes('secret')));
    });
  }

  for (const [code, reason, message] of [
    [1008, 'DATA-0000', /could not decode the audio \(close 1008, DATA-0000\)/],
    [1011, 'NET-0000', /close 1011, NET-0000/],
    [1011, 'Deepgram did not ... See https://dpgr.am/net0001', /no keep-alive for 10 s .*NET-0001/],
    [1011, 'secret words', /the connection ended \(close 1011\)$/],
    [1006, '', /the connection ended \(close 1006\)$/],
    [1000, '', /the connection ended \(close 1000\)$/],
  ] as const) {
    it(`says how a connection ended that is closed with ${code} ${reason}`, async (test) => {
      const { stream, log } = await start(test, {
        script: saying('secret words'),
        fault: { type: 'close', afterMs: 600, code, reason },
      });
      speak(stream, 1, SPEECH);
      const said = await failure(log);
      assert.match(said, /^engine-died: deepgram: /);
      assert.match(said, message);
      assert.doesNotMatch(said, /secret|stand-in-key/);
      assert.equal(log.events.at(-1)?.type, 'failed');
      stream.startUtterance(2);
      write(stream, SPEECH);
      stream.flush();
      stream.endUtterance();
      await stream.close();
      assert.equal(log.events.at(-1)?.type, 'failed');
    });
  }

  it('is ended by the server when it sends nothing for too long', async (test) => {
    // The stream's clock stands still, so no KeepAlive is sent.
    const { log } = await start(test, { idleLimitMs: 50 }, { clock: new FakeClock() });
    assert.match(await failure(log), /NET-0001/);
  });

  for (const text of [
    '{"type":"Results","secret":',
    '{"type":"Results","channel":"secret"}',
    '"secret"',
    '17',
  ]) {
    it(`fails over ${text} without showing it`, async (test) => {
      const { stream, log } = await start(test, { fault: { type: 'garbage', afterMs: 500, text } });
      speak(stream, 1, SPEECH);
      const said = await failure(log);
      assert.match(said, /^engine-bad-answer: /);
      assert.doesNotMatch(said, /secret/);
    });
  }

  it('passes over messages of kinds to come', async (test) => {
    const { stream, log } = await start(test, {
      script: saying('all is well'),
      fault: { type: 'garbage', afterMs: 500, text: '{"type":"Sentiment","value":1}' },
    });
    speak(stream, 1, inARow(SPEECH, silence(600)));
    assert.equal((await log.until('final')).text, 'all is well');
  });
});
