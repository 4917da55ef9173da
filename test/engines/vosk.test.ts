import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it, type TestContext } from 'node:test';
import { VoskEngine, type VoskSettings } from '../../src/engines/stt/vosk/vosk-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type ScriptedWord, VoskStandIn, type VoskStandInOptions } from '../stand-ins/vosk.ts';
import { EventLog, testSignal } from './events.ts';
import { patientClock } from './patient-clock.ts';
import { describeSttContract, speak } from './stt-contract.ts';

/** `text` with each word 200 ms long, from 100 ms on, and 100 ms between words. */
function words(text: string): readonly ScriptedWord[] {
  return text
    .split(' ')
    .map((word, index) => ({ text: word, startMs: 100 + index * 300, endMs: 300 + index * 300 }));
}

const HIMSELF = 'he might even have been made amiable himself';
const YOUNG_MAN = 'he was not an ill disposed young man';

/** Sound that stands for speech: what is said in it is told by its first sample. */
function sound(lengthMs: number, mark: number): Int16Array {
  return new Int16Array(lengthMs * 16).fill(mark);
}

/** Hears one sentence in sound marked 1 and another in sound marked 2. */
function hear(pcm: Int16Array): readonly ScriptedWord[] {
  return pcm[0] === 1 ? words(HIMSELF) : pcm[0] === 2 ? words(YOUNG_MAN) : [];
}

describe('against a stand-in', () => {
  let server: VoskStandIn | undefined;
  before(async () => {
    server = await VoskStandIn.open({ hear });
  });
  after(() => server?.close());
  describeSttContract(
    'vosk',
    () => new VoskEngine({ clock: patientClock, servers: new Map([['en', server?.url ?? '']]) }),
    {
      himself: { pcm: sound(3_000, 1), expects: /\bhe might even have been made\b/ },
      youngMan: { pcm: sound(3_000, 2), expects: /\byoung man\b/ },
    },
  );
});

/** A server, an engine for it and a stream, all closed after the test. */
async function begin(
  test: TestContext,
  standIn: VoskStandInOptions = { hear },
  settings: Partial<VoskSettings> = {},
) {
  const server = await VoskStandIn.open(standIn);
  const engine = new VoskEngine({ clock: patientClock, servers: new Map([['*', server.url]]), ...settings });
  test.after(async () => {
    await engine.close();
    await server.close();
  });
  const log = new EventLog();
  const open = () => engine.open({ language: 'en', onEvent: log.onEvent }, testSignal());
  return { server, engine, log, open };
}

function codeAndMessage(error: Error): readonly [unknown, string] {
  return ['code' in error && error.code, error.message];
}

