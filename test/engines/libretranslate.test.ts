import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { AppError } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import { candidateCodes, findPair } from '../../src/engines/mt/libretranslate/languages.ts';
import {
  LibretranslateEngine,
  type LibretranslateSettings,
} from '../../src/engines/mt/libretranslate/libretranslate-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import {
  type LibretranslateFault,
  LibretranslateStandIn,
  type LibretranslateStandInOptions,
} from '../stand-ins/libretranslate.ts';
import { testSignal } from './events.ts';
import { describeMtContract, translateContractText } from './mt-contract.ts';
import { patientClock } from './patient-clock.ts';

const SPOKEN = 'my card number is four two';
const KEY = 'a-key-nobody-may-see';

describe('LibreTranslate', () => {
  let standIn: LibretranslateStandIn;
  before(async () => {
    standIn = await LibretranslateStandIn.open({ translate: translateContractText });
  });
  after(() => standIn.close());
  describeMtContract(
    'libretranslate',
    () => new LibretranslateEngine({ clock: patientClock, url: standIn.url }),
  );
});

/** A server and an engine of it, both closed with the test. */
async function open(
  test: TestContext,
  options: LibretranslateStandInOptions = {},
  settings: Partial<LibretranslateSettings> = {},
): Promise<{ readonly standIn: LibretranslateStandIn; readonly engine: LibretranslateEngine }> {
  const standIn = await LibretranslateStandIn.open(options);
  const engine = new LibretranslateEngine({ clock: patientClock, url: standIn.url, ...settings });
  test.after(async () => {
    await standIn.close();
    await engine.close();
  });
  return { standIn, engine };
}

function translate(engine: LibretranslateEngine, text = SPOKEN, signal = testSignal()): Promise<string> {
  return engine.translate({ text, from: 'en', to: 'es', context: ['not for LibreTranslate'] }, signal);
}

async function reasonOf(engine: LibretranslateEngine, from = 'en', to = 'es'): Promise<string> {
  const support = await engine.supports(from, to);
  return support.supported ? 'supported' : support.reason;
}

