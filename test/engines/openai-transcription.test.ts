import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '../../src/base/secret.ts';
import {
  OpenaiTranscriptionEngine,
  type OpenaiTranscriptionSettings,
} from '../../src/engines/stt/openai-transcription/openai-transcription-engine.ts';
import type { SttStream, SttStreamOptions } from '../../src/engines/stt/stt-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import {
  type ScriptedSegment,
  type TranscriptionFault,
  TranscriptionStandIn,
  type TranscriptionStandInOptions,
} from '../stand-ins/openai-transcription.ts';
import { EventLog, testSignal } from './events.ts';
import { patientClock } from './patient-clock.ts';
import { speak } from './stt-contract.ts';

const KEY = 'sk-stand-in-0123456789';

/** Speech, told by its loudness. */
function speech(lengthMs: number): Int16Array {
  return new Int16Array(lengthMs * 16).fill(5_000);
}

function silence(lengthMs: number): Int16Array {
  return new Int16Array(lengthMs * 16);
}

/** A word for each half second of speech. */
function hear(pcm: Int16Array): readonly ScriptedSegment[] {
  const spoken = pcm.filter((sample) => sample !== 0).length;
  const count = Math.floor(spoken / 8_000);
  return count === 0
    ? []
    : [
        {
          text: ' one two three four five six seven'
            .split(' ')
            .slice(0, count + 1)
            .join(' '),
        },
      ];
}

/** A server, an engine for it and a way to open streams, all closed after the test. */
async function begin(
  test: TestContext,
  standIn: TranscriptionStandInOptions = {},
  settings: Partial<OpenaiTranscriptionSettings> = {},
  streamOptions: Partial<SttStreamOptions> = {},
) {
  const server = await TranscriptionStandIn.open({ hear, ...standIn });
  const engine = new OpenaiTranscriptionEngine({ clock: patientClock, url: server.url, ...settings });
  test.after(async () => {
    await engine.close();
    await server.close();
  });
  const log = new EventLog();
  const open = (): Promise<SttStream> =>
    engine.open({ language: 'en', onEvent: log.onEvent, ...streamOptions }, testSignal());
  return { server, engine, log, open };
}

function codeOf(error: Error): unknown {
  return 'code' in error && error.code;
}

