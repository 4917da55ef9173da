import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import {
  DEEPGRAM_URL_DEFAULT,
  DeepgramEngine,
  type DeepgramSettings,
} from '../../src/engines/stt/deepgram/deepgram-engine.ts';
import { RefusalError } from '../../src/engines/wire/refusal.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type DeepgramStandIn, type DeepgramStandInOptions, startDeepgram } from '../stand-ins/deepgram.ts';
import { spoken } from '../stand-ins/deepgram-ear.ts';
import { inARow, silence, tone } from '../stand-ins/deepgram-sounds.ts';
import { EventLog, testSignal } from './events.ts';
import { patientClock } from './patient-clock.ts';
import { describeSttContract } from './stt-contract.ts';

const KEY = 'k3y-that-nobody-may-see';

/** Two speakers that differ by their pitch. */
const SAMPLES = {
  himself: {
    pcm: inARow(tone(200, 2_600), silence(700)),
    expects: /\bhe might even have been made\b/,
  },
  youngMan: { pcm: inARow(tone(800, 2_600), silence(700)), expects: /\byoung man\b/ },
};

const TWO_SPEAKERS: DeepgramStandInOptions = {
  apiKey: KEY,
  script: {
    type: 'bursts',
    choose: ({ pitchHz }) =>
      pitchHz < 400
        ? spoken('he might even have been made amiable himself', 100)
        : spoken('he was not an ill disposed young man', 100),
  },
};

for (const model of ['nova-3', 'nova-2', 'flux-general-en', 'flux-general-multi']) {
  describe(`the stand-in for Deepgram with ${model}`, () => {
    let server: DeepgramStandIn;
    before(async () => {
      server = await startDeepgram(TWO_SPEAKERS);
    });
    after(() => server.close());

    describeSttContract(
      `deepgram's ${model}`,
      () => new DeepgramEngine({ clock: patientClock, apiKey: new Secret(KEY), url: server.url, model }),
      SAMPLES,
    );
  });
}

/** An engine on a server of its own, both closed with the test. */
async function start(
  test: TestContext,
  server: DeepgramStandInOptions = {},
  settings: Partial<DeepgramSettings> = {},
): Promise<{ server: DeepgramStandIn; engine: DeepgramEngine }> {
  const standIn = await startDeepgram({ apiKey: KEY, ...server });
  const engine = new DeepgramEngine({
    clock: patientClock,
    apiKey: new Secret(KEY),
    url: standIn.url,
    ...settings,
  });
  test.after(async () => {
    await engine.close();
    await standIn.close();
  });
  return { server: standIn, engine };
}

/** What `engine` says when it does not open. */
async function refusal(engine: DeepgramEngine): Promise<AppError> {
  try {
    await engine.open({ language: 'en', onEvent: () => {} }, testSignal());
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    const shown = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    assert.doesNotMatch(shown, new RegExp(KEY), 'the key is shown');
    return error;
  }
  return assert.fail('it opened');
}