describe('VoskEngine', () => {
  it('says the rate and asks for words and no alternatives, then sends 100 ms at a time', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    speak(stream, 1, sound(1_050, 1));
    await log.until('final');
    const [used] = server.connections;
    assert.deepEqual(used?.configs, [{ sample_rate: 16_000, words: true, max_alternatives: 0 }]);
    assert.deepEqual(used?.chunkSamples, [0, ...new Array(10).fill(1_600), 800]);
    assert.equal(used?.oddMessages, 0);
  });

  it('gives each utterance a connection of its own, opened before it begins', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    speak(stream, 1, sound(1_000, 1));
    await log.until('final', 1);
    // The second connection has been made for an utterance that nobody has begun.
    await server.until(() => server.connections.length === 2, testSignal());
    speak(stream, 2, sound(1_000, 2));
    assert.equal((await log.until('final', 2)).text, 'he was not');
    const [first, second] = server.connections;
    assert.ok(first?.ended && second?.ended);
    await server.until(() => first?.closed === true, testSignal());
  });

  it('revises a partial word and puts together what Vosk ends at its own pauses', async (test) => {
    const script: readonly ScriptedWord[] = [
      { text: 'good', startMs: 100, endMs: 300 },
      { text: 'morning', atFirst: 'mourning', startMs: 300, endMs: 600 },
      { text: 'madam', startMs: 1_500, endMs: 1_800 },
    ];
    const { log, open } = await begin(test, { hear: () => script });
    const stream = await open();
    speak(stream, 3, sound(2_000, 1));
    const final = await log.until('final');
    assert.equal(final.text, 'good morning madam');
    assert.deepEqual(final.words.at(-1), { text: 'madam', startMs: 1_500, endMs: 1_800 });
    const partials = log.events.flatMap((event) => (event.type === 'partial' ? [event] : []));
    const texts = [...new Set(partials.map(({ text }) => text))];
    assert.deepEqual(texts, ['good', 'good mourning', 'good morning', 'good morning madam']);
    // The result after "morning" has times; what is only guessed has none.
    assert.ok(partials.some(({ text, words }) => text === 'good morning' && words.length === 2));
    assert.ok(partials.every(({ text, words }) => text !== 'good morning madam' || words.length === 0));
    assert.ok(log.events.every(({ type }) => type === 'partial' || type === 'final'));
  });

  it('leaves out a word or two that it doubts, and counts them', async (test) => {
    const doubted = [{ text: 'huh', startMs: 100, endMs: 300, confidence: 0.3 }];
    const { engine, log, open } = await begin(test, {
      hear: (pcm) => (pcm[0] === 3 ? doubted : hear(pcm)),
    });
    const stream = await open();
    speak(stream, 1, sound(1_000, 3));
    assert.equal((await log.until('final')).text, '');
    speak(stream, 2, sound(3_000, 1));
    assert.equal((await log.until('final', 2)).text, HIMSELF);
    assert.deepEqual([...engine.madeUp.entries()], [['doubt', 1]]);
  });

  it('lets the server hear at a pause what would not fill a message', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    stream.startUtterance(1);
    stream.write(sound(350, 1));
    stream.flush();
    assert.equal((await log.until('partial')).text, 'he');
    await server.until(() => server.connections[0]?.chunkSamples.at(-1) === 800, testSignal());
    stream.flush();
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'he');
    assert.deepEqual(server.connections[0]?.chunkSamples, [0, 1_600, 1_600, 1_600, 800]);
  });

  it('asks nothing when nothing was said, and keeps finals in order', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    server.holdAnswers();
    speak(stream, 1, sound(1_000, 1));
    speak(stream, 2, new Int16Array(0));
    await server.until(() => server.connections[0]?.ended === true, testSignal());
    assert.equal(log.events.length, 0);
    server.answerAgain();
    await log.until('final', 2);
    const finals = log.events.flatMap((event) => (event.type === 'final' ? [event.utterance] : []));
    assert.deepEqual(finals, [1, 2]);
  });

  it('lets an utterance wait for a connection that is still being opened', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    speak(stream, 1, sound(1_000, 1));
    speak(stream, 2, sound(1_000, 2));
    speak(stream, 3, sound(1_000, 1));
    assert.equal((await log.until('final', 3)).text, 'he might even');
    assert.equal((await log.until('final', 2)).text, 'he was not');
    assert.ok(server.connections.length <= 4, `${server.connections.length} connections`);
    assert.equal(stream.droppedMs, 0);
  });

  it('has 1 s on its way to a server that is behind, drops the oldest beyond its limit, and counts it', async (test) => {
    const { server, log, open } = await begin(test, { hear }, { backlogLimitMs: 500 });
    const stream = await open();
    server.holdAnswers();
    speak(stream, 1, sound(6_000, 1));
    assert.equal(stream.droppedMs, 4_500);
    server.answerAgain();
    await log.until('final');
    assert.equal(stream.droppedMs, 4_500);
    assert.equal(
      server.connections[0]?.chunkSamples.reduce((sum, samples) => sum + samples),
      1_500 * 16,
    );
  });

  it('asks each language’s own server, and says which it lacks', async (test) => {
    const { engine, server, open } = await begin(
      test,
      {},
      { servers: new Map([['pt', 'ws://127.0.0.1:9']]) },
    );
    assert.deepEqual(await engine.supports('pt-BR'), { supported: true });
    const support = await engine.supports('en');
    assert.match(support.supported ? '' : support.reason, /no server for en; add one to VOSK_URL: en=ws:/);
    await assert.rejects(open(), { code: 'language-unsupported' });
    assert.equal(server.connections.length, 0);
  });
});

