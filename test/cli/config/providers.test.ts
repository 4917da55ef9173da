/** Providers as the environment sets them up: what is read, what is refused, and that no key is ever shown. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { readConfigText } from '../../../src/cli/config/config-file.ts';
import type { Environment } from '../../../src/cli/config/environment.ts';
import { loadConfig, readConfig } from '../../../src/cli/config/load-config.ts';
import { PROVIDER_VARIABLE_LIST } from '../../../src/cli/config/provider-variables.ts';
import { readProviders } from '../../../src/cli/config/providers.ts';
import type { ServeConfig } from '../../../src/cli/config/serve-config.ts';
import type { Providers } from '../../../src/engines/providers.ts';
import {
  EMOTION_READERS,
  MT_ENGINES,
  S2S_ENGINES,
  STT_ENGINES,
  TTS_ENGINES,
} from '../../../src/engines/registry.ts';

const directory = mkdtempSync(join(tmpdir(), 'dragoman-keys-'));
after(() => rmSync(directory, { recursive: true }));

const KEY = 'hush-hush-0123';

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function read(environment: Environment): Providers {
  const { providers, problems } = readProviders(environment);
  assert.deepEqual(problems, []);
  return providers;
}

function problem(environment: Environment): string {
  const { problems } = readProviders(environment);
  assert.equal(problems.length, 1, `${Object.keys(environment).join()}: ${problems.join()}`);
  assert.doesNotMatch(problems[0] ?? '', /hush/);
  return problems[0] ?? '';
}

function load(environment: Environment): ServeConfig {
  return loadConfig({}, { DRAGOMAN_PAIR: 'en:fr', ...environment });
}

describe('the variables of providers', () => {
  it('are each there once, for engines that there are, keys by their name', () => {
    const names = PROVIDER_VARIABLE_LIST.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const engines = [STT_ENGINES, MT_ENGINES, TTS_ENGINES, S2S_ENGINES, EMOTION_READERS].flatMap((all) => [
      ...all.keys(),
    ]);
    for (const variable of PROVIDER_VARIABLE_LIST) {
      assert.equal(variable.secret, variable.name.endsWith('_API_KEY'), variable.name);
      // What sums calls up is no engine of calls.
      const isOfCalls = !variable.name.startsWith('SUMMARY_');
      assert.equal(variable.engines.length > 0, isOfCalls, variable.name);
      assert.ok(variable.engines.every((each) => engines.includes(each)));
    }
  });

  it('hold what each engine says that it needs', () => {
    const entries = [STT_ENGINES, MT_ENGINES, TTS_ENGINES, S2S_ENGINES, EMOTION_READERS].flatMap((all) => [
      ...all,
    ]);
    for (const [name, { needs }] of entries) {
      const variable = PROVIDER_VARIABLE_LIST.find((each) => each.name === needs);
      assert.equal(variable?.engines.includes(name), needs === undefined ? undefined : true, name);
    }
  });
});

describe('readProviders', () => {
  it('sets up nothing from nothing, nor from empty variables', () => {
    assert.deepEqual(read({}), {});
    const empty = PROVIDER_VARIABLE_LIST.flatMap(({ name }) => [
      [name, ''],
      [`${name}_FILE`, ' '],
    ]);
    assert.deepEqual(readProviders(Object.fromEntries(empty)), {
      providers: {},
      written: [],
      misspelled: [],
      problems: [],
    });
  });

  it('reads everything', () => {
    const providers = read({
      DEEPGRAM_API_KEY: ` ${KEY}\n`,
      DEEPGRAM_URL: 'wss://api.eu.deepgram.com',
      DEEPGRAM_MODEL: 'flux-general-multi',
      DEEPGRAM_AGENT_URL: 'wss://agents.example.com',
      DEEPL_API_KEY: KEY,
      DEEPL_URL: 'https://api-free.deepl.com',
      DEEPL_FORMALITY: 'less',
      DEEPL_GLOSSARY: 'en:fr=one, FR:en=two',
      XTTS_URL: 'http://gpu1:8000, http://gpu2:8000',
      ELEVENLABS_API_KEY: KEY,
      ELEVENLABS_URL: 'https://api.us.elevenlabs.io',
      ELEVENLABS_MODEL: 'eleven_v3',
      VOSK_URL: 'en=ws://vosk:2700,fr=ws://vosk:2701',
      LIBRETRANSLATE_URL: 'http://127.0.0.1:5000',
      LIBRETRANSLATE_API_KEY: KEY,
      HUME_API_KEY: KEY,
      HUME_URL: 'wss://hume.example.com',
      OPENAI_API_KEY: KEY,
      OPENAI_TRANSCRIPTION_URL: 'http://127.0.0.1:8080/inference',
      OPENAI_TRANSCRIPTION_MODEL: 'Systran/faster-whisper-small',
      OPENAI_SPEECH_URL: 'http://[::1]:8880/v1',
      OPENAI_SPEECH_MODEL: 'kokoro',
      OPENAI_SPEECH_RATE: '16000',
      OPENAI_REALTIME_URL: 'wss://example.com/v1/realtime/translations',
      OPENAI_AGENT_URL: 'wss://example.com/v1/realtime',
      CHATTERBOX_URL: 'http://127.0.0.1:8004',
      POCKET_TTS_URL: 'en=http://127.0.0.1:8010,es=http://127.0.0.1:8011',
    });
    const { deepgram, deepl, xtts, elevenlabs, vosk, libretranslate } = providers;
    assert.equal(deepgram?.apiKey.reveal(), KEY);
    assert.deepEqual([deepgram?.url, deepgram?.model], ['wss://api.eu.deepgram.com', 'flux-general-multi']);
    assert.equal(deepgram?.agentUrl, 'wss://agents.example.com');
    assert.equal(deepl?.apiKey.reveal(), KEY);
    assert.deepEqual([deepl?.url, deepl?.formality], ['https://api-free.deepl.com', 'less']);
    assert.deepEqual(
      deepl?.glossaries,
      new Map([
        ['en:fr', 'one'],
        ['fr:en', 'two'],
      ]),
    );
    assert.deepEqual(xtts, { servers: ['http://gpu1:8000', 'http://gpu2:8000'] });
    assert.deepEqual([elevenlabs?.url, elevenlabs?.model], ['https://api.us.elevenlabs.io', 'eleven_v3']);
    assert.deepEqual(
      vosk?.servers,
      new Map([
        ['en', 'ws://vosk:2700'],
        ['fr', 'ws://vosk:2701'],
      ]),
    );
    assert.deepEqual([libretranslate?.url, libretranslate?.apiKey?.reveal()], ['http://127.0.0.1:5000', KEY]);
    const { openaiTranscription, openaiSpeech, openaiRealtime } = providers;
    assert.equal(openaiTranscription?.model, 'Systran/faster-whisper-small');
    assert.equal(openaiSpeech?.rateHz, 16_000);
    for (const each of [openaiTranscription, openaiSpeech, openaiRealtime]) {
      assert.equal(each?.apiKey?.reveal(), KEY);
    }
    assert.equal(openaiRealtime?.url, 'wss://example.com/v1/realtime/translations');
    assert.equal(openaiRealtime?.agentUrl, 'wss://example.com/v1/realtime');
    assert.equal(providers.chatterbox?.url, 'http://127.0.0.1:8004');
    assert.equal(providers.pocketTts?.servers.get('es'), 'http://127.0.0.1:8011');
  });

  it('does not set up what lacks its key or its address', () => {
    assert.deepEqual(
      read({
        DEEPGRAM_URL: 'wss://api.eu.deepgram.com',
        DEEPL_FORMALITY: 'more',
        LIBRETRANSLATE_API_KEY: KEY,
        OPENAI_SPEECH_MODEL: 'kokoro',
      }),
      {},
    );
    assert.deepEqual(Object.keys(read({ OPENAI_API_KEY: KEY })), ['openaiRealtime']);
  });

  it('reads a key from a file', () => {
    const path = file('deepl.key', `${KEY}\n`);
    const { providers, written } = readProviders({ DEEPL_API_KEY: '', DEEPL_API_KEY_FILE: path });
    assert.equal(providers.deepl?.apiKey.reveal(), KEY);
    assert.deepEqual(written, ['DEEPL_API_KEY_FILE']);
  });

  it('refuses a key that is written twice', () => {
    const path = file('twice.key', KEY);
    assert.match(
      problem({ DEEPL_API_KEY: KEY, DEEPL_API_KEY_FILE: path }),
      /^DEEPL_API_KEY: the key is written in DEEPL_API_KEY_FILE, too: write one of the two$/,
    );
  });

  it('refuses a file of a key that cannot be read, is empty or is something else', () => {
    assert.match(
      problem({ DEEPL_API_KEY_FILE: '/does/not/exist' }),
      /^DEEPL_API_KEY_FILE: the file \/does\/not\/exist cannot be read \(ENOENT\): write/,
    );
    assert.match(problem({ DEEPL_API_KEY_FILE: directory }), /cannot be read \(EISDIR\)/);
    assert.match(problem({ DEEPL_API_KEY_FILE: file('empty', '\n') }), /holds no key: write/);
    assert.match(problem({ DEEPL_API_KEY_FILE: file('long', 'hush'.repeat(2_000)) }), /holds no key/);
    assert.match(problem({ DEEPL_API_KEY_FILE: file('lines', 'hush\nhush') }), /it is no key/);
  });

  it('refuses keys and addresses that are none, without repeating them', () => {
    assert.match(problem({ DEEPGRAM_API_KEY: 'hush hush' }), /^DEEPGRAM_API_KEY: it is no key/);
    assert.match(problem({ DEEPGRAM_API_KEY: 'hüsh-hush' }), /copy it again$/);
    for (const text of ['hush', 'ftp://hush', 'http:hush', 'deepl.com:443']) {
      assert.match(
        problem({ DEEPL_URL: text }),
        /^DEEPL_URL: it is no address .* write one such as https:/,
        text,
      );
    }
    for (const text of [
      'https://user:hush@api.deepl.com',
      'https://api.deepl.com/?key=hush',
      'http://a#hush',
    ]) {
      assert.match(problem({ DEEPL_URL: text }), /^DEEPL_URL: it holds more than an address/, text);
    }
    assert.match(problem({ OPENAI_REALTIME_URL: 'https://hush' }), /wss:\/\/ or ws:\/\//);
    assert.match(problem({ VOSK_URL: 'http://hush' }), /^VOSK_URL: a Vosk server is a WebSocket URL: write/);
    assert.match(problem({ POCKET_TTS_URL: 'en=hush' }), /^POCKET_TTS_URL: it is no address/);
    assert.match(problem({ XTTS_URL: 'http://a:1,hush' }), /^XTTS_URL: it is no address/);
    assert.match(problem({ XTTS_URL: ',' }), /write at least one/);
  });

  it('refuses models, rates, formalities and glossaries that are none, also of what is not set up', () => {
    assert.match(problem({ DEEPGRAM_MODEL: 'whisper' }), /write nova-3, nova-2, flux-general-en/);
    assert.match(problem({ ELEVENLABS_MODEL: 'a b' }), /no name of a model/);
    assert.match(problem({ OPENAI_SPEECH_RATE: '24 kHz' }), /from 8000 to 48000/);
    assert.match(problem({ DEEPL_FORMALITY: 'prefer_less' }), /write default, less or more/);
    assert.match(problem({ DEEPL_GLOSSARY: 'en:fr' }), /write en:fr=id/);
    assert.match(problem({ DEEPL_GLOSSARY: 'enfr=id' }), /not a language pair/);
    assert.match(problem({ DEEPL_GLOSSARY: 'en:fr=id,en:fr=id' }), /two glossaries for en:fr/);
  });
});

describe('the configuration of serve, with providers', () => {
  it('uses those that are set up before the engines of this machine', () => {
    const { stt, mt, tts } = load({
      DEEPGRAM_API_KEY: KEY,
      DEEPL_API_KEY: KEY,
      XTTS_URL: 'http://10.0.0.7:8000',
    });
    assert.deepEqual(
      [stt, mt, tts],
      [
        ['deepgram', 'pocketsphinx'],
        ['deepl', 'apertium'],
        ['xtts', 'espeak-ng'],
      ],
    );
  });

  it('takes a key of OpenAI alone for no engine of the lists', () => {
    const { stt, tts } = load({ OPENAI_API_KEY: KEY });
    assert.deepEqual([stt, tts], [['pocketsphinx'], ['espeak-ng']]);
  });

  it('uses the engines that are named, and no others', () => {
    const { stt, mt } = load({ DEEPGRAM_API_KEY: KEY, DRAGOMAN_STT: 'pocketsphinx', DRAGOMAN_MT: 'deepl' });
    assert.deepEqual([stt, mt], [['pocketsphinx'], ['deepl']]);
  });

  it('tells what is wrong with providers along with everything else', () => {
    const result = readConfig({}, { DRAGOMAN_MODE: 'x', DEEPGRAM_API_KEY: 'hush hush' });
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems.map((each) => each.slice(0, each.indexOf(':'))),
      ['DRAGOMAN_MODE', '--pair', 'DEEPGRAM_API_KEY'],
    );
  });

  it('can be printed without showing a key', () => {
    const config = load({ DEEPGRAM_API_KEY: KEY, DEEPL_API_KEY: KEY, OPENAI_API_KEY: KEY });
    for (const text of [inspect(config, { depth: 9, showHidden: true }), JSON.stringify(config)]) {
      assert.match(text, /\[secret\]/);
      assert.doesNotMatch(text, /hush/);
    }
  });

  it('refuses a key in the file, and says where it belongs', () => {
    for (const key of ['DEEPGRAM_API_KEY', 'deepgram-api-key', 'deepgram_api_key_file']) {
      const { problems } = readConfigText(`${key}: ${KEY}\n`, 'dragoman.yaml');
      assert.equal(problems.length, 1);
      assert.match(
        problems[0] ?? '',
        /keys are written neither into the file nor .* DEEPGRAM_API_KEY_FILE to a file/,
      );
      assert.doesNotMatch(problems[0] ?? '', /hush/);
    }
    const ofProblem = (yaml: string): string => readConfigText(yaml, 'dragoman.yaml').problems.join();
    assert.match(ofProblem('xtts-url: http://a\n'), /set XTTS_URL$/);
    assert.match(ofProblem(`deepl: { key: ${KEY} }\n`), /such as DEEPL_API_KEY: dragoman serve --help/);
  });

  it('refuses a variable of a provider with our prefix', () => {
    const result = readConfig({}, { DRAGOMAN_PAIR: 'en:fr', DRAGOMAN_DEEPL_API_KEY: KEY });
    assert.ok(!result.ok);
    assert.match(result.problems.join(), /^DRAGOMAN_DEEPL_API_KEY: .* set the variable DEEPL_API_KEY, or/);
  });
});
