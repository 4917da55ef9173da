import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import { Secret } from '../../src/base/secret.ts';
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
import { patientClock } from './patient-clock.ts';

const base = { sttModels: new Map<string, string>(), clock: patientClock, log: silentLog };
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
  chatterbox: { url },
  pocketTts: { servers: new Map([['*', url]]) },
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
        ['xtts', 'elevenlabs', 'openai-speech', 'chatterbox', 'pocket-tts', 'espeak-ng'],
      ],
    );
  });
});
