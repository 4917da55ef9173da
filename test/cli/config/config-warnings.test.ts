/** What passed without a word and did nothing: each is told once, with where it is written and what to write. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Command } from 'commander';
import { checkExposure } from '../../../src/cli/check/exposure-checks.ts';
import type { Environment } from '../../../src/cli/config/environment.ts';
import { addServeFlags } from '../../../src/cli/config/flags.ts';
import { readConfig } from '../../../src/cli/config/load-config.ts';
import type { ConfigResult, ServeConfig } from '../../../src/cli/config/serve-config.ts';
import { readGlossaries } from '../../../src/server/interpreting/glossaries.ts';
import { never } from '../../support/waiting.ts';

const KEY = 'hush-hush-0123';

const directory = mkdtempSync(join(tmpdir(), 'dragoman-warnings-'));
after(() => rmSync(directory, { recursive: true }));

function read(flags: readonly string[], environment: Environment = {}): ConfigResult {
  const command = new Command('serve').exitOverride();
  addServeFlags(command);
  command.parse([...flags], { from: 'user' });
  return readConfig(command.opts(), environment);
}

function load(flags: string, environment: Environment = {}): ServeConfig {
  const result = read(flags.split(' '), environment);
  assert.ok(result.ok, result.ok ? '' : result.problems.join());
  return result.config;
}

/** The warnings, `where: what`. */
function warnings(flags: string, environment: Environment = {}): readonly string[] {
  return load(flags, environment).warnings.map(({ origin, sentence }) => `${origin}: ${sentence}`);
}

function problems(flags: string, environment: Environment = {}): string {
  const result = read(flags.split(' '), environment);
  assert.ok(!result.ok, 'the configuration is let through');
  return result.problems.join('\n');
}

function tokenFile(): string {
  const path = join(directory, 'tokens');
  writeFileSync(path, 'console a-token-of-some-length read,captions\n', { mode: 0o600 });
  return path;
}

function file(content: string | Uint8Array): string {
  const path = join(directory, 'file');
  writeFileSync(path, content);
  return path;
}

describe('settings for languages that nobody speaks', () => {
  it('are told, with the languages there are', () => {
    const left = 'only en, es: leave';
    assert.match(
      warnings('--pair en:es --voice fr=anna').join(),
      new RegExp(`^--voice: nobody speaks fr here, ${left} fr=anna out`),
    );
    assert.match(
      warnings('--pair en:es --stt-model fr=/models/fr').join(),
      new RegExp(`^--stt-model: .*${left}`),
    );
    assert.match(
      warnings('--pair en:es', { DRAGOMAN_ANNOUNCE: 'fr=Bonjour' }).join(),
      new RegExp(`^DRAGOMAN_ANNOUNCE: .*${left}`),
    );
    assert.deepEqual(warnings('--pair en:es --voice es=x --stt-model es=/m --announce en=Hello'), []);
    assert.deepEqual(warnings('--listen 127.0.0.1:1=en:fr --pair en:es --voice fr=anna'), []);
  });

  it('are told of a language with another region, where a voice is found by the very language only', () => {
    assert.deepEqual(warnings('--pair en:es-MX --voice es=x'), [
      '--voice: es is not es-MX, which is spoken here: write es-MX=x',
    ]);
    assert.deepEqual(warnings('--pair en:es-MX --stt-model es=/m --announce es=Hola'), []);
    assert.match(warnings('--pair en:es --stt-model es-MX=/m').join(), /write es=\/m$/);
  });
});

