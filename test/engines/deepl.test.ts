import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { AppError } from '../../src/base/errors.ts';
import { parseLanguage } from '../../src/base/language.ts';
import { Secret } from '../../src/base/secret.ts';
import { DeeplEngine, type DeeplSettings } from '../../src/engines/mt/deepl/deepl-engine.ts';
import { deeplSource, deeplTarget } from '../../src/engines/mt/deepl/languages.ts';
import type { MtRequest } from '../../src/engines/mt/mt-engine.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type DeeplFault, DeeplStandIn, type DeeplStandInOptions } from '../stand-ins/deepl.ts';
import { testSignal } from './events.ts';
import { describeMtContract, translateContractText } from './mt-contract.ts';
import { patientClock } from './patient-clock.ts';

const SPOKEN = 'my card number is four two';
const KEY = 'a-key-nobody-may-see';
const GLOSSARY = 'def3a26b-3e84-45b3-84ae-0c0aaf3525f7';

describe('DeepL', () => {
  let standIn: DeeplStandIn;
  before(async () => {
    standIn = await DeeplStandIn.open({ apiKey: KEY, translate: translateContractText });
  });
  after(() => standIn.close());
  describeMtContract(
    'deepl',
    () => new DeeplEngine({ clock: patientClock, apiKey: new Secret(KEY), url: standIn.url }),
  );
});

/** An API and an engine of it, both closed with the test. */
async function open(
  test: TestContext,
  options: DeeplStandInOptions = {},
  settings: Partial<DeeplSettings> = {},
): Promise<{ readonly standIn: DeeplStandIn; readonly engine: DeeplEngine }> {
  const standIn = await DeeplStandIn.open({ apiKey: KEY, ...options });
  const engine = new DeeplEngine({
    clock: patientClock,
    apiKey: new Secret(KEY),
    url: standIn.url,
    ...settings,
  });
  test.after(async () => {
    // First, because what is stalled ends when its connection is cut.
    await standIn.close();
    await engine.close();
  });
  return { standIn, engine };
}

function translate(
  engine: DeeplEngine,
  request: Partial<MtRequest> = {},
  signal = testSignal(),
): Promise<string> {
  return engine.translate({ text: SPOKEN, from: 'en', to: 'es', context: [], ...request }, signal);
}