describe('DeepgramEngine', () => {
  it('speaks to Deepgram’s cloud unless told otherwise, and takes any kind of address', () => {
    assert.equal(DEEPGRAM_URL_DEFAULT, 'wss://api.deepgram.com');
    const settings = { clock: patientClock, apiKey: new Secret(KEY) };
    for (const url of ['https://api.eu.deepgram.com/', 'http://10.0.0.1:8080', 'ws://[::1]:80']) {
      assert.equal(new DeepgramEngine({ ...settings, url }).name, 'deepgram');
    }
    for (const url of ['api.deepgram.com', 'ftp://api.deepgram.com', '']) {
      assert.throws(() => new DeepgramEngine({ ...settings, url }), { code: 'bad-option' });
    }
    assert.throws(() => new DeepgramEngine({ ...settings, model: 'nova-9' }), {
      code: 'bad-option',
      message: /nova-3, nova-2, flux-general-en or flux-general-multi/,
    });
  });

  it('trusts what it hears on telephone-band legs', () => {
    const engine = new DeepgramEngine({ clock: patientClock, apiKey: new Secret(KEY) });
    assert.deepEqual(engine.capabilities, { lowestWireRateHz: 8_000 });
  });

  it('knows which model hears which language, and by what name', async (test) => {
    const supported = async (model: string, language: string): Promise<boolean> => {
      const { engine } = await start(test, {}, { model });
      return (await engine.supports(language)).supported;
    };
    for (const [model, language, expected] of [
      ['nova-3', 'es-MX', true],
      ['nova-3', 'zh-HK', true],
      ['nova-3', 'nb', true],
      ['nova-3', 'ta', true],
      ['nova-2', 'ta', false],
      ['nova-3-medical', 'en-GB', true],
      ['nova-3-medical', 'es', false],
      ['flux-general-en', 'en-GB', true],
      ['flux-general-en', 'es', false],
      ['flux-general-multi', 'es', true],
      ['flux-general-multi', 'sv', false],
    ] as const) {
      assert.equal(await supported(model, language), expected, `${model} ${language}`);
    }
  });

  it('says what to do about a language it does not hear, and does not open for it', async (test) => {
    const { engine, server } = await start(test, {}, { model: 'flux-general-en' });
    const support = await engine.supports('sv');
    assert.match(support.supported ? '' : support.reason, /sv.*DEEPGRAM_MODEL.*--stt/);
    await assert.rejects(engine.open({ language: 'sv', onEvent: () => {} }, testSignal()), {
      code: 'language-unsupported',
    });
    assert.equal(server.requests.length, 0);
  });

  it('asks Nova for interim results of 16 kHz sound, without compression', async (test) => {
    const { engine, server } = await start(test);
    await engine.open(
      { language: 'es-MX', terms: ['Müller & Söhne', ' Kasse: 4, hinten ', 'x', 'x'], onEvent: () => {} },
      testSignal(),
    );
    const request = server.requests[0];
    assert.equal(request?.path, '/v1/listen');
    assert.equal(request.headers.authorization, `Token ${KEY}`);
    assert.equal(request.headers['sec-websocket-extensions'], undefined);
    assert.deepEqual(request.query.getAll('keyterm'), ['Müller & Söhne', 'Kasse 4 hinten', 'x']);
    request.query.delete('keyterm');
    assert.deepEqual(Object.fromEntries(request.query), {
      model: 'nova-3',
      language: 'es',
      encoding: 'linear16',
      sample_rate: '16000',
      channels: '1',
      interim_results: 'true',
      endpointing: '300',
      utterance_end_ms: '1000',
      vad_events: 'true',
      punctuate: 'true',
      smart_format: 'true',
      no_delay: 'true',
    });
  });

  it('gives Nova-2 terms as single keywords', async (test) => {
    const { engine, server } = await start(test, {}, { model: 'nova-2' });
    await engine.open({ language: 'en', terms: ['Saint John', 'John'], onEvent: () => {} }, testSignal());
    assert.deepEqual(server.requests[0]?.query.getAll('keywords'), ['Saint', 'John']);
  });

  for (const model of ['nova-3', 'nova-2', 'flux-general-en']) {
    it(`has ${model} listen without terms when it refuses them, and says so once`, async (test) => {
      const { engine, server } = await start(test, { mostTerms: 1 }, { model });
      const refused: AppError[] = [];
      const onTermsRefused = (error: AppError) => refused.push(error);
      const open = (terms: readonly string[]) =>
        engine.open({ language: 'en', terms, onTermsRefused, onEvent: () => {} }, testSignal());
      await open(['claim']);
      assert.deepEqual([server.requests.length, refused.length], [1, 0]);
      await open(['claim', 'Mueller']);
      assert.equal(server.connections.length, 2);
      const [first, second, third] = server.requests.map(({ query }) => query.toString());
      assert.match(second ?? '', /Mueller/);
      assert.equal(third, first?.replace(/&key(term|words)=claim/, ''));
      assert.deepEqual(
        refused.map(({ code }) => code),
        ['engine-refused'],
      );
      assert.doesNotMatch(refused[0]?.message ?? '', /claim|Mueller/);
    });
  }

  it('fails as the second time when terms are not what it refuses, and does not ask again for other reasons', async (test) => {
    const { engine, server } = await start(test);
    const refused: AppError[] = [];
    const options = { terms: ['claim'], onTermsRefused: (error: AppError) => refused.push(error) };
    const open = () => engine.open({ language: 'en', onEvent: () => {}, ...options }, testSignal());
    for (const [status, asked] of [
      [400, 2],
      [401, 1],
      [429, 1],
      [500, 1],
    ] as const) {
      const before = server.requests.length;
      server.fault = { type: 'refuse', status };
      await assert.rejects(open(), { status });
      assert.equal(server.requests.length - before, asked, `${status}`);
    }
    assert.deepEqual(refused, []);
  });

  it('asks Flux for early and late ends of turns, in the speaker’s language if it hears several', async (test) => {
    const { engine, server } = await start(test, {}, { model: 'flux-general-multi' });
    await engine.open({ language: 'pt-BR', terms: ['a b', 'c'], onEvent: () => {} }, testSignal());
    assert.equal(server.requests[0]?.path, '/v2/listen');
    const query = server.requests[0]?.query;
    assert.deepEqual(query?.getAll('keyterm'), ['a b', 'c']);
    query?.delete('keyterm');
    assert.deepEqual(Object.fromEntries(query ?? []), {
      model: 'flux-general-multi',
      language_hint: 'pt',
      encoding: 'linear16',
      sample_rate: '16000',
      eager_eot_threshold: '0.4',
      eot_threshold: '0.7',
      eot_timeout_ms: '1000',
    });
  });

  it('tells the operator what a refused handshake means', async (test) => {
    const { engine, server } = await start(test);
    for (const [status, code, message] of [
      [401, 'engine-refused', /HTTP 401 X_CODE, request 3f25.*DEEPGRAM_API_KEY/],
      [403, 'engine-refused', /DEEPGRAM_API_KEY/],
      [402, 'engine-refused', /credit/],
      [400, 'engine-refused', /HTTP 400 X_CODE, request.*language/],
      [404, 'engine-refused', /address/],
      [429, 'engine-overloaded', /limit/],
      [500, 'engine-bad-answer', /HTTP 500/],
      [503, 'engine-overloaded', /HTTP 503/],
    ] as const) {
      server.fault = { type: 'refuse', status, code: 'X_CODE', retryAfterSeconds: 7 };
      const error = await refusal(engine);
      assert.equal(error.code, code, `${status}`);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /stand-in refuses/, 'the provider’s own words are shown');
      assert.ok(error instanceof RefusalError && error.retryAfterMs === 7_000);
    }
  });

  it('does not show a key that is not let in, though the provider repeats it', async (test) => {
    const { engine } = await start(test, { apiKey: 'another' });
    const error = await refusal(engine);
    assert.equal(error.code, 'engine-refused');
    assert.match(error.message, /HTTP 401 INVALID_AUTH/);
  });

  it('does not show a key that cannot be sent', async (test) => {
    const { engine } = await start(test, {}, { apiKey: new Secret(`${KEY}\n${KEY}`) });
    const error = await refusal(engine);
    assert.equal(error.code, 'engine-refused');
  });

  it('says that nobody is at the address', async (test) => {
    const { engine, server } = await start(test);
    await server.close();
    const error = await refusal(engine);
    assert.equal(error.code, 'engine-start-failed');
    assert.match(error.message, /127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
  });

  it('gives up a handshake that is never answered', async (test) => {
    const clock = new FakeClock();
    const { engine, server } = await start(test, { fault: { type: 'hang' } }, { clock });
    const opening = refusal(engine);
    await server.until(() => server.requests.length === 1);
    await clock.advance(5_000);
    const error = await opening;
    assert.equal(error.code, 'engine-timeout');
    assert.match(error.message, /5000 ms/);
    assert.equal(clock.pendingTimers, 0);
  });

  it('stops opening when the signal aborts, and when it is closed', async (test) => {
    const { engine, server } = await start(test, { fault: { type: 'hang' } });
    const hangUp = new AbortController();
    const first = engine.open({ language: 'en', onEvent: () => {} }, hangUp.signal);
    const second = engine.open({ language: 'en', onEvent: () => {} }, testSignal());
    await server.until(() => server.requests.length === 2);
    const reason = new Error('hung up');
    hangUp.abort(reason);
    await assert.rejects(first, reason);
    await engine.close();
    await assert.rejects(second, { code: 'closed' });
  });

  it('ends its connections with a CloseStream and leaves no timer behind', async (test) => {
    const clock = new FakeClock();
    const { engine, server } = await start(test, {}, { clock });
    const log = new EventLog();
    await engine.open({ language: 'en', onEvent: log.onEvent }, testSignal());
    await engine.close();
    await server.until(() => server.connections[0]?.closed === true);
    assert.deepEqual(
      server.connections[0]?.messages.map(({ type }) => type),
      ['CloseStream'],
    );
    assert.deepEqual(log.events, []);
    assert.equal(clock.pendingTimers, 0);
  });
});