describe('what OpenAI will end', () => {
  const there = {
    OPENAI_SPEECH_URL: 'https://api.openai.com',
    OPENAI_TRANSCRIPTION_URL: 'https://api.openai.com/v1',
    OPENAI_API_KEY: KEY,
  };

  it('is told with its date, where it is used', () => {
    const [speech, transcription, ...more] = warnings('--pair en:es', there);
    assert.match(speech ?? '', /^OPENAI_SPEECH_URL: .*6 January 2027/);
    assert.match(
      transcription ?? '',
      /^OPENAI_TRANSCRIPTION_URL: .* whisper-1 on 26 February 2027: .*gpt-transcribe$/,
    );
    assert.deepEqual(more, []);
    const model = { ...there, OPENAI_TRANSCRIPTION_MODEL: 'gpt-4o-mini-transcribe-2025-12-15' };
    assert.match(warnings('--pair en:es', model).join(), /gpt-4o-mini-transcribe-2025-12-15 on 26/);
  });

  it('is not told of other models, of servers of one’s own, or of what is not used', () => {
    const own = {
      OPENAI_SPEECH_URL: 'http://10.0.0.7:8880',
      OPENAI_TRANSCRIPTION_URL: 'http://10.0.0.7:8000',
    };
    assert.deepEqual(warnings('--pair en:es', own), []);
    const later = { ...there, OPENAI_TRANSCRIPTION_MODEL: 'gpt-transcribe' };
    assert.deepEqual(warnings('--pair en:es --tts espeak-ng', later), []);
    assert.deepEqual(warnings('--pair en:es --tts espeak-ng --stt pocketsphinx', there), []);
  });
});

describe('settings that do nothing with the others', () => {
  it('are told with what would make them do something', () => {
    const realtime = { OPENAI_API_KEY: KEY };
    const cases: readonly (readonly [string, Environment, RegExp])[] = [
      ['--pair en:es --code-switching on', {}, /^--code-switching: only deepgram .* set DEEPGRAM_API_KEY/],
      ['--pair en:pl --code-switching on', { DEEPGRAM_API_KEY: KEY }, /nova-3 cannot tell en and pl apart/],
      ['--pair en:es --announcement off --announce en=Hi', {}, /^--announce: .*--announcement off/],
      [
        '--pair en:es --stt-model es=/m --stt deepgram',
        { DEEPGRAM_API_KEY: KEY },
        /--stt deepgram,pocketsphinx/,
      ],
      ['--pair en:es --mode passthrough --voice es=x', {}, /^--voice: .*--mode passthrough/],
      ['--pair en:es --mode passthrough --manner on', {}, /^--manner: .*--mode passthrough/],
      ['--pair en:es --voice-choice fr=x|y', {}, /^--voice-choice: nobody speaks fr here/],
      ['--pair en:es --emotion-of a', {}, /^--emotion-of: nothing judges voices without --emotion/],
      [
        '--pair en:es --interpreter openai-realtime --mt apertium',
        realtime,
        /^--mt: .*--interpreter openai-realtime/,
      ],
      ['--pair en:es --interpreter openai-realtime --policy turn', realtime, /^--policy: /],
      [
        '--listen 127.0.0.1:7777=en:es --listen 127.0.0.1:7778=es:en --pairing port --rejoin 5',
        {},
        /^--rejoin: .*--pairing port/,
      ],
    ];
    for (const [flags, environment, expected] of cases) {
      const told = warnings(flags, environment);
      assert.equal(told.length, 1, `${flags}: ${told.join()}`);
      assert.match(told[0] ?? '', expected);
    }
    assert.deepEqual(warnings('--pair en:es --code-switching on', { DEEPGRAM_API_KEY: KEY }), []);
  });
});

describe('variables of providers', () => {
  it('are told when they are misspelled and the one that is meant is not set', () => {
    const told = (name: string, more: Environment = {}): string =>
      warnings('--pair en:es', { [name]: KEY, ...more }).join();
    for (const [name, meant] of [
      ['DEEPGRAM_APIKEY', 'DEEPGRAM_API_KEY'],
      ['deepgram_api_key', 'DEEPGRAM_API_KEY'],
      ['DEEPGRAMM_API_KEY', 'DEEPGRAM_API_KEY'],
      ['DEEPGRAM_KEY', 'DEEPGRAM_API_KEY'],
      ['DEEPL_AUTH_KEY', 'DEEPL_API_KEY'],
      ['DEEPL_APIKEY_FILE', 'DEEPL_API_KEY_FILE'],
      ['ELEVEN_LABS_API_KEY', 'ELEVENLABS_API_KEY'],
      ['XTTS_URI', 'XTTS_URL'],
      ['LIBRE_TRANSLATE_URL', 'LIBRETRANSLATE_URL'],
    ] as const) {
      assert.equal(told(name), `${name}: nothing reads it: did you mean ${meant}?`);
    }
    assert.equal(told('DEEPL_AUTH_KEY', { DEEPL_API_KEY: KEY }), '');
    for (const name of [
      'TTS_URL',
      'OPENAI_ORG_ID',
      'OPENAI_BASE_URL',
      'API_KEY',
      'GITHUB_TOKEN',
      'PATH',
      'KEY',
    ]) {
      assert.equal(told(name), '', name);
    }
    assert.equal(warnings('--pair en:es', { DEEPGRAM_APIKEY: ' ' }).length, 0);
  });

  it('are told when what sets their provider up is missing', () => {
    assert.deepEqual(warnings('--pair en:es', { DEEPGRAM_MODEL: 'nova-2' }), [
      'DEEPGRAM_MODEL: it does nothing while DEEPGRAM_API_KEY is not set: set that, or leave this out',
    ]);
    assert.deepEqual(warnings('--pair en:es', { DEEPGRAM_MODEL: 'nova-2', DEEPGRAM_API_KEY: KEY }), []);
  });
});