describe('OpenaiTranscriptionEngine', () => {
  it('sends a whole WAV file in a form, as OpenAI has it, with the key', async (test) => {
    const { server, log, open } = await begin(
      test,
      { apiKey: KEY },
      { apiKey: new Secret(KEY), model: 'whisper-large' },
      { language: 'es-MX', terms: ['Sangoma', 'Nebula PBX'] },
    );
    speak(await open(), 1, speech(2_000));
    const final = await log.until('final');
    assert.deepEqual(final, { type: 'final', utterance: 1, text: 'one two three four', words: [] });
    const last = server.requests.at(-1);
    assert.deepEqual(Object.fromEntries(last?.fields ?? []), {
      file: 'speech.wav',
      model: 'whisper-large',
      language: 'es',
      response_format: 'verbose_json',
      temperature: '0',
      prompt: 'Sangoma, Nebula PBX.',
    });
    assert.deepEqual([last?.fileType, last?.rateHz, last?.samples], ['audio/wav', 16_000, 32_000]);
  });

  it('tells whisper.cpp, which it knows by its name, to leave undone what nobody asked for', async (test) => {
    const hears = (): readonly ScriptedSegment[] => [{ text: ' He was unforget' }, { text: 'table.' }];
    const { server, log, open } = await begin(test, { dialect: 'whisper.cpp', hear: hears });
    speak(await open(), 1, speech(900));
    assert.equal((await log.until('final')).text, 'He was unforgettable.');
    const fields = server.requests[0]?.fields;
    assert.equal(fields?.get('no_language_probabilities'), 'true');
    assert.equal(fields?.get('suppress_nst'), 'true');
    assert.equal(fields?.get('prompt'), undefined);
    assert.equal(server.requests[0]?.authorization, undefined);
  });

  it('takes plain JSON from a model that gives no segments, and asks it for no more', async (test) => {
    const { server, log, open } = await begin(test, { givesSegments: false });
    const stream = await open();
    speak(stream, 1, speech(900));
    assert.equal((await log.until('final', 1)).text, 'one');
    speak(stream, 2, speech(900));
    assert.equal((await log.until('final', 2)).text, 'one');
    const formats = server.requests.map(({ fields }) => fields.get('response_format'));
    assert.deepEqual(formats, ['verbose_json', 'json', 'json']);
  });

  it('asks for a partial at each second of new audio, one at a time, each with all of it', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    server.holdAnswers();
    stream.startUtterance(1);
    stream.write(speech(1_000));
    await server.until(() => server.requests.length === 1, testSignal());
    stream.write(speech(500));
    stream.write(speech(1_000));
    assert.equal(server.requests.length, 1);
    server.answerAgain();
    await log.until('partial');
    await server.until(() => server.requests.length === 2, testSignal());
    assert.deepEqual(
      server.requests.map(({ samples }) => samples),
      [17_600, 40_000],
    );
    stream.write(speech(100));
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'one two three four five');
    const [first] = log.events;
    assert.deepEqual(first, { type: 'partial', utterance: 1, text: 'one two', words: [] });
  });

  it('leaves out what was made up, with probabilities and without, and counts it', async (test) => {
    for (const givesSegments of [true, false]) {
      const { engine, log, open } = await begin(test, {
        givesSegments,
        hear: () => [{ text: ' Thank you for watching!' }],
      });
      const stream = await open();
      speak(stream, 1, speech(900));
      assert.equal((await log.until('final')).text, '');
      assert.equal(log.events.length, 1);
      assert.deepEqual([...engine.madeUp.entries()], [['phrase', 1]]);
    }
  });

  it('takes thanks for made up where nothing was loud enough to be understood', async (test) => {
    const { log, open } = await begin(test, { hear: () => [{ text: ' Thank you.' }] });
    const stream = await open();
    speak(stream, 1, speech(900).fill(60));
    assert.equal((await log.until('final', 1)).text, '');
    speak(stream, 2, speech(900));
    assert.equal((await log.until('final', 2)).text, 'Thank you.');
  });

  it('does not wait for a partial once the utterance has ended', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    server.holdAnswers();
    stream.startUtterance(1);
    stream.write(speech(1_000));
    await server.until(() => server.requests.length === 1, testSignal());
    stream.write(speech(500));
    stream.endUtterance();
    await server.until(() => server.requests[0]?.aborted === true, testSignal());
    await server.until(() => server.requests.length === 2, testSignal());
    server.answerAgain();
    assert.equal((await log.until('final')).text, 'one two three');
    assert.deepEqual(
      log.events.map(({ type }) => type),
      ['final'],
    );
  });

  it('asks at a pause, and needs to ask no more when the utterance ends with it', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    stream.startUtterance(1);
    stream.write(speech(500));
    stream.write(silence(200));
    stream.flush();
    assert.equal((await log.until('partial')).text, 'one');
    stream.write(silence(400));
    stream.endUtterance();
    assert.equal(log.events.length, 1);
    assert.equal((await log.until('final')).text, 'one');
    assert.equal(server.requests.length, 1);
  });

  it('takes the answer to a pause that is on its way for the final one', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    server.holdAnswers();
    stream.startUtterance(1);
    stream.write(speech(500));
    stream.write(silence(200));
    stream.flush();
    await server.until(() => server.requests.length === 1, testSignal());
    stream.write(silence(400));
    stream.endUtterance();
    server.answerAgain();
    assert.equal((await log.until('final')).text, 'one');
    assert.equal(server.requests.length, 1);
    assert.deepEqual(
      log.events.map(({ type }) => type),
      ['final'],
    );
  });

  it('asks again when something was said after the pause', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    stream.startUtterance(1);
    stream.write(speech(500));
    stream.write(silence(200));
    stream.flush();
    await log.until('partial');
    stream.write(speech(500));
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'one two');
    assert.equal(server.requests.length, 2);
  });

  it('finishes one utterance before it asks for the next, and gives finals in order', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    server.holdAnswers();
    speak(stream, 1, speech(900));
    speak(stream, 2, new Int16Array(0));
    stream.startUtterance(3);
    stream.write(speech(1_500));
    await server.until(() => server.requests.length === 1, testSignal());
    server.answerAgain();
    assert.equal((await log.until('partial', 3)).text, 'one two three');
    stream.endUtterance();
    await log.until('final', 3);
    const finals = log.events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
    assert.deepEqual(finals, ['one', '', 'one two three']);
    assert.equal(server.requests[0]?.samples, 17_600);
  });

  it('leaves out what is made up in silence', async (test) => {
    const { log, open } = await begin(test, {
      hear: () => [{ text: ' Thank you for watching!', noSpeech: 0.9, confidence: -1.2 }],
    });
    speak(await open(), 1, silence(2_000));
    assert.equal((await log.until('final')).text, '');
    assert.equal(log.events.length, 1);
  });

  it('drops what is older than 28 s, counted', async (test) => {
    const { server, log, open } = await begin(test);
    const stream = await open();
    speak(stream, 1, speech(30_000));
    assert.equal(stream.droppedMs, 2_000);
    await log.until('final');
    assert.equal(stream.droppedMs, 2_000);
    assert.equal(server.requests.at(-1)?.samples, 28_000 * 16);
  });

  it('refuses a key that cannot be one, and never shows one', () => {
    for (const key of ['', 'sk-hush\n', 'sk hush']) {
      assert.throws(
        () =>
          new OpenaiTranscriptionEngine({ clock: patientClock, url: 'http://a', apiKey: new Secret(key) }),
        (error) => error instanceof Error && codeOf(error) === 'bad-option' && !/hush/.test(inspect(error)),
      );
    }
  });

  it('supports what Whisper knows, and says what it does not', async (test) => {
    const { engine } = await begin(test);
    assert.deepEqual(await engine.supports('en-GB'), { supported: true });
    const support = await engine.supports('qq');
    assert.match(support.supported ? '' : support.reason, /Whisper does not know the language qq/);
  });

  it('keeps two legs apart', async (test) => {
    const { engine, log, open } = await begin(test);
    const other = new EventLog();
    speak(await open(), 1, speech(900));
    speak(await engine.open({ language: 'en', onEvent: other.onEvent }, testSignal()), 1, speech(2_000));
    assert.equal((await other.until('final')).text, 'one two three four');
    assert.equal((await log.until('final')).text, 'one');
  });

  it('refuses to start an utterance in an utterance, and says nothing after close', async (test) => {
    const { log, open } = await begin(test);
    const stream = await open();
    stream.startUtterance(1);
    assert.throws(() => stream.startUtterance(2), { code: 'illegal-transition' });
    stream.write(speech(2_000));
    stream.endUtterance();
    await Promise.all([stream.close(), stream.close()]);
    speak(stream, 2, speech(2_000));
    stream.flush();
    assert.equal(log.events.length, 0);
  });

  it('does not open for a signal that has aborted, nor after close', async (test) => {
    const { engine, server } = await begin(test);
    const reason = new Error('hung up');
    const options = { language: 'en', onEvent: () => {} };
    await assert.rejects(engine.open(options, AbortSignal.abort(reason)), reason);
    await Promise.all([engine.close(), engine.close()]);
    await assert.rejects(engine.open(options, testSignal()), { code: 'closed' });
    assert.equal(server.healthChecks, 0);
  });

  it('leaves no request behind', async (test) => {
    const { server, engine, log, open } = await begin(test);
    const stream = await open();
    server.holdAnswers();
    stream.startUtterance(1);
    stream.write(speech(1_000));
    await server.until(() => server.requests.length === 1, testSignal());
    await engine.close();
    await server.until(() => server.requests[0]?.aborted === true, testSignal());
    assert.equal(log.events.length, 0);
  });
});