describe('LibretranslateEngine', () => {
  it('sends one text as text, with the key and without what was said before', async (test) => {
    const { standIn, engine } = await open(test, { apiKey: KEY }, { apiKey: new Secret(KEY) });
    assert.equal(await translate(engine, '  hello '), '[es] hello');
    assert.deepEqual(standIn.requests, [
      { q: 'hello', source: 'en', target: 'es', format: 'text', alternatives: 0, api_key: KEY },
    ]);
  });

  it('asks for the languages once, however many want to know', async (test) => {
    const { standIn, engine } = await open(test);
    await Promise.all([engine.supports('en', 'es'), engine.supports('es', 'en'), translate(engine)]);
    await engine.supports('en', 'es');
    assert.equal(standIn.languageRequests, 1);
  });

  it('asks again for languages that it was not told', async (test) => {
    const { standIn, engine } = await open(test);
    standIn.failNext({ type: 'status', status: 500 });
    assert.match(await reasonOf(engine), /500/);
    assert.equal(await reasonOf(engine), 'supported');
  });

  it('uses the codes of the server', async (test) => {
    const codes = ['en', 'pb', 'zt', 'zh-Hans'];
    const languages = codes.map((code) => ({ code, name: code, targets: codes }));
    const { standIn, engine } = await open(test, { languages });
    for (const to of ['pt-BR', 'zh-TW', 'zh']) {
      await engine.translate({ text: 'x', from: 'en-GB', to, context: [] }, testSignal());
    }
    assert.deepEqual(
      standIn.requests.map(({ source, target }) => `${source}>${target}`),
      ['en>pb', 'en>zt', 'en>zh-Hans'],
    );
  });

  it('takes an old server, which does not say its targets, to translate everything', async (test) => {
    const languages = [
      { code: 'en', name: 'English' },
      { code: 'de', name: 'German' },
    ];
    const { engine } = await open(test, { languages });
    assert.equal(await reasonOf(engine, 'en', 'de'), 'supported');
    assert.match(await reasonOf(engine, 'en', 'fr'), /no model from en to fr/);
  });

  it('says what to do about a model that is not there', async (test) => {
    const { engine } = await open(test);
    assert.match(await reasonOf(engine, 'en', 'pt-BR'), /no model from en to pt-BR.*--load-only en,pt$/);
    await assert.rejects(engine.translate({ text: 'x', from: 'en', to: 'pt', context: [] }, testSignal()), {
      code: 'language-unsupported',
    });
  });

  it('says where the server should be when it cannot be reached, or is something else', async (test) => {
    const { standIn, engine } = await open(test);
    standIn.failNext({ type: 'answer', body: '<html>' }, { type: 'answer', body: '[{"name":"x"}]' });
    assert.match(await reasonOf(engine), /LIBRETRANSLATE_URL/);
    assert.match(await reasonOf(engine), /LIBRETRANSLATE_URL/);
    const lost = new LibretranslateEngine({ clock: patientClock, url: `${standIn.url}/elsewhere/` });
    assert.match(await reasonOf(lost), /404.*LIBRETRANSLATE_URL/);
    await standIn.close();
    assert.match(await reasonOf(engine), /127\.0\.0\.1:\d+ .*ECONNREFUSED.*LIBRETRANSLATE_URL/);
    assert.throws(() => new LibretranslateEngine({ clock: patientClock, url: 'no url' }), {
      code: 'bad-option',
    });
  });

  it('says that a key is wanted, or wrong', async (test) => {
    const { standIn, engine } = await open(test, { apiKey: KEY });
    await assert.rejects(translate(engine), {
      code: 'engine-refused',
      message: /LIBRETRANSLATE_API_KEY/,
    });
    const other = new LibretranslateEngine({
      clock: patientClock,
      url: standIn.url,
      apiKey: new Secret('another'),
    });
    await assert.rejects(translate(other), { code: 'engine-refused', message: /LIBRETRANSLATE_API_KEY/ });
  });

  const faults: readonly (readonly [LibretranslateFault, code: string, facts: RegExp])[] = [
    [{ type: 'status', status: 400 }, 'engine-refused', /400/],
    [{ type: 'status', status: 403 }, 'engine-refused', /403.*LIBRETRANSLATE_API_KEY/],
    [{ type: 'status', status: 429 }, 'engine-overloaded', /429.*--req-limit/],
    [{ type: 'status', status: 500 }, 'engine-bad-answer', /500/],
    [{ type: 'status', status: 503 }, 'engine-overloaded', /503/],
    [{ type: 'dropped' }, 'engine-died', /127\.0\.0\.1:\d+/],
    [{ type: 'truncated' }, 'engine-bad-answer', /127\.0\.0\.1:\d+/],
    [{ type: 'answer', body: '{"translatedText":"' }, 'engine-bad-answer', /127\.0\.0\.1:\d+/],
    [{ type: 'answer', body: '{"translatedText":" "}' }, 'engine-bad-answer', /127\.0\.0\.1:\d+/],
    [{ type: 'answer', body: '{"translatedText":["a"]}' }, 'engine-bad-answer', /127\.0\.0\.1:\d+/],
  ];
  for (const [fault, code, facts] of faults) {
    it(`says ${code} for ${inspect(fault)}, without the text or the key, and works again`, async (test) => {
      const { standIn, engine } = await open(test, { apiKey: KEY }, { apiKey: new Secret(KEY) });
      await engine.supports('en', 'es');
      // The connection that answered for the languages is asked first, and then a new one.
      standIn.failNext(...(fault.type === 'dropped' ? [fault, fault] : [fault]));
      const error = await translate(engine).then(
        () => assert.fail('it was translated'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof AppError);
      assert.equal(error.code, code);
      assert.match(error.message, facts);
      assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), new RegExp(`${SPOKEN}|${KEY}`));
      assert.equal(await translate(engine), `[es] ${SPOKEN}`);
    });
  }

  it('gives up on an answer that does not come, and drops the connection', async (test) => {
    const clock = new FakeClock();
    const { standIn, engine } = await open(test, {}, { clock });
    await engine.supports('en', 'es');
    standIn.failNext({ type: 'stall' });
    const late = assert.rejects(translate(engine), { code: 'engine-timeout', message: /3000 ms/ });
    await standIn.untilRequests(1);
    await clock.advance(3_000);
    await late;
    assert.equal(clock.pendingTimers, 0);
    await engine.close();
  });

  it('is not held up by the question for languages when the caller hangs up', async (test) => {
    const { standIn, engine } = await open(test);
    standIn.failNext({ type: 'stall' });
    const controller = new AbortController();
    const abandoned = assert.rejects(translate(engine, SPOKEN, controller.signal), /hung up/);
    controller.abort(new Error('hung up'));
    await abandoned;
  });

  it('refuses more than may be under way', async (test) => {
    const { standIn, engine } = await open(test, {}, { underWayLimit: 2 });
    await engine.supports('en', 'es');
    standIn.failNext({ type: 'stall' }, { type: 'stall' });
    const waiting = [translate(engine), translate(engine)].map((each) => each.catch(() => 'ended'));
    await assert.rejects(translate(engine), { code: 'engine-overloaded' });
    await standIn.untilRequests(2);
    await engine.close();
    assert.deepEqual(await Promise.all(waiting), ['ended', 'ended']);
  });

  it('ends what waits when it closes', async (test) => {
    const { standIn, engine } = await open(test);
    await engine.supports('en', 'es');
    standIn.failNext({ type: 'stall' });
    const waiting = assert.rejects(translate(engine), { code: 'closed' });
    await standIn.untilRequests(1);
    await engine.close();
    await waiting;
    await assert.rejects(translate(engine), { code: 'closed' });
  });
});

