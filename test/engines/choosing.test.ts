import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Secret } from '../../src/base/secret.ts';
import { chooseEngines } from '../../src/engines/choose.ts';
import type { EngineSettings } from '../../src/engines/engine-entry.ts';
import type { Providers } from '../../src/engines/providers.ts';
import {
  createEngines,
  createSpeechTranslator,
  MT_ENGINES,
  namesSetUp,
  S2S_ENGINES,
  STT_ENGINES,
  TTS_ENGINES,
} from '../../src/engines/registry.ts';
import { tryOutEngines } from '../../src/engines/try-out.ts';
import { EspeakNgEngine } from '../../src/engines/tts/espeak-ng/espeak-ng-engine.ts';
import { testSignal } from './events.ts';

const base = { sttModels: new Map<string, string>(), clock: systemClock, log: silentLog };
const apiKey = new Secret('a-key');
const url = 'http://127.0.0.1:1';
const EVERY_PROVIDER: Providers = {
  deepgram: { apiKey },
  vosk: { servers: new Map([['*', 'ws://127.0.0.1:1']]) },
  openaiTranscription: { url },
  deepl: { apiKey, glossaries: new Map([['en:es', 'id']]) },
  libretranslate: { url },
  xtts: { servers: [url] },
  elevenlabs: { apiKey },
  openaiSpeech: { url },
  openaiRealtime: { apiKey },
};
const names = { stt: ['pocketsphinx'], mt: ['apertium'], tts: ['espeak-ng'] };

describe('createEngines', () => {
  it('makes the engines named, each once', async () => {
    const engines = createEngines({ ...base, ...names, tts: ['espeak-ng', 'espeak-ng'] });
    assert.deepEqual(
      [engines.stt, engines.mt, engines.tts].map((list) => list.map((engine) => engine.name)),
      [['pocketsphinx'], ['apertium'], ['espeak-ng']],
    );
    await engines.close();
    await engines.close();
  });

  it('refuses a name there is not, and lists those there are', () => {
    assert.throws(() => createEngines({ ...base, ...names, mt: ['apertium', 'babelfish'] }), {
      code: 'engine-unknown',
      message: 'there is no mt engine "babelfish"; there is: deepl, libretranslate, apertium',
    });
  });

  it('refuses an engine whose provider is not set up, and says how that is done', () => {
    assert.throws(() => createEngines({ ...base, ...names, stt: ['deepgram'] }), {
      code: 'bad-option',
      message:
        'deepgram needs DEEPGRAM_API_KEY: set it in the environment, or DEEPGRAM_API_KEY_FILE to a file that holds the key',
    });
    assert.throws(() => createEngines({ ...base, ...names, tts: ['xtts'] }), {
      code: 'bad-option',
      message: 'xtts needs XTTS_URL: set it in the environment to the address of its server',
    });
    const settings = { ...base, from: 'en', to: 'es' };
    assert.throws(() => createSpeechTranslator('openai-realtime', settings), {
      code: 'bad-option',
      message: /^openai-realtime needs OPENAI_API_KEY/,
    });
    assert.throws(() => createSpeechTranslator('babelfish', settings), {
      code: 'engine-unknown',
      message: /there is: deepl-voice, openai-realtime$/,
    });
  });

  it('makes every engine there is once its provider is set up', async () => {
    const engines = createEngines({
      ...base,
      providers: EVERY_PROVIDER,
      stt: [...STT_ENGINES.keys()],
      mt: [...MT_ENGINES.keys()],
      tts: [...TTS_ENGINES.keys()],
    });
    const translators = [...S2S_ENGINES.keys()].map((name) =>
      createSpeechTranslator(name, { ...base, providers: EVERY_PROVIDER, from: 'en', to: 'es' }),
    );
    // Each is found again in the results by the name it has here.
    assert.deepEqual(
      [engines.stt, engines.mt, engines.tts, translators].map((list) => list.map(({ name }) => name)),
      [STT_ENGINES, MT_ENGINES, TTS_ENGINES, S2S_ENGINES].map((catalogue) => [...catalogue.keys()]),
    );
    await Promise.all([engines.close(), ...translators.map((translator) => translator.close())]);
  });
});

describe('namesSetUp', () => {
  it('has the engines of this machine only, until a provider is set up', () => {
    const all = [STT_ENGINES, MT_ENGINES, TTS_ENGINES];
    assert.deepEqual(
      all.map((catalogue) => namesSetUp<unknown, EngineSettings>(catalogue, {})),
      [['pocketsphinx'], ['apertium'], ['espeak-ng']],
    );
    assert.deepEqual(
      all.map((catalogue) => namesSetUp<unknown, EngineSettings>(catalogue, EVERY_PROVIDER)),
      [
        ['deepgram', 'vosk', 'openai-transcription', 'pocketsphinx'],
        ['deepl', 'libretranslate', 'apertium'],
        ['xtts', 'elevenlabs', 'openai-speech', 'espeak-ng'],
      ],
    );
  });
});

describe('chooseEngines', () => {
  const engines = createEngines({ ...base, ...names });
  after(() => engines.close());

  it('keeps every capable engine in order of preference', async () => {
    const second = new EspeakNgEngine({ clock: systemClock, wordsPerMinute: 120 });
    const unable = new EspeakNgEngine({ clock: systemClock, program: '/nonexistent' });
    const lists = { ...engines, tts: [unable, second, ...engines.tts] };
    const choice = await chooseEngines(lists, 'en', 'es');
    assert.deepEqual(choice.type === 'complete' && choice.engines.tts, [second, ...engines.tts]);
    const [left] = choice.type === 'complete' ? choice.unable : [];
    assert.deepEqual([left?.component, left?.engine], ['tts', 'espeak-ng']);
    assert.match(left?.reason ?? '', /\S/);
    await Promise.all([second.close(), unable.close()]);
  });

  it('lists everything that is missing', async () => {
    const choice = await chooseEngines({ ...engines, tts: [] }, 'es', 'ja');
    assert.deepEqual(choice.type === 'incomplete' && choice.missing, [
      'recognise es: pocketsphinx has no model for es; give one with --stt-model es=DIR',
      'translate es to ja: apertium has no pair from es to ja',
      'speak ja: no engine was chosen for it',
    ]);
  });
});

describe('tryOutEngines', () => {
  it('times every engine of a direction', async () => {
    const engines = createEngines({ ...base, ...names });
    const choice = await chooseEngines(engines, 'en', 'es');
    assert.equal(choice.type, 'complete');
    if (choice.type === 'complete') {
      const results = await tryOutEngines(choice.engines, engines.tts, systemClock, testSignal());
      assert.deepEqual(
        results.map(({ component, engine, error }) => [component, engine, error]),
        [
          ['mt', 'apertium', undefined],
          ['tts', 'espeak-ng', undefined],
          ['stt', 'pocketsphinx', undefined],
        ],
      );
      assert.ok(results.every(({ ms }) => ms > 0));
    }
    await engines.close();
  });

  it('tells what fails and goes on', async () => {
    const engines = createEngines({ ...base, ...names });
    const choice = await chooseEngines(engines, 'en', 'es');
    assert.equal(choice.type, 'complete');
    if (choice.type === 'complete') {
      await choice.engines.mt[0].close();
      const results = await tryOutEngines(choice.engines, [], systemClock, testSignal());
      assert.deepEqual(
        results.map(({ component, error }) => [component, error === undefined]),
        [
          ['mt', false],
          ['tts', true],
          ['stt', true],
        ],
      );
    }
    await engines.close();
  });
});