describe('OpenaiTranscriptionEngine against a server that fails', () => {
  it('says at once that no server listens', async () => {
    const vacant = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => vacant.once('listening', resolve));
    const address = vacant.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await new Promise((resolve) => vacant.close(resolve));
    const engine = new OpenaiTranscriptionEngine({
      clock: patientClock,
      url: `http://127.0.0.1:${port}/inference?k=hush`,
    });
    await assert.rejects(
      engine.open({ language: 'en', onEvent: () => {} }, testSignal()),
      (error) =>
        error instanceof Error &&
        codeOf(error) === 'engine-start-failed' &&
        /127\.0\.0\.1:\d+ .*ECONNREFUSED.*OPENAI_TRANSCRIPTION_URL/.test(error.message) &&
        !/hush/.test(inspect(error)),
    );
    await engine.close();
  });

  it('opens on any answer but that the server is not ready', async (test) => {
    for (const dialect of ['openai', 'speaches', 'whisper.cpp'] as const) {
      const { server, open } = await begin(test, { dialect });
      await open();
      assert.equal(server.healthChecks, 1);
    }
    const loading = await begin(test, { health: { status: 503, body: { status: 'loading model' } } });
    await assert.rejects(loading.open(), { code: 'engine-overloaded', message: /still loading its model/ });
  });

  it('does not open a language that Whisper does not know', async (test) => {
    const { open } = await begin(test, {}, {}, { language: 'qq' });
    await assert.rejects(open(), { code: 'language-unsupported' });
  });

  const quoting = {
    error: { message: `Incorrect API key provided: ${KEY}; said: one two`, code: 'invalid_api_key' },
  };
  const failures: readonly (readonly [string, TranscriptionFault, string, RegExp])[] = [
    ['401', { type: 'status', status: 401, body: quoting }, 'engine-refused', /401 invalid_api_key/],
    ['403', { type: 'status', status: 403, body: { detail: KEY } }, 'engine-refused', /403/],
    [
      '404',
      { type: 'status', status: 404, body: { detail: KEY } },
      'engine-refused',
      /404.*OPENAI_TRANSCRIPTION_URL.*whisper-1/,
    ],
    ['413', { type: 'status', status: 413, body: 'too large' }, 'engine-refused', /413/],
    [
      '429',
      { type: 'status', status: 429, body: { error: { code: 'rate_limit_exceeded' } } },
      'engine-overloaded',
      /429 rate_limit_exceeded/,
    ],
    [
      '429 for want of money',
      { type: 'status', status: 429, body: { error: { code: 'insufficient_quota' } } },
      'engine-refused',
      /no credit left/,
    ],
    [
      '503 while loading',
      { type: 'status', status: 503, body: { status: 'loading model' } },
      'engine-overloaded',
      /still loading its model/,
    ],
    ['503', { type: 'status', status: 503, body: '' }, 'engine-overloaded', /503/],
    [
      '500',
      { type: 'status', status: 500, body: { error: 'failed to process audio' } },
      'engine-bad-answer',
      /500/,
    ],
    ['a redirection', { type: 'status', status: 302, body: '' }, 'engine-refused', /302/],
    ['half an answer', { type: 'truncated' }, 'engine-bad-answer', /broke off/],
    ['no answer', { type: 'dropped' }, 'engine-died', /without an answer/],
    [
      'a text',
      { type: 'answer', mediaType: 'text/html; charset=utf-8', body: 'one two' },
      'engine-bad-answer',
      /text\/html instead of JSON; check the path/,
    ],
    [
      'half of its JSON',
      { type: 'answer', mediaType: 'application/json', body: '{"text":"one' },
      'engine-bad-answer',
      /JSON that is no transcription/,
    ],
    [
      'other JSON',
      { type: 'answer', mediaType: 'application/json', body: '{"error":"one two"}' },
      'engine-bad-answer',
      /JSON that is no transcription/,
    ],
    [
      'an endless answer',
      { type: 'answer', mediaType: 'application/json', body: `{"text":"${'one '.repeat(300_000)}"}` },
      'engine-bad-answer',
      /more than 262144 bytes/,
    ],
  ];
  for (const [name, fault, code, message] of failures) {
    it(`ends the stream on ${name}, without the key or what was said`, async (test) => {
      const { server, log, open } = await begin(test, {}, { apiKey: new Secret(KEY) });
      // A connection that was kept may have been closed before it was chosen, so another is tried.
      const faults = fault.type === 'dropped' ? [fault, fault] : [fault];
      server.faults.push(...faults);
      const stream = await open();
      speak(stream, 1, speech(900));
      const { error } = await log.until('failed');
      assert.equal(codeOf(error), code);
      assert.match(error.message, message);
      assert.ok(!inspect(error).includes(KEY) && !inspect(error).includes('one two'));
      speak(stream, 2, speech(900));
      await stream.close();
      assert.deepEqual(
        log.events.map(({ type }) => type),
        ['failed'],
      );
      assert.equal(server.requests.length, faults.length);
    });
  }

  it('is refused for a wrong key, and for none', async (test) => {
    const wrong = await begin(test, { apiKey: KEY }, { apiKey: new Secret('sk-wrong') });
    speak(await wrong.open(), 1, speech(900));
    const refused = await wrong.log.until('failed');
    assert.equal(codeOf(refused.error), 'engine-refused');
    assert.match(refused.error.message, /not take/);
    assert.ok(!inspect(refused.error).includes('sk-wrong'));
    const none = await begin(test, { apiKey: KEY });
    speak(await none.open(), 1, speech(900));
    assert.match((await none.log.until('failed')).error.message, /wants a key/);
  });

  it('tries the plain form once when the first request is refused, then ends the stream', async (test) => {
    const { server, log, open } = await begin(test);
    const body = { error: 'failed to read audio data' };
    server.faults.push({ type: 'status', status: 400, body }, { type: 'status', status: 400, body });
    speak(await open(), 1, speech(900));
    assert.equal(codeOf((await log.until('failed')).error), 'engine-refused');
    assert.equal(server.requests.length, 2);
  });

  it('does without a partial when the server is busy', async (test) => {
    const { server, log, open } = await begin(test);
    server.faults.push({ type: 'status', status: 503, body: '' });
    const stream = await open();
    stream.startUtterance(1);
    stream.write(speech(1_000));
    await server.until(() => server.requests.length === 1, testSignal());
    stream.write(speech(1_000));
    assert.equal((await log.until('partial')).text, 'one two three four');
    stream.write(speech(500));
    stream.endUtterance();
    assert.equal((await log.until('final')).text, 'one two three four five');
  });

  it('gives up a server that takes too long', async (test) => {
    const clock = new FakeClock();
    const { server, log, open } = await begin(test, {}, { clock });
    const stream = await open();
    server.holdAnswers();
    speak(stream, 1, speech(900));
    await server.until(() => server.requests.length === 1, testSignal());
    await clock.advance(6_999);
    assert.equal(log.events.length, 0);
    await clock.advance(1);
    const { error } = await log.until('failed');
    assert.equal(codeOf(error), 'engine-timeout');
    assert.match(error.message, /no text within 7000 ms/);
    await stream.close();
    assert.equal(clock.pendingTimers, 0);
  });
});