describe('LibreTranslate’s names of languages', () => {
  it('tries the names of new servers before those of old ones', () => {
    assert.deepEqual(candidateCodes('pt-BR'), ['pt-BR', 'pb', 'pt']);
    assert.deepEqual(candidateCodes('pt-PT'), ['pt-PT', 'pt', 'pt-BR', 'pb']);
    assert.deepEqual(candidateCodes('zh-TW'), ['zh-Hant', 'zt', 'zh-Hans', 'zh']);
    assert.deepEqual(candidateCodes('zh-CN'), ['zh-CN', 'zh-Hans', 'zh', 'zh-Hant', 'zt']);
    assert.deepEqual(candidateCodes('de-AT'), ['de-AT', 'de']);
  });

  it('finds no pair of a language and itself', () => {
    const languages = [{ code: 'en', targets: ['en', 'es'] }];
    assert.equal(findPair(languages, 'en-GB', 'en'), undefined);
    assert.deepEqual(findPair(languages, 'en-GB', 'es-MX'), { source: 'en', target: 'es' });
  });
});

describe('LibretranslateStandIn', () => {
  it('speaks what a client other than ours sends', async (test) => {
    const { standIn } = await open(test);
    const health = await fetch(`${standIn.url}/health`);
    assert.deepEqual(await health.json(), { status: 'ok' });
    const form = await fetch(`${standIn.url}/translate`, {
      method: 'POST',
      body: new URLSearchParams({ q: 'hello', source: 'en', target: 'es' }),
    });
    assert.deepEqual(await form.json(), { translatedText: '[es] hello' });
    const list = await fetch(`${standIn.url}/translate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ q: ['a', 'b'], source: 'en', target: 'es' }),
    });
    assert.deepEqual(await list.json(), { translatedText: ['[es] a', '[es] b'] });
    const bad = await fetch(`${standIn.url}/translate`, {
      method: 'POST',
      body: new URLSearchParams({ q: 'hello', source: 'en', target: 'xx' }),
    });
    assert.equal(bad.status, 400);
    assert.deepEqual(await bad.json(), { error: 'xx is not supported' });
  });
});