describe('open doors', () => {
  it('are told: who can join, and who can read what is said', async () => {
    assert.match(
      warnings('--pair en:es --listen 0.0.0.0:5050').join(),
      /^--allow: whoever reaches .* write --allow/,
    );
    assert.deepEqual(warnings('--pair en:es --listen 0.0.0.0:5050 --allow 192.0.2.7'), []);
    const captions = `--pair en:es --captions --http 0.0.0.0:3000 --api-token-file ${tokenFile()}`;
    assert.match(
      warnings(captions).join(),
      /^--captions: what is said, .* leave 0\.0\.0\.0:3000 unencrypted: .* --http 127/,
    );
    const items = [];
    for await (const item of checkExposure(load(captions))(never())) {
      items.push(`${item.outcome} ${item.subject}`);
    }
    assert.deepEqual(items, ['ok --allow', 'warning --captions']);
    assert.match(
      warnings(captions.replace('--captions', '--listen-in on')).join(),
      /^--listen-in: what is said, .* unencrypted/,
    );
    assert.deepEqual(warnings('--pair en:es --captions --http 0.0.0.0:3000'), []);
    assert.match(
      warnings(`--pair en:es --http off --api-token-file ${tokenFile()}`).join(),
      /^--api-token-file: it does nothing while --http is off/,
    );
  });
});

describe('what can never be meant', () => {
  it('is refused: one leg, places for fewer parties than are written', () => {
    assert.match(
      problems('--pair en:es --max-legs 1'),
      /^--max-legs: "1" is out of range: write .* from 2 to/,
    );
    assert.match(
      problems('--parties en,es,fr --max-parties 2'),
      /^--max-parties: 3 parties .* write --max-parties 3/,
    );
    assert.match(
      problems('--parties en,es,fr --max-legs 2'),
      /^--max-legs: 3 parties .* write --max-legs 3 or more/,
    );
  });

  it('is refused: the code of no language, with what it may stand for', () => {
    assert.equal(
      problems('--pair en:sp'),
      '--pair: sp is the code of no language: write one, es for Spanish',
    );
    assert.match(problems('--pair en:es --voice xx=anna'), /^--voice: xx is the code of no language/);
    assert.match(problems('--parties en,po,es'), /pl for Polish or pt for Portuguese/);
    assert.match(warnings('--pair en:lld').join(), /^lld: this code of a language is not known here/);
    assert.deepEqual(warnings('--pair en:tlh'), []);
  });

  it('is refused: a file named twice, another encoding', () => {
    const path = file('pair: en:es\n');
    assert.match(
      problems(`--config ${path} --config ${path}`),
      /^--config: takes one value and has 2: write it once/,
    );
    const latin1 = file(Buffer.from('pair: en:es\nannounce: { es: Una máquina }\n', 'latin1'));
    assert.match(problems(`--config ${latin1}`), /file: it is not UTF-8: save it as UTF-8/);
  });

  it('is refused: a glossary that is not UTF-8, or translates a term in two ways', () => {
    const refusal = (content: string | Uint8Array, expected: RegExp): void => {
      assert.throws(() => readGlossaries(load(`--pair en:es --glossary en:es=${file(content)}`)), {
        code: 'bad-option',
        message: expected,
      });
    };
    refusal(Buffer.from('room = habitación\n', 'latin1'), /^--glossary en:es: .*file: it is not UTF-8: save/);
    refusal(
      'desk = mesa\nroom = sala\n\nDesk = escritorio\n',
      /lines 1 and 4 translate one term in two ways: write one/,
    );
    const fine = file('\ufeffdesk = mesa\nroom = sala\ndesk = mesa\n');
    const terms = readGlossaries(load(`--pair en:es --glossary en:es=${fine}`))('en', 'es').terms;
    assert.deepEqual(
      [...terms],
      [
        ['desk', 'mesa'],
        ['room', 'sala'],
      ],
    );
  });

  it('is no mistake: words for off where off can be written, blanks around a value', () => {
    const yaml = file(
      'pair: en:es\nhttp: false\nmetrics: no\noriginal: false\nannouncement: no\ndrafts: false\ncaptions: off\n' +
        'stt: [" pocketsphinx "]\nallow: ["192.0.2.7 "]\nlog-level: " warn "\n',
    );
    const config = load(`--config ${yaml}`, { DRAGOMAN_MODE: ' ', DRAGOMAN_PAIR: ' en:es ' });
    const { http, metrics, original, announcement, drafts, captions, stt, allow, logLevel } = config;
    assert.deepEqual(
      [http, metrics, original, announcement, drafts, captions, stt, allow, logLevel],
      [undefined, undefined, 'off', false, false, false, ['pocketsphinx'], ['192.0.2.7'], 'warn'],
    );
    assert.match(
      problems(`--config ${file('pair: en:es\nmode: false\n')}`),
      /"false" is not possible: write/,
    );
  });

  it('names a key that is near, and none when none is', () => {
    assert.match(problems(`--config ${file('pair: en:es\nmax_leg: 5\n')}`), /did you mean max-legs\?$/);
    assert.match(
      problems(`--config ${file('pair: en:es\nxyzzy: 5\n')}`),
      /there is no such setting; dragoman serve --help/,
    );
  });
});