describe('DeeplEngine', () => {
  it('sends one segment with what was said before, for speed and unsplit', async (test) => {
    const { standIn, engine } = await open(
      test,
      { glossaries: [GLOSSARY] },
      {
        formality: 'more',
        glossaries: new Map([['en:pt', GLOSSARY]]),
      },
    );
    const context = ['Is it far?', 'Not at all.'];
    assert.equal(
      await translate(engine, { text: ' It is near. ', to: 'pt-BR', from: 'en-GB', context }),
      '[PT-BR] It is near.',
    );
    const [request] = standIn.requests;
    assert.deepEqual(
      { ...request, userAgent: undefined },
      {
        text: ['It is near.'],
        sourceLang: 'en',
        targetLang: 'pt-BR',
        context: 'Is it far?\nNot at all.',
        formality: 'prefer_more',
        glossaryId: GLOSSARY,
        modelType: 'latency_optimized',
        betaLanguages: undefined,
        splitSentences: '0',
        userAgent: undefined,
        contentType: request?.contentType,
      },
    );
    assert.doesNotMatch(request?.userAgent ?? '', /linux/i);
  });

  it('leaves out what is not set, and formality where the language has none', async (test) => {
    const { standIn, engine } = await open(test, {}, { formality: 'less', modelType: 'quality_optimized' });
    await translate(engine, { from: 'es', to: 'en' });
    const [request] = standIn.requests;
    assert.equal(request?.targetLang, 'en-US');
    assert.equal(request?.modelType, 'quality_optimized');
    assert.deepEqual(
      [request?.formality, request?.context, request?.glossaryId],
      [undefined, undefined, undefined],
    );
  });

  it('asks neither from nor to languages of the newer models for the fast ones, which they refuse', async (test) => {
    const { standIn, engine } = await open(test);
    for (const [from, to] of [
      ['en', 'hi'],
      ['sw', 'en'],
      ['fil', 'de'],
      ['sr-Latn', 'hr'],
    ] as const) {
      await translate(engine, { from, to });
    }
    assert.deepEqual(
      standIn.requests.map(({ modelType }) => modelType),
      [undefined, undefined, undefined, undefined],
    );
  });

  it('asks for a beta where the target is one', async (test) => {
    const { standIn, engine } = await open(test);
    assert.equal(await translate(engine, { to: 'de-CH' }), `[DE-CH] ${SPOKEN}`);
    assert.equal(await translate(engine, { to: 'fr-CA' }), `[FR-CA] ${SPOKEN}`);
    await translate(engine, { to: 'de-AT' });
    assert.deepEqual(
      standIn.requests.map(({ targetLang, betaLanguages }) => [targetLang, betaLanguages]),
      [
        ['de-CH', 'true'],
        ['fr-CA', 'true'],
        ['de', undefined],
      ],
    );
  });

  it('prefers the glossary of a region', async (test) => {
    const glossaries = new Map([
      ['en:pt', 'general'],
      ['en:pt-BR', 'brazilian'],
    ]);
    const { standIn, engine } = await open(test, { glossaries: ['general', 'brazilian'] }, { glossaries });
    await translate(engine, { to: 'pt-BR' });
    await translate(engine, { to: 'pt' });
    assert.deepEqual(
      standIn.requests.map(({ glossaryId }) => glossaryId),
      ['brazilian', 'general'],
    );
  });

  it('says what it cannot translate, and that it has no key', async (test) => {
    const { engine } = await open(test);
    const reason = async (from: string, to: string, of = engine): Promise<string> => {
      const support = await of.supports(from, to);
      return support.supported ? 'supported' : support.reason;
    };
    assert.equal(await reason('no', 'zh-TW'), 'supported');
    assert.match(await reason('qq', 'es'), /from qq to es: it does not know qq$/);
    assert.match(await reason('en', 'en-GB'), /one language/);
    await assert.rejects(translate(engine, { to: 'qq' }), { code: 'language-unsupported' });
    const keyless = new DeeplEngine({ clock: patientClock, apiKey: new Secret('') });
    assert.match(await reason('en', 'es', keyless), /set DEEPL_API_KEY/);
    await assert.rejects(translate(keyless), { code: 'engine-refused' });
  });

  const faults: readonly (readonly [DeeplFault, code: string, facts: RegExp])[] = [
    [{ type: 'status', status: 400 }, 'engine-refused', /400.* en to es/],
    [{ type: 'status', status: 403 }, 'engine-refused', /403.*DEEPL_API_KEY.*:fx/],
    [{ type: 'status', status: 404 }, 'engine-refused', /127\.0\.0\.1:\d+ .*404.*DEEPL_URL/],
    [{ type: 'status', status: 429, retryAfterS: 1 }, 'engine-overloaded', /429/],
    [{ type: 'status', status: 456 }, 'engine-refused', /456.*DeepL account/],
    [{ type: 'status', status: 500 }, 'engine-bad-answer', /500/],
    [{ type: 'status', status: 503 }, 'engine-overloaded', /503/],
    [{ type: 'status', status: 529 }, 'engine-overloaded', /529/],
    [{ type: 'dropped' }, 'engine-died', /127\.0\.0\.1:\d+/],
    [{ type: 'truncated' }, 'engine-bad-answer', /127\.0\.0\.1:\d+/],
    [{ type: 'half-json' }, 'engine-bad-answer', /127\.0\.0\.1:\d+/],
    [{ type: 'none' }, 'engine-bad-answer', /127\.0\.0\.1:\d+/],
    [{ type: 'empty' }, 'engine-bad-answer', /127\.0\.0\.1:\d+/],
  ];
  for (const [fault, code, facts] of faults) {
    it(`says ${code} for ${inspect(fault)}, without the text or the key, and works again`, async (test) => {
      const { standIn, engine } = await open(test);
      standIn.failNext(fault);
      const error = await translate(engine).then(
        () => assert.fail('it was translated'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof AppError);
      assert.equal(error.code, code);
      assert.match(error.message, facts);
      assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), new RegExp(`${SPOKEN}|${KEY}`));
      assert.equal(standIn.requests.length, 1, 'it was tried again');
      assert.equal(await translate(engine), `[ES] ${SPOKEN}`);
    });
  }

  it('says which glossary there is not, or does not fit', async (test) => {
    const { standIn, engine } = await open(test, {}, { glossaries: new Map([['en:es', GLOSSARY]]) });
    await assert.rejects(translate(engine), {
      code: 'engine-refused',
      message: new RegExp(GLOSSARY),
    });
    standIn.failNext({ type: 'status', status: 400 });
    await assert.rejects(translate(engine), {
      code: 'engine-refused',
      message: new RegExp(`${GLOSSARY}.* en to es`),
    });
  });

  it('says that a wrong key is refused and that nothing listens, and shows no password', async (test) => {
    const { standIn } = await open(test);
    const other = new DeeplEngine({ clock: patientClock, apiKey: new Secret('other:fx'), url: standIn.url });
    await assert.rejects(translate(other), { code: 'engine-refused', message: /DEEPL_API_KEY/ });
    const url = 'http://user:password@127.0.0.1:1';
    const lost = new DeeplEngine({ clock: patientClock, apiKey: new Secret(KEY), url });
    await assert.rejects(translate(lost), {
      code: 'engine-start-failed',
      message: /^deepl: 127\.0\.0\.1:1 .*ECONNREFUSED/,
    });
  });

  it('sends a request again that is not answered in 400 ms, and takes the answer that comes', async (test) => {
    const clock = new FakeClock();
    const { standIn, engine } = await open(test, {}, { clock });
    standIn.failNext({ type: 'stall' });
    const translation = translate(engine);
    await standIn.untilRequests(1);
    await clock.advance(399);
    assert.equal(standIn.requests.length, 1);
    await clock.advance(1);
    assert.equal(await translation, `[ES] ${SPOKEN}`);
    assert.equal(standIn.requests.length, 2);
    assert.deepEqual(standIn.requests[0], standIn.requests[1]);
    assert.equal(clock.pendingTimers, 0);
  });

  it('takes the first answer when it comes after the second request', async (test) => {
    const clock = new FakeClock();
    const latenciesMs = [600, 5_000];
    const { standIn, engine } = await open(
      test,
      { clock, latencyMs: () => latenciesMs.shift() ?? 0 },
      { clock },
    );
    const translation = translate(engine);
    await standIn.untilRequests(1);
    await clock.advance(400);
    await standIn.untilRequests(2);
    await clock.advance(200);
    assert.equal(await translation, `[ES] ${SPOKEN}`);
  });

  it('gives up at its deadline', async (test) => {
    const clock = new FakeClock();
    const { standIn, engine } = await open(test, {}, { clock });
    standIn.failNext({ type: 'stall' }, { type: 'stall' });
    const late = assert.rejects(translate(engine), { code: 'engine-timeout', message: /within 1500 ms$/ });
    await standIn.untilRequests(1);
    await clock.advance(1_500);
    await late;
    await standIn.untilRequests(2);
    assert.equal(clock.pendingTimers, 0);
  });

  it('does not double the load of a provider that is slow for everyone', async (test) => {
    const clock = new FakeClock();
    const { standIn, engine } = await open(test, { clock, latencyMs: () => 1_000 }, { clock });
    const translations = Array.from({ length: 40 }, (_, index) => translate(engine, { text: `${index}` }));
    await standIn.untilRequests(40);
    await clock.advance(400);
    await standIn.untilRequests(50);
    await clock.advance(600);
    assert.equal((await Promise.all(translations)).length, 40);
    assert.equal(standIn.requests.length, 50);
  });

  it('refuses more than may be under way, and has no room for a second request then', async (test) => {
    const clock = new FakeClock();
    const { standIn, engine } = await open(test, {}, { clock, underWayLimit: 2 });
    standIn.failNext({ type: 'stall' }, { type: 'stall' });
    const controller = new AbortController();
    const abandoned = assert.rejects(translate(engine, {}, controller.signal), /hung up/);
    const slow = translate(engine).catch(() => 'ended');
    await standIn.untilRequests(2);
    await assert.rejects(translate(engine), { code: 'engine-overloaded' });
    await clock.advance(1_000);
    // A second request would arrive before this, and be answered.
    await fetch(`${standIn.url}/v2/usage`);
    assert.equal(standIn.requests.length, 2);
    controller.abort(new Error('hung up'));
    await abandoned;
    await standIn.untilAbandoned(1);
    assert.equal(await translate(engine), `[ES] ${SPOKEN}`);
    await standIn.close();
    assert.equal(await slow, 'ended');
  });

  it('aborts the request that is no longer wanted when the other was faster', async (test) => {
    const clock = new FakeClock();
    const { standIn, engine } = await open(test, {}, { clock });
    standIn.failNext({ type: 'stall' });
    const translation = translate(engine);
    await standIn.untilRequests(1);
    await clock.advance(400);
    await translation;
    await standIn.untilAbandoned(1);
  });

  it('ends what waits when it closes', async (test) => {
    const { standIn, engine } = await open(test);
    standIn.failNext({ type: 'stall' });
    const waiting = assert.rejects(translate(engine), { code: 'closed' });
    await standIn.untilRequests(1);
    await engine.close();
    await waiting;
    await standIn.untilAbandoned(1);
  });
});