describe('VoskEngine against a server that fails', () => {
  it('says what to do when no server listens', async () => {
    const vacant = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => vacant.once('listening', resolve));
    const address = vacant.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await new Promise((resolve) => vacant.close(resolve));
    const engine = new VoskEngine({
      clock: patientClock,
      servers: new Map([['*', `ws://127.0.0.1:${port}/?token=hush`]]),
    });
    const error = await engine.open({ language: 'en', onEvent: () => {} }, testSignal()).then(
      () => assert.fail('opened'),
      (thrown: Error) => thrown,
    );
    assert.match(error.message, /ECONNREFUSED.*VOSK_URL.*docker run/);
    assert.ok(!error.message.includes('hush'));
    assert.equal('code' in error && error.code, 'engine-start-failed');
    await engine.close();
  });

  const refusals = [
    [{ type: 'status', status: 404 }, 'engine-refused', /HTTP 404.*VOSK_URL/],
    [{ type: 'status', status: 403 }, 'engine-refused', /HTTP 403/],
    [{ type: 'status', status: 503 }, 'engine-overloaded', /HTTP 503/],
    [{ type: 'dies-at-once' }, 'engine-start-failed', /code 1011.*websockets/],
    [{ type: 'drops', afterMessages: 0 }, 'engine-start-failed', /its log says why/],
    [{ type: 'answers', afterMessages: 0, message: 'hello' }, 'engine-bad-answer', /not a Vosk result/],
  ] as const;
  for (const [fault, code, message] of refusals) {
    it(`does not open on ${JSON.stringify(fault)}`, async (test) => {
      const { open } = await begin(test, { fault: () => fault });
      await assert.rejects(open(), { code, message });
    });
  }

  it('gives up a server that does not get ready in time', async (test) => {
    const clock = new FakeClock();
    const { server, open } = await begin(
      test,
      { fault: () => ({ type: 'silent', afterMessages: 0 }) },
      { clock },
    );
    const failure = assert.rejects(open(), { code: 'engine-timeout', message: /not ready within 5000 ms/ });
    await server.until(() => server.connections[0]?.chunkSamples.length === 1, testSignal());
    await clock.advance(5_000);
    await failure;
    assert.equal(clock.pendingTimers, 0);
  });

  it('stops opening when it is told to', async (test) => {
    const { server, engine } = await begin(test, { fault: () => ({ type: 'silent', afterMessages: 0 }) });
    const controller = new AbortController();
    const reason = new Error('hung up');
    const failure = assert.rejects(
      engine.open({ language: 'en', onEvent: () => {} }, controller.signal),
      reason,
    );
    await server.until(() => server.connections.length === 1, testSignal());
    controller.abort(reason);
    await failure;
    await server.until(() => server.connections[0]?.closed === true, testSignal());
  });

  const failures = [
    [{ type: 'dies', afterMessages: 4 }, 'engine-died', /ended a connection in use \(code 1011\)/],
    [{ type: 'drops', afterMessages: 4 }, 'engine-died', /ended a connection in use \(code 1006\)/],
    [{ type: 'no-final' }, 'engine-died', /code 1000/],
    [{ type: 'answers', afterMessages: 4, message: '{"partial":' }, 'engine-bad-answer', /not a Vosk result/],
    [{ type: 'answers', afterMessages: 4, message: '{"partial":7}' }, 'engine-bad-answer', /not a Vosk/],
    [
      { type: 'answers', afterMessages: 4, message: JSON.stringify({ partial: 'word '.repeat(20_000) }) },
      'engine-bad-answer',
      /100000 characters/,
    ],
    [
      {
        type: 'answers',
        afterMessages: 4,
        message: '{"text":"he","result":[{"word":"he","start":60,"end":61,"conf":1}]}',
      },
      'engine-bad-answer',
      /sound that it was not given/,
    ],
    [
      { type: 'answers', afterMessages: 4, message: '{"alternatives":[{"text":"he"}]}' },
      'engine-bad-answer',
      /not a Vosk result/,
    ],
    [
      { type: 'answers', afterMessages: 4, message: Buffer.from([1, 2, 3]) },
      'engine-bad-answer',
      /asr_server\.py/,
    ],
    [{ type: 'answers', afterMessages: 4, message: '{"partial":"x"}' }, 'engine-bad-answer', /end of an utt/],
    [{ type: 'cpp' }, 'engine-bad-answer', /asr_server\.py/],
  ] as const;
  for (const [fault, code, message] of failures) {
    it(`ends the stream on ${JSON.stringify(fault).slice(0, 70)}, once and for all`, async (test) => {
      const { log, open } = await begin(test, { hear, fault: () => fault });
      const stream = await open();
      speak(stream, 1, sound(1_000, 1));
      const { error } = await log.until('failed');
      const [actualCode, actualMessage] = codeAndMessage(error);
      assert.equal(actualCode, code);
      assert.match(actualMessage, message);
      assert.ok(!actualMessage.includes('might'));
      stream.startUtterance(2);
      stream.write(sound(100, 1));
      stream.endUtterance();
      await stream.close();
      assert.equal(log.events.filter(({ type }) => type === 'failed').length, 1);
      assert.equal(log.events.at(-1)?.type, 'failed');
    });
  }

  it('ends the stream when an answer is owed for too long', async (test) => {
    const clock = new FakeClock();
    const { log, open } = await begin(
      test,
      { hear, fault: () => ({ type: 'silent', afterMessages: 4 }) },
      { clock },
    );
    const stream = await open();
    stream.startUtterance(1);
    stream.write(sound(500, 1));
    // The last answer there is: to 300 ms.
    await log.until('partial');
    await clock.advance(2_999);
    assert.ok(log.events.every(({ type }) => type !== 'failed'));
    await clock.advance(1);
    const { error } = await log.until('failed');
    assert.deepEqual(codeAndMessage(error)[0], 'engine-timeout');
    assert.match(error.message, /silent for 3000 ms/);
  });

  it('waits in silence for as long as nothing is asked', async (test) => {
    const clock = new FakeClock();
    const { log, open } = await begin(test, { hear }, { clock });
    const stream = await open();
    await clock.advance(600_000);
    speak(stream, 1, sound(1_000, 1));
    assert.equal((await log.until('final')).text, 'he might even');
    await stream.close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('ends the stream when the connection for the next utterance is lost or cannot be had', async (test) => {
    const first = await begin(test);
    await first.open();
    await first.server.close();
    assert.equal(codeAndMessage((await first.log.until('failed')).error)[0], 'engine-died');
    const second = await begin(test, {
      hear,
      fault: (connection) => (connection === 1 ? { type: 'status', status: 503 } : undefined),
    });
    speak(await second.open(), 1, sound(1_000, 1));
    assert.equal(codeAndMessage((await second.log.until('failed')).error)[0], 'engine-overloaded');
  });

  it('leaves no connection behind', async (test) => {
    const { server, engine, open } = await begin(test);
    const stream = await open();
    speak(stream, 1, sound(1_000, 1));
    stream.startUtterance(2);
    stream.write(sound(1_000, 1));
    await open();
    await engine.close();
    await server.until(() => server.connections.every(({ closed }) => closed), testSignal());
  });
});