describe('what is written for webhooks that are not sent', () => {
  it('is told', () => {
    const secret = { DRAGOMAN_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}` };
    assert.deepEqual(warnings('--pair en:es', secret), [
      'DRAGOMAN_WEBHOOK_SECRET: it does nothing without --webhook: write that, too, or leave it out',
    ]);
    const webhook = '--pair en:es --webhook https://example.com/hook';
    assert.deepEqual(warnings(webhook, secret), []);
    assert.deepEqual(warnings(`${webhook} --http off`), [
      '--webhook: nothing is sent while --http is off: write --http 127.0.0.1:3000, or leave it out',
    ]);
  });
});

describe('what is written for ARI without it', () => {
  it('is told, and its password, too', () => {
    assert.deepEqual(warnings('--pair en:es --rtp-format ulaw'), [
      '--rtp-format: it does nothing without --ari-media rtp, and --ari or --ws: write them, too',
    ]);
    assert.deepEqual(warnings('--pair en:es --ari-app calls', { DRAGOMAN_ARI_PASSWORD: 'hush' }), [
      'DRAGOMAN_ARI_PASSWORD: it does nothing without --ari: write that, too',
      '--ari-app: it does nothing without --ari, or --ws, where Asterisk connects to /ari: write one, too',
    ]);
  });
});

describe('what is written of records that are not kept', () => {
  it('is told', () => {
    assert.deepEqual(warnings('--pair en:es --transcripts --price deepl=20'), [
      '--transcripts: nothing is kept without --records: write --records /var/lib/dragoman/records, or leave it out',
      '--price: nothing is kept without --records: write --records /var/lib/dragoman/records, or leave it out',
    ]);
    assert.deepEqual(warnings('--pair en:es --records /calls --keep-transcripts 3 --currency EUR'), [
      '--keep-transcripts: what is said is not kept: write --transcripts, too',
      '--currency: nothing has a price: write --price, too',
    ]);
    assert.deepEqual(warnings('--pair en:es --records /calls --transcripts --keep-transcripts 3'), []);
  });

  it('is told of summaries that nobody writes', () => {
    assert.deepEqual(warnings('--pair en:es', { SUMMARY_MODEL: 'small' }), [
      'SUMMARY_MODEL: it does nothing while SUMMARY_URL is not set: set that, or leave this out',
    ]);
  });
});