describe('DeepL’s names of languages', () => {
  it('gives targets the variant they must have, by region', () => {
    const targets = {
      en: 'en-US',
      'en-GB': 'en-GB',
      'en-AU': 'en-GB',
      'en-US': 'en-US',
      pt: 'pt-PT',
      'pt-BR': 'pt-BR',
      es: 'es',
      'es-ES': 'es',
      'es-MX': 'es-419',
      zh: 'zh-HANS',
      'zh-CN': 'zh-HANS',
      'zh-TW': 'zh-HANT',
      cmn: 'zh-HANS',
      'de-AT': 'de',
      no: 'nb',
      qq: undefined,
    };
    for (const [language, target] of Object.entries(targets)) {
      assert.equal(deeplTarget(language), target, language);
    }
    assert.equal(deeplSource('pt-BR'), 'pt');
    assert.equal(deeplSource('nn'), undefined);
  });

  it('knows every source that the package knows', () => {
    const types = readFileSync(
      join(dirname(createRequire(import.meta.url).resolve('deepl-node')), 'types.d.ts'),
      'utf8',
    );
    const [, union = ''] = /type CommonLanguageCode = ([^;]+);/.exec(types) ?? [];
    const codes = [...union.matchAll(/'([a-z]+)'/g)].map(([, code = '']) => code);
    assert.ok(codes.length > 100);
    assert.deepEqual(
      [...codes, 'en', 'pt'].filter((code) => deeplSource(parseLanguage(code)) !== code),
      [],
    );
  });

  it('knows a language by the code that ICU makes of what is written', () => {
    for (const [written, canonical, code] of [
      ['kmr', 'ku', 'kmr'],
      ['prs', 'fa-AF', 'prs'],
      ['gom', 'kok', 'gom'],
      ['fa', 'fa', 'fa'],
      ['yue', 'yue', 'yue'],
      ['zh-HK', 'zh-HK', 'yue'],
    ] as const) {
      const language = parseLanguage(written);
      assert.deepEqual([language, deeplSource(language), deeplTarget(language)], [canonical, code, code]);
    }
  });
});

describe('DeeplStandIn', () => {
  it('speaks what a client other than ours sends', async (test) => {
    const { standIn } = await open(test, { characterLimit: 10 });
    const post = (body: object, key = KEY): Promise<Response> =>
      fetch(`${standIn.url}/v2/translate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `DeepL-Auth-Key ${key}` },
        body: JSON.stringify(body),
      });
    const good = await post({ text: ['a', 'b'], target_lang: 'DE', context: 'c' });
    assert.deepEqual(await good.json(), {
      translations: [
        { detected_source_language: 'EN', text: '[DE] a', billed_characters: 1 },
        { detected_source_language: 'EN', text: '[DE] b', billed_characters: 1 },
      ],
    });
    const usage = await fetch(`${standIn.url}/v2/usage`, {
      headers: { authorization: `DeepL-Auth-Key ${KEY}` },
    });
    assert.deepEqual(await usage.json(), { character_count: 2, character_limit: 10 });
    const statuses = [
      await post({ text: ['a'], target_lang: 'DE' }, 'wrong'),
      await post({ text: ['a'] }),
      await post({ target_lang: 'DE' }),
      await post({ text: ['a'], target_lang: 'KO', formality: 'more' }),
      await post({ text: ['a'], target_lang: 'DE', source_lang: 'EN', glossary_id: 'x' }),
      await post({ text: ['more than is left'], target_lang: 'DE' }),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [403, 400, 400, 400, 404, 456]);
  });
});
