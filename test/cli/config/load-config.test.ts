/** The configuration as the operator gives it: flags, environment and file together. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Command } from 'commander';
import { AppError } from '../../../src/base/errors.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { Environment } from '../../../src/cli/config/environment.ts';
import { addServeFlags } from '../../../src/cli/config/flags.ts';
import { loadConfig, readConfig } from '../../../src/cli/config/load-config.ts';
import type { ServeConfig } from '../../../src/cli/config/serve-config.ts';
import { environmentNameOf } from '../../../src/cli/config/setting.ts';
import { SETTING_LIST } from '../../../src/cli/config/settings.ts';
import { HEALTH_THRESHOLDS } from '../../../src/engines/resilience/health-window.ts';
import { LATE_LIMITS } from '../../../src/engines/resilience/lineup.ts';
import { WATCH_LIMITS } from '../../../src/media/thread/watch-limits.ts';
import { directionsOf, languagesOf } from '../../../src/server/interpreting/directions.ts';
import { LAST_RESORT_LIMITS } from '../../../src/server/last-resorts.ts';

const directory = mkdtempSync(join(tmpdir(), 'dragoman-config-'));
after(() => rmSync(directory, { recursive: true }));

function optionsOf(words: string): Readonly<Record<string, unknown>> {
  const command = new Command('serve').exitOverride();
  addServeFlags(command);
  command.parse(
    words.split(' ').filter((word) => word !== ''),
    { from: 'user' },
  );
  return command.opts();
}

function load(words: string, environment: Environment = {}): ServeConfig {
  return loadConfig(optionsOf(words), environment);
}

function problems(words: string, environment: Environment = {}): readonly string[] {
  const result = readConfig(optionsOf(words), environment);
  assert.ok(!result.ok, 'the configuration is let through');
  return result.problems;
}

const TRACES_HEADER = 'Authorization: Bearer of-the-collector';
const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;
const DATABASE = 'postgres://dragoman:hunter2@db/records';
const TOKEN = 'a-token-of-some-length';
const RECORD_KEY = '0a'.repeat(32);

function tokenFile(token: string, name = 'token'): string {
  const path = join(directory, name);
  writeFileSync(path, token, { mode: 0o600 });
  return path;
}

function file(yaml: string): string {
  const path = join(directory, 'dragoman.yaml');
  writeFileSync(path, yaml);
  return path;
}

describe('the table of settings', () => {
  it('has names that can be a flag, a variable and a key', () => {
    const keys = SETTING_LIST.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
    for (const key of keys) {
      assert.match(key, /^[a-z]+(-[a-z]+)*$/);
    }
    assert.equal(environmentNameOf('drain-timeout'), 'DRAGOMAN_DRAIN_TIMEOUT');
  });

  it('has defaults that its own readers accept', () => {
    for (const setting of SETTING_LIST) {
      assert.doesNotThrow(() => setting.read(setting.fallback), setting.key);
    }
  });
});

describe('the configuration of serve', () => {
  it('has a default for everything but the pair', () => {
    assert.deepEqual(load('--pair en:es'), {
      listen: [{ host: '127.0.0.1', port: 5050, languages: ['en', 'es'] }],
      languages: ['en', 'es'],
      maxParties: 32,
      pairing: 'suffix',
      extensions: new Map(),
      ws: undefined,
      ari: undefined,
      ariUser: 'dragoman',
      ariPassword: undefined,
      ariApp: 'dragoman',
      ariMedia: 'audiosocket',
      ariMediaAddress: undefined,
      ariMediaSection: 'dragoman',
      rtp: { host: '127.0.0.1', port: 0 },
      rtpFormat: 'g722',
      wsToken: undefined,
      tryPage: false,
      mode: 'bidirectional',
      untranslatable: 'refuse',
      stt: ['pocketsphinx'],
      mt: ['apertium'],
      tts: ['espeak-ng'],
      sttModels: new Map(),
      ttsVoices: new Map(),
      voicesDb: undefined,
      voicesDbUrl: undefined,
      voicesByCaller: new Map(),
      voicesByDialled: new Map(),
      agentsByDialled: new Map(),
      agent: undefined,
      agentFiles: new Map(),
      voiceChoice: new Map(),
      speakerModel: undefined,
      interpreter: 'cascade',
      interpreterBackup: 'none',
      policy: 'clause',
      drafts: true,
      codeSwitching: false,
      original: 'duck',
      matchDelay: false,
      manner: false,
      stress: false,
      emotion: 'off',
      emotionOf: [],
      glossaries: new Map(),
      keys: new Map(),
      announcement: true,
      announce: new Map(),
      joinTones: true,
      providers: {},
      mediaThreads: Math.max(1, Math.min(availableParallelism() - 1, 64)),
      maxLegs: 200,
      allow: [],
      http: { host: '127.0.0.1', port: 3000 },
      metrics: { host: '127.0.0.1', port: 9090 },
      httpNames: [],
      apiTokenFile: undefined,
      agi: undefined,
      endpoints: undefined,
      webhook: undefined,
      webhookSecret: undefined,
      traces: undefined,
      tracesHeader: undefined,
      captions: false,
      listenIn: 'off',
      record: 'off',
      recordStart: 'at-once',
      recordDir: '/var/lib/dragoman/recordings',
      recordLayout: 'stereo',
      recordAnnouncement: true,
      recordAnnounce: new Map(),
      recordBeepMs: undefined,
      recordKey: undefined,
      recordFreeSpace: { type: 'bytes', bytes: 500_000_000 },
      recordEngines: false,
      keepRecordingsMs: 2_592_000_000,
      recordingCommand: [],
      uuidTimeoutMs: 5_000,
      rejoinMs: 3_000,
      callLimitMs: undefined,
      waitLimitMs: 600_000,
      health: HEALTH_THRESHOLDS,
      recovery: { ...LATE_LIMITS, ...WATCH_LIMITS, ...LAST_RESORT_LIMITS },
      drainTimeoutMs: 30_000,
      logLevel: 'info',
      logFormat: 'auto',
      logPii: false,
      cluster: undefined,
      nodeName: hostname(),
      clusterAddress: undefined,
      clusterPlacement: 'first',
      clusterContext: false,
      clusterCredentials: undefined,
      clusterCaFile: undefined,
      records: undefined,
      recordNumbers: false,
      transcripts: false,
      redact: [],
      keepRecordsDays: 365,
      keepTranscriptsDays: 30,
      recordsDbUrl: undefined,
      prices: new Map(),
      currency: 'USD',
      warnings: [],
    });
    assert.deepEqual(problems(''), [
      '--pair: the languages of the call are missing: write --pair en:es, or --parties en,es,fr for a conference, ' +
        'or give every --listen its own',
    ]);
  });

  it('takes every setting from flags', () => {
    const tracesHeaderFile = tokenFile(TRACES_HEADER, 'traces-header');
    const clusterCaFile = tokenFile('certificates', 'cluster-ca');
    const webhookSecretFile = tokenFile(WEBHOOK_SECRET, 'webhook-secret');
    const apiTokenFile = tokenFile(`console ${TOKEN} read`, 'api-tokens');
    const { warnings, ...config } = load(
      '--listen 127.0.0.1:7777=en:fr --listen [::1]:8888,127.0.0.1:8889 --pair fr:en --mode unidirectional ' +
        '--stt one,two --mt three --tts four --stt-model fr=/models/fr --stt-model en=/models/en --voice fr=anne --speaker-model /models/speaker.onnx ' +
        '--voices-db /var/lib/voices.db --voices-by-caller +34600=ana,0049(30)12=ben --voices-by-dialled 7777=carla ' +
        '--agents-by-dialled 7000=elevenlabs:agent_1,+34(600)1=elevenlabs:agent_2@es ' +
        '--agent openai:reception@en --agent-file reception=/agents/reception.yaml,night=/agents/night.yaml ' +
        '--interpreter deepl-voice --interpreter-backup cascade --policy turn --drafts off --code-switching on --original full --match-delay on --manner on --stress on --emotion prosody --emotion-of a,c --voice-choice en=ann|bob --glossary fr:en=/terms/fr-en ' +
        '--keys translation=*1,swap=#5 --announcement off --announce fr=Bonjour,bonjour --announce en=Hello --join-tones off --max-parties 4 ' +
        '--untranslatable passthrough --extensions 7777=en,8888=fr --extensions 6001=de@sales --extensions 6002=fr@sales ' +
        '--media-threads 3 --max-legs 10 --allow 10.0.0.0/8 --allow ::1 --http off ' +
        '--metrics 0.0.0.0:1 --http-name pbx,pbx.example.com --uuid-timeout 1.5 --rejoin 0.5 --call-limit 3600 ' +
        `--wait-limit 30 --health failures=5,unhealthy=80 --health longest-bench=120 --recovery mt-late=2000,main-busy=30 --recovery heap=80 --drain-timeout 0 --log-level debug --log-format text --log-pii --ws [::]:3002 --try ` +
        `--ws-token-file ${tokenFile(TOKEN)} --ari http://pbx:8088 --ari-user me --ari-app node1 ` +
        `--ari-password-file ${tokenFile(TOKEN)} --ari-media rtp --ari-media-address 10.0.0.1:5050 ` +
        '--ari-media-section sound ' +
        '--record all --record-start on-demand --record-dir /srv/calls --record-layout both --record-announcement off ' +
        `--record-announce en=Recorded --record-beep 15 --record-key-file ${tokenFile(RECORD_KEY, 'record-key')} ` +
        '--keep-recordings off --recording-command flac --record-free-space 7% ' +
        `--rtp 10.0.0.1:4000 --rtp-format alaw --api-token-file ${apiTokenFile} ` +
        '--endpoints /etc/asterisk/dragoman/endpoints.conf ' +
        `--agi 127.0.0.1:4573 --traces http://127.0.0.1:4318 --traces-header-file ${tracesHeaderFile} ` +
        `--webhook https://example.com/hook --webhook-secret-file ${webhookSecretFile} --listen-in off ` +
        '--records /var/calls/ --record-numbers --transcripts --redact digits --redact [A-Z]{2}[0-9]{6} --keep-records off ' +
        `--keep-transcripts 7 --records-db-url-file ${tokenFile(DATABASE, 'records-db-url')} ` +
        '--price deepl=20,deepgram=0.0077 --currency EUR ' +
        '--cluster tls://10.0.0.5,tls://[fd00::6]:4223 --node-name node-1 --cluster-address 10.0.0.1:5050 ' +
        `--cluster-placement hash --cluster-context --cluster-ca-file ${clusterCaFile} ` +
        `--cluster-credentials-file ${tokenFile('node:of-the-cluster', 'cluster-credentials')}`,
    );
    assert.deepEqual(config, {
      listen: [
        { host: '127.0.0.1', port: 7777, languages: ['en', 'fr'] },
        { host: '::1', port: 8888, languages: ['fr', 'en'] },
        { host: '127.0.0.1', port: 8889, languages: ['fr', 'en'] },
      ],
      languages: ['fr', 'en'],
      maxParties: 4,
      pairing: 'suffix',
      ws: { host: '::', port: 3002 },
      wsToken: new Secret(TOKEN),
      tryPage: true,
      ari: 'http://pbx:8088',
      ariUser: 'me',
      ariPassword: new Secret(TOKEN),
      ariApp: 'node1',
      ariMedia: 'rtp',
      ariMediaAddress: { host: '10.0.0.1', port: 5050 },
      ariMediaSection: 'sound',
      rtp: { host: '10.0.0.1', port: 4000 },
      rtpFormat: 'alaw',
      extensions: new Map([
        ['7777', { language: 'en', room: undefined }],
        ['8888', { language: 'fr', room: undefined }],
        ['6001', { language: 'de', room: 'sales' }],
        ['6002', { language: 'fr', room: 'sales' }],
      ]),
      mode: 'unidirectional',
      untranslatable: 'passthrough',
      stt: ['one', 'two'],
      mt: ['three'],
      tts: ['four'],
      sttModels: new Map([
        ['fr', '/models/fr'],
        ['en', '/models/en'],
      ]),
      ttsVoices: new Map([['fr', 'anne']]),
      voicesDb: '/var/lib/voices.db',
      voicesDbUrl: undefined,
      voicesByCaller: new Map([
        ['34600', 'ana'],
        ['493012', 'ben'],
      ]),
      voicesByDialled: new Map([['7777', 'carla']]),
      agentsByDialled: new Map([
        ['7000', { engine: 'elevenlabs', agent: 'agent_1', language: undefined }],
        ['346001', { engine: 'elevenlabs', agent: 'agent_2', language: 'es' }],
      ]),
      agent: { engine: 'openai', agent: 'reception', language: 'en' },
      agentFiles: new Map([
        ['reception', '/agents/reception.yaml'],
        ['night', '/agents/night.yaml'],
      ]),
      voiceChoice: new Map([['en', ['ann', 'bob']]]),
      speakerModel: '/models/speaker.onnx',
      interpreter: 'deepl-voice',
      interpreterBackup: 'cascade',
      policy: 'turn',
      drafts: false,
      codeSwitching: true,
      original: 'full',
      matchDelay: true,
      manner: true,
      stress: true,
      emotion: 'prosody',
      emotionOf: ['a', 'c'],
      glossaries: new Map([['fr:en', '/terms/fr-en']]),
      keys: new Map([
        ['*1', 'translation'],
        ['#5', 'swap'],
      ]),
      announcement: false,
      announce: new Map([
        ['fr', 'Bonjour,bonjour'],
        ['en', 'Hello'],
      ]),
      joinTones: false,
      providers: {},
      mediaThreads: 3,
      maxLegs: 10,
      allow: ['10.0.0.0/8', '::1'],
      http: undefined,
      metrics: { host: '0.0.0.0', port: 1 },
      httpNames: ['pbx', 'pbx.example.com'],
      apiTokenFile,
      agi: { host: '127.0.0.1', port: 4573 },
      endpoints: '/etc/asterisk/dragoman/endpoints.conf',
      webhook: 'https://example.com/hook',
      webhookSecret: new Secret(WEBHOOK_SECRET),
      traces: 'http://127.0.0.1:4318',
      tracesHeader: new Secret(TRACES_HEADER),
      captions: false,
      listenIn: 'off',
      record: 'all',
      recordStart: 'on-demand',
      recordDir: '/srv/calls',
      recordLayout: 'both',
      recordAnnouncement: false,
      recordAnnounce: new Map([['en', 'Recorded']]),
      recordBeepMs: 15_000,
      recordKey: new Secret(RECORD_KEY),
      recordFreeSpace: { type: 'percent', percent: 7 },
      recordEngines: false,
      keepRecordingsMs: undefined,
      recordingCommand: ['flac'],
      uuidTimeoutMs: 1_500,
      rejoinMs: 500,
      callLimitMs: 3_600_000,
      waitLimitMs: 30_000,
      recovery: {
        ...{ ...LATE_LIMITS, translationLateMs: 2_000 },
        ...{ ...WATCH_LIMITS, mainRunMs: 30_000 },
        ...{ ...LAST_RESORT_LIMITS, heapShare: 0.8 },
      },
      health: { ...HEALTH_THRESHOLDS, benchAfterFailures: 5, unhealthyShare: 0.8, longestBenchMs: 120_000 },
      drainTimeoutMs: 0,
      logLevel: 'debug',
      logFormat: 'text',
      logPii: true,
      cluster: { servers: ['10.0.0.5:4222', '[fd00::6]:4223'], tls: true },
      nodeName: 'node-1',
      clusterAddress: { host: '10.0.0.1', port: 5050 },
      clusterPlacement: 'hash',
      clusterContext: true,
      clusterCredentials: { type: 'password', user: 'node', password: new Secret('of-the-cluster') },
      clusterCaFile,
      records: '/var/calls',
      recordNumbers: true,
      transcripts: true,
      redact: ['digits', /[A-Z]{2}[0-9]{6}/giu],
      keepRecordsDays: undefined,
      keepTranscriptsDays: 7,
      recordsDbUrl: new Secret(DATABASE),
      prices: new Map([
        ['deepl', 20],
        ['deepgram', 0.0077],
      ]),
      currency: 'EUR',
    });
    assert.ok(warnings.length > 0, 'not all of these go together');
  });

  it('takes the same from the environment and from a file', () => {
    const flags = load(
      '--pair en:es --stt a,b --voice es=x --allow 10.0.0.0/8,::1 --captions --drain-timeout 7',
    );
    const environment = load('', {
      DRAGOMAN_PAIR: 'en:es',
      DRAGOMAN_STT: 'a, b',
      DRAGOMAN_VOICE: 'es=x',
      DRAGOMAN_ALLOW: '10.0.0.0/8,::1',
      DRAGOMAN_CAPTIONS: '1',
      DRAGOMAN_DRAIN_TIMEOUT: '7',
      PATH: '/bin',
    });
    const path = file(
      'pair: en:es\nstt: [a, b]\nvoice: { es: x }\nallow:\n  - 10.0.0.0/8\n  - ::1\ncaptions: true\ndrain-timeout: 7\n',
    );
    assert.deepEqual(environment, flags);
    assert.deepEqual(load(`--config ${path}`), flags);
    assert.deepEqual(load('', { DRAGOMAN_CONFIG: path }), flags);
  });

  it('does not take a key, a folder or days of recordings that cannot be', () => {
    const wrong = problems(
      `--pair en:es --record-dir calls --keep-recordings 30d --record-key-file ${tokenFile('0a0b', 'short-key')}`,
    );
    assert.equal(wrong.length, 3);
    const same = problems('--pair en:es --record all --record-dir /srv/calls/ --records /srv/calls');
    assert.match(same.join('\n'), /they are one folder/);
    for (const room of ['95%', 'lots', '1.5']) {
      assert.match(problems(`--pair en:es --record-free-space=${room}`).join('\n'), /is no room on a disk/);
    }
    const silent = problems('--pair en:es --record heard --record-engines');
    assert.match(silent.join('\n'), /nothing to play again without the voices/);
    const redacted = problems('--pair en:es --record voices --record-engines --redact digits');
    assert.match(redacted.join('\n'), /--record-engines and --redact/);
    assert.match(wrong.join('\n'), /begin with \//);
    assert.match(wrong.join('\n'), /number of days/);
    assert.match(wrong.join('\n'), /64 hexadecimal digits/);
    assert.ok(!wrong.join('\n').includes('0a0b'), 'the key is shown');
  });

  it('does not take a key of recordings that every user may read, and one that its group may', () => {
    const path = tokenFile(RECORD_KEY, 'open-record-key');
    for (const mode of [0o644, 0o604, 0o642]) {
      chmodSync(path, mode);
      const [open] = problems(`--pair en:es --record-key-file ${path}`);
      assert.match(open ?? '', /^--record-key-file: .*every user of this machine.*chmod 640/);
      assert.ok(!open?.includes(RECORD_KEY), 'the key is shown');
    }
    chmodSync(path, 0o640);
    assert.equal(load(`--pair en:es --record-key-file ${path}`).recordKey?.reveal(), RECORD_KEY);
  });

  it('lets a flag win over a variable, a variable over the file and the file over the default', () => {
    const path = file(
      'pair: en:es\nmax-legs: 11\nlog-level: warn\ncaptions: on\nallow: [10.0.0.1, 10.0.0.2]\n',
    );
    const environment = { DRAGOMAN_CONFIG: path, DRAGOMAN_MAX_LEGS: '22', DRAGOMAN_LOG_LEVEL: 'error' };
    const config = load('--max-legs 33 --no-captions --allow 10.0.0.3', environment);
    assert.equal(config.maxLegs, 33);
    assert.equal(config.logLevel, 'error');
    assert.equal(config.captions, false);
    assert.deepEqual(config.allow, ['10.0.0.3']);
    assert.equal(load('', { DRAGOMAN_CONFIG: path }).maxLegs, 11);
    assert.equal(load('', { DRAGOMAN_CONFIG: path }).captions, true);
  });

  it('keeps voice profiles in one place, and names speakers only where they are kept', () => {
    const url = 'postgresql://dragoman:word-of-the-database@10.0.0.7/voices';
    const kept = load('--pair en:es', { DRAGOMAN_VOICES_DB_URL: url });
    assert.equal(kept.voicesDbUrl?.reveal(), url);
    const path = tokenFile(url, 'voices-db-url');
    assert.equal(load(`--pair en:es --voices-db-url-file ${path}`).voicesDbUrl?.reveal(), url);
    const [both] = problems(`--pair en:es --voices-db /v.db --voices-db-url-file ${path}`);
    assert.match(both ?? '', /both say where voice profiles are kept/);
    const [nowhere] = problems('--pair en:es --voices-by-caller 600=ana');
    assert.match(nowhere ?? '', /no profiles are kept: write --voices-db file/);
    const [bad] = problems('--pair en:es', { DRAGOMAN_VOICES_DB_URL: 'mysql://dragoman:word-of-it@h/d' });
    assert.match(bad ?? '', /^DRAGOMAN_VOICES_DB_URL: it is no address of PostgreSQL/);
    assert.doesNotMatch(bad ?? '', /word-of-it/);
    assert.match(problems('--pair en:es --voices-db v.db')[0] ?? '', /no whole path/);
    for (const wrong of ['600=34600', 'x=ana', '600', '600=ana=b']) {
      const sentences = problems(`--pair en:es --voices-db /v.db --voices-by-dialled ${wrong}`);
      assert.match(sentences[0] ?? '', /is no number and speaker/, wrong);
    }
  });

  it('takes agents by the numbers that they answer', () => {
    for (const wrong of ['7000=agent', 'x=elevenlabs:a', '7000=elevenlabs:', '7000', '7000=elevenlabs:a@']) {
      const [sentence] = problems(`--pair en:es --agents-by-dialled ${wrong}`);
      assert.match(sentence ?? '', /is no number and agent/, wrong);
    }
    const twice = problems('--pair en:es --agents-by-dialled 7000=elevenlabs:a,7000=elevenlabs:b');
    assert.match(twice[0] ?? '', /names a number twice/);
    assert.match(problems('--pair en:es --agent reception')[0] ?? '', /is no agent: write engine:agent/);
    for (const wrong of ['reception', '=/a.yaml', 'my.reception=/a.yaml', 'reception=']) {
      const [sentence] = problems(`--pair en:es --agent-file ${wrong}`);
      assert.match(sentence ?? '', /is no name and file/, wrong);
    }
  });

  it('keeps the commas of a text, and takes several from a mapping or from the lines of a variable', () => {
    const path = file('pair: en:es\nannounce: { en: "A machine, speak up", es: Una máquina }\n');
    const announce = new Map([
      ['en', 'A machine, speak up'],
      ['es', 'Una máquina'],
    ]);
    assert.deepEqual(load(`--config ${path}`).announce, announce);
    const lines = { DRAGOMAN_ANNOUNCE: 'en=A machine, speak up\nes=Una máquina\n' };
    assert.deepEqual(load('--pair en:es', lines).announce, announce);
  });

  it('takes glossaries of several directions, each once', () => {
    const path = file('pair: en:es\nglossary: { en:es: /a, es:en: /b }\n');
    const glossaries = new Map([
      ['en:es', '/a'],
      ['es:en', '/b'],
    ]);
    assert.deepEqual(load(`--config ${path}`).glossaries, glossaries);
    assert.deepEqual(load('--pair en:es --glossary EN:es=/a,es:en=/b').glossaries, glossaries);
    assert.match(
      problems('--pair en:es --glossary en:es=/a --glossary en:es=/b')[0] ?? '',
      /^--glossary: names a direction twice/,
    );
    assert.match(problems('--pair en:es --glossary en=/a')[0] ?? '', /not a language pair/);
    assert.match(
      problems(`--config ${file('pair: en:es\nglossary: [[en]]')}`)[0] ?? '',
      /mapping from directions/,
    );
  });

  it('takes extensions from a mapping, and the languages of calls from them where nothing else says any', () => {
    const path = file('extensions: { 7777: en, 8888: fr }\n');
    const { extensions, languages, listen } = load(`--config ${path}`);
    assert.deepEqual(
      [...extensions].map(([extension, { language, room }]) => [extension, language, room]),
      [
        ['7777', 'en', undefined],
        ['8888', 'fr', undefined],
      ],
    );
    assert.deepEqual(
      [languages, listen[0]?.languages],
      [
        ['en', 'fr'],
        ['en', 'fr'],
      ],
    );
  });

  it('says what of the limits of recovery is wrong', () => {
    assert.deepEqual(problems('--pair en:es --recovery heap=101,patience=1'), [
      '--recovery: "heap=101" is out of range: a share in % from 5 to 100 is meant',
      '--recovery: "patience=1" is no limit: write one of mt-late, tts-late, thread-busy, thread-silent, main-busy, ' +
        'utterances, pipelines, threads, heap, look, cool-down, "=" and a number',
    ]);
  });

  it('says what of the limits of health is wrong, each by itself', () => {
    assert.deepEqual(
      problems('--pair en:es --health failure=5,bench=0,window=1.5,degraded=60,longest-bench=2,bench=9'),
      [
        '--health: "failure=5" is no limit: write one of window, operations, fewest, degraded, unhealthy, check, failures, ' +
          'bench, longest-bench, lasting-bench, "=" and a number',
        '--health: "bench=0" is out of range: a number of seconds from 1 to 600 is meant',
        '--health: "window=1.5" is out of range: a number of seconds from 5 to 3600 is meant',
        '--health: "degraded" is a larger share than "unhealthy": what is unhealthy is degraded first',
        '--health: "bench" is longer than "longest-bench": it is the first time on the bench, and grows to that',
      ],
    );
  });

  it('says which extensions lead nowhere', () => {
    for (const [written, said] of [
      ['7777=en', /two without a room lead to each other, and 1 are written \(7777=en\)/],
      ['1=en,2=fr,3=de', /and 3 are written/],
      ['1=en@x,2=en@x', /all who meet by 1=en,2=en speak the same/],
      ['7777', /is no extension and its language: write 7777=en/],
      ['77 77=en', /is no extension/],
      ['7777=en@', /is no extension/],
      ['7777=en,7777=fr', /names an extension twice/],
      ['7777=en,8888=xx', /xx is the code of no language/],
    ] as const) {
      assert.match(
        problems(`--pair en:es --extensions ${written.replace(' ', '\u00a0')}`).join('\n'),
        said,
        written,
      );
    }
    load('--pair en:es --extensions 7000=en,7777=en,8888=es --agents-by-dialled 7000=elevenlabs:a');
    load('--pair en:es --extensions 7000=en --agents-by-dialled 7000=elevenlabs:a');
    assert.match(problems(`--config ${file('extensions: [[en]]')}`)[0] ?? '', /mapping from numbers/);
  });

  it('wants the password of ARI, from a variable or a file, and says of each what is wrong without it', () => {
    const [missing = ''] = problems('--pair en:es --ari http://127.0.0.1:8088');
    assert.match(
      missing,
      /^--ari: the password of its user is missing: set the variable DRAGOMAN_ARI_PASSWORD/,
    );
    const words = '--pair en:es --ari http://127.0.0.1:8088';
    for (const environment of [
      { DRAGOMAN_ARI_PASSWORD: 'hush' },
      { DRAGOMAN_ARI_PASSWORD_FILE: tokenFile('hush') },
    ]) {
      const { ariPassword } = load(words, environment);
      assert.equal(ariPassword?.reveal(), 'hush');
      assert.equal(JSON.stringify(ariPassword), '"[secret]"');
    }
    const both = { DRAGOMAN_ARI_PASSWORD: 'hush', DRAGOMAN_ARI_PASSWORD_FILE: tokenFile('hush') };
    assert.match(problems(words, both)[0] ?? '', /written in DRAGOMAN_ARI_PASSWORD_FILE, too: write one/);
  });

  for (const [what, flags, environment, said] of [
    ['has its password in the address', '--ari http://me:hush@pbx:8088', {}, /it holds more than an address/],
    ['has an application with a hyphen', '--ari-app node-2', {}, /write letters, digits and underscores/],
    [
      'is not there for the phones',
      '--endpoints ari',
      {},
      /^--endpoints: Asterisk is told of phones over ARI/,
    ],
    ['has phones in no whole path', '--endpoints phones.conf', {}, /"phones.conf" is no whole path/],
    [
      'has a media that there is not',
      '--ari-media pigeon',
      {},
      /"pigeon" is not possible: write audiosocket/,
    ],
    [
      'is elsewhere and would send RTP to its own loopback',
      '--ari http://pbx:8088 --ari-media rtp --listen 10.0.0.1:5050',
      { DRAGOMAN_ARI_PASSWORD: 'hush' },
      /would be told to connect to 127.0.0.1:0: write --ari-media-address .* the port of --rtp/,
    ],
    [
      'is elsewhere and would be sent to its own loopback',
      '--ari http://pbx:8088',
      { DRAGOMAN_ARI_PASSWORD: 'hush' },
      /would be told to connect to 127.0.0.1:5050: write --ari-media-address/,
    ],
  ] as const) {
    it(`says that ARI ${what}`, () => {
      const found = problems(`--pair en:es ${flags}`, environment).join('\n');
      assert.match(found, said);
      assert.ok(!found.includes('hush'));
    });
  }

  it('treats an empty variable as one that is not set', () => {
    assert.equal(load('--pair en:es', { DRAGOMAN_MAX_LEGS: '', DRAGOMAN_CONFIG: '' }).maxLegs, 200);
  });

  it('refuses an empty list of those who may come in, wherever it is written', () => {
    const refused = 'is empty, and so would let everyone in: write addresses or networks, or leave it out';
    assert.deepEqual(problems('--pair en:es --allow ,'), [`--allow: ${refused}`]);
    assert.deepEqual(problems('--pair en:es', { DRAGOMAN_ALLOW: '' }), [`DRAGOMAN_ALLOW: ${refused}`]);
    const path = file('pair: en:es\nallow: []\n');
    assert.deepEqual(problems(`--config ${path}`), [`allow in ${path}: ${refused}`]);
  });

  it('cannot be changed once it is read', () => {
    const config: ServeConfig = load('--pair en:es --voice es=x');
    assert.ok(
      Object.isFrozen(config) &&
        Object.isFrozen(config.listen) &&
        Object.isFrozen(config.listen[0]?.languages),
    );
    assert.ok(config.ttsVoices instanceof Map);
    const voices: Map<string, string> = config.ttsVoices;
    assert.throws(() => voices.set('es', 'y'), AppError);
    assert.throws(() => voices.clear(), AppError);
    assert.equal(config.ttsVoices.get('es'), 'x');
  });

  it('names an unknown key of the file, the file and the nearest key', () => {
    const path = file('pair: en:es\ndrainTimeout: 5\n');
    assert.deepEqual(problems(`--config ${path}`), [
      `drainTimeout in ${path}: there is no such setting; did you mean drain-timeout?`,
    ]);
  });

  it('refuses an unknown variable of its own and leaves others alone', () => {
    assert.deepEqual(problems('--pair en:es', { DRAGOMAN_MAXLEGS: '7', DRAGON: 'x' }), [
      'DRAGOMAN_MAXLEGS: there is no such variable; did you mean DRAGOMAN_MAX_LEGS?',
    ]);
    load('--pair en:es', { DRAGOMAN_DEBUG: '1' });
  });

  it('passes over what Kubernetes says of services that are named after it, and nothing that is only named alike', () => {
    const links = (service: string, address: string, inUrl = address) => ({
      [`${service}_SERVICE_HOST`]: address,
      [`${service}_SERVICE_PORT`]: '5050',
      [`${service}_SERVICE_PORT_AUDIO`]: '5050',
      [`${service}_PORT`]: `tcp://${inUrl}:5050`,
      [`${service}_PORT_5050_TCP`]: `tcp://${inUrl}:5050`,
      [`${service}_PORT_5050_TCP_PROTO`]: 'tcp',
      [`${service}_PORT_5050_TCP_PORT`]: '5050',
      [`${service}_PORT_5050_TCP_ADDR`]: address,
      [`${service}_PORT_4000_UDP`]: `udp://${inUrl}:4000`,
    });
    load('--pair en:es', {
      ...links('DRAGOMAN', '10.96.0.7'),
      ...links('DRAGOMAN_METRICS', 'fd00::7', '[fd00::7]'),
    });
    for (const wrong of [
      { DRAGOMAN_PORT: '5050' },
      { DRAGOMAN_PORT: 'tcp://pbx:5050' },
      { DRAGOMAN_SERVICE_HOST: 'pbx' },
      { DRAGOMAN_SERVICE_PORT: 'audio' },
      { DRAGOMAN_LISTEN_PORT: 'tcp://10.96.0.7:5050' },
    ]) {
      assert.equal(problems('--pair en:es', { DRAGOMAN_SERVICE_HOST: '10.96.0.7', ...wrong }).length, 1);
    }
  });

  it('tells everything that is wrong at once, each with where it is written', () => {
    const path = file('mode: both\nvoice: 3\n');
    const found = problems(`--config ${path} --listen 5050 --media-threads 0 --media-threads 1`, {
      DRAGOMAN_ALLOW: '10.0.0.0/8,home',
      DRAGOMAN_STT: 'a,a',
    });
    const origins = found.map((problem) => problem.slice(0, problem.indexOf(':')));
    assert.deepEqual(origins, [
      '--listen',
      `mode in ${path}`,
      'DRAGOMAN_STT',
      `voice in ${path}`,
      'DRAGOMAN_ALLOW',
      '--media-threads',
    ]);
    for (const problem of found) {
      assert.match(problem, /write /, problem);
    }
  });

  it('throws every problem as a line of one bad-option', () => {
    assert.throws(
      () => load('--pair enes --max-legs 0'),
      (error) =>
        error instanceof AppError && error.code === 'bad-option' && error.message.split('\n').length === 2,
    );
  });

  it('refuses a file it cannot read, or that is not YAML, or no mapping, or of the wrong shape', () => {
    assert.match(problems('--config /does/not/exist.yaml')[0] ?? '', /^--config: .* no such file; write/);
    assert.match(
      problems('', { DRAGOMAN_CONFIG: directory })[0] ?? '',
      /^DRAGOMAN_CONFIG: .*: it is a folder; write/,
    );
    assert.match(problems(`--config ${file('pair: [en')}`)[0] ?? '', /dragoman\.yaml: .* at line 1, column/);
    assert.match(
      problems(`--config ${file('pair: en:es\npair: en:fr')}`)[0] ?? '',
      /Map keys must be unique/,
    );
    assert.match(problems(`--config ${file('- pair')}`)[0] ?? '', /not a mapping/);
    assert.match(problems(`--config ${file('pair: { en: es }')}`)[0] ?? '', /single value/);
    assert.match(problems(`--config ${file('pair:')}`)[0] ?? '', /single value/);
    assert.match(problems(`--config ${file('listen: [[::1]:5050]')}`)[0] ?? '', /dragoman\.yaml/);
    assert.match(problems(`--config ${file('voice: { es: [x] }')}`)[0] ?? '', /mapping from languages/);
    assert.equal(load(`--pair en:es --config ${file('# nothing yet\n')}`).maxLegs, 200);
  });

  it('does not say that the languages are missing where it could not read whether they are', () => {
    for (const wrong of ['--config /does/not/exist.yaml', `--config ${file('pair: [en, es]')}`]) {
      assert.equal(problems(wrong).length, 1, wrong);
    }
    assert.match(problems(`--config ${file('max-legs: 10')}`).join(), /languages of the call are missing/);
  });

  it('keeps a comma inside an entry of a YAML list or mapping', () => {
    const path = file('pair: en:es\nstt-model: { es: "/models/a,b" }\n');
    assert.deepEqual(load(`--config ${path}`).sttModels, new Map([['es', '/models/a,b']]));
  });

  it('needs no --pair when every listener has its own', () => {
    const config = load('--listen 127.0.0.1:1=en:es --listen 127.0.0.1:2=de:fr');
    assert.deepEqual(config.languages, ['en', 'es']);
    assert.deepEqual([...languagesOf(config)], ['en', 'es', 'de', 'fr']);
  });

  it('needs the languages of each listener when legs pair by port', () => {
    const found = problems(
      '--pairing port --pair en:fr --listen 127.0.0.1:1=en:fr,127.0.0.1:2=fr:en --listen 127.0.0.1:8888',
    );
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /127\.0\.0\.1:8888=en:es/);
  });

  it('needs a listener for the partner when legs pair by port', () => {
    const found = problems('--pairing port --listen 127.0.0.1:7777=en:fr,127.0.0.1:8888=fr:es');
    assert.equal(found.length, 2);
    assert.match(found[0] ?? '', /write another --listen with =fr:en/);
    load('--pairing port --listen 127.0.0.1:7777=en:fr,127.0.0.1:8888=fr:en');
  });

  it('refuses one language for both parties unless nothing is translated', () => {
    assert.match(problems('--pair en:en')[0] ?? '', /all parties speak en/);
    assert.equal(load('--pair en:en --mode passthrough').mode, 'passthrough');
  });

  it('takes the languages of more than two parties, by place', () => {
    const config = load('--parties en,es,fr --max-parties 8');
    assert.deepEqual(config.languages, ['en', 'es', 'fr']);
    assert.deepEqual(config.listen[0]?.languages, ['en', 'es', 'fr']);
    assert.deepEqual([config.maxParties, config.joinTones, config.pairing], [8, true, 'suffix']);
    assert.match(problems('--parties en,fr --pair en:es')[0] ?? '', /^--pair and --parties: /);
    assert.deepEqual(load('--parties en,es --pair en:es').languages, ['en', 'es']);
    assert.match(problems('--parties en')[0] ?? '', /^--parties: one language/);
    assert.match(problems(`--parties ${Array(17).fill('en').join(',')},es`)[0] ?? '', /16 places/);
    assert.match(problems('--pair en:es --max-parties 33')[0] ?? '', /^--max-parties: .*2 to 32/);
  });

  it('takes a language for each listener of rooms, if it is among those that may be spoken', () => {
    const config = load('--pairing room --parties en,es --listen 127.0.0.1:1=en --listen 127.0.0.1:2');
    assert.deepEqual(
      config.listen.map(({ languages }) => languages),
      [['en'], ['en', 'es']],
    );
    assert.match(problems('--pairing room')[0] ?? '', /^--parties: /);
    assert.match(
      problems('--pairing room --parties en,es --listen 127.0.0.1:1=fr')[0] ?? '',
      /=fr: fr is not in --parties/,
    );
    assert.match(
      problems('--pair en:es --listen 127.0.0.1:1=en')[0] ?? '',
      /other party's language is missing/,
    );
  });

  it('refuses one address for two servers, but not port 0', () => {
    assert.match(problems('--pair en:es --http 127.0.0.1:9090')[0] ?? '', /^--http and --metrics: /);
    assert.match(problems('--pair en:es --listen 127.0.0.1:1,127.0.0.1:1')[0] ?? '', /used twice/);
    load('--pair en:es --http 127.0.0.1:0 --metrics 127.0.0.1:0');
  });

  it('refuses to let calls be heard without the address that would share them', () => {
    assert.match(problems('--pair en:es --listen-in on --http off')[0] ?? '', /^--listen-in: .* --http 127/);
    assert.equal(load('--pair en:es --listen-in tone').listenIn, 'tone');
  });

  it('refuses a cluster whose nodes could not find each other, or not in the way that is meant', () => {
    const pair = '--pair en:es --cluster';
    const cases: readonly (readonly [words: string, sentence: RegExp])[] = [
      [`${pair} nats://10.0.0.5`, /told to connect to 127.0.0.1:5050: write --cluster-address/],
      [`${pair} nats://127.0.0.1 --listen 0.0.0.0:5050`, /told to connect to 0.0.0.0:5050/],
      [`${pair} nats://127.0.0.1 --cluster-ca-file ${tokenFile('certificates', 'ca')}`, /write tls:\/\//],
      [`${pair} nats://127.0.0.1 --cluster-ca-file /none`, /the file \/none cannot be read \(ENOENT\)/],
      [`${pair} nats://127.0.0.1,tls://127.0.0.1`, /all with nats:\/\/ or all with tls:/],
      [`${pair} http://127.0.0.1`, /no address of a NATS server/],
      [`${pair} nats://me:hunter2@127.0.0.1`, /write them into a file, and --cluster-credentials-file/],
      [`${pair} nats://127.0.0.1/x`, /more than an address/],
      [`${pair} nats://127.0.0.1 --node-name a,b`, /no name of a node/],
      [
        `${pair} nats://127.0.0.1 --cluster-credentials-file ${tokenFile('two words', 'words')}`,
        /no credentials of NATS/,
      ],
      [
        '--cluster nats://127.0.0.1 --pairing port --listen 127.0.0.1:1=en:es --listen 127.0.0.1:2=es:en',
        /--pairing: with port nothing tells/,
      ],
    ];
    for (const [words, sentence] of cases) {
      const said = problems(words).join('\n');
      assert.match(said, sentence);
      assert.doesNotMatch(said, /hunter2/);
    }
    assert.deepEqual(load(`${pair} nats://127.0.0.1`).cluster, { servers: ['127.0.0.1:4222'], tls: false });
    const { warnings } = load('--pair en:es --node-name one');
    assert.match(warnings.map(({ sentence }) => sentence).join(), /nothing without --cluster/);
  });

  it('takes what a broker lets nodes in by in each of its forms', () => {
    const creds = '-----BEGIN NATS USER JWT-----\nx\n------END NATS USER JWT------';
    for (const [written, type] of [
      [creds, 'creds'],
      ['node:secret:with:colons', 'password'],
      ['alone', 'token'],
    ] as const) {
      const { clusterCredentials } = load('--pair en:es --cluster nats://127.0.0.1', {
        DRAGOMAN_CLUSTER_CREDENTIALS: written,
      });
      assert.equal(clusterCredentials?.type, type);
      assert.doesNotMatch(JSON.stringify(clusterCredentials), /secret:|alone|BEGIN/);
    }
  });

  it('refuses captions without the address that would share them', () => {
    assert.match(problems('--pair en:es --captions --http off')[0] ?? '', /^--captions: /);
  });
});

describe('the token of WebSockets', () => {
  it('comes from a file, or from a variable, and is not shown', () => {
    const path = tokenFile(`${TOKEN}\n`);
    for (const { wsToken } of [
      load(`--pair en:es --ws-token-file ${path}`),
      load('--pair en:es', { DRAGOMAN_WS_TOKEN_FILE: path }),
      load('--pair en:es', { DRAGOMAN_WS_TOKEN: TOKEN }),
      load(`--config ${file(`pair: en:es\nws-token-file: ${path}\n`)}`),
    ]) {
      assert.equal(wsToken?.reveal(), TOKEN);
      assert.equal(JSON.stringify(wsToken), '"[secret]"');
    }
    assert.equal(load('--pair en:es', { DRAGOMAN_WS_TOKEN: ' ' }).wsToken, undefined);
  });

  it('is long, is written once, and is told to nobody when it is wrong', () => {
    const short = problems('--pair en:es', { DRAGOMAN_WS_TOKEN: 'short-secret' })[0] ?? '';
    assert.match(short, /^DRAGOMAN_WS_TOKEN: this is no token: take 16 to 200/);
    assert.doesNotMatch(short, /short-secret/);
    const both = { DRAGOMAN_WS_TOKEN: TOKEN, DRAGOMAN_WS_TOKEN_FILE: tokenFile(TOKEN) };
    assert.match(problems('--pair en:es', both)[0] ?? '', /^DRAGOMAN_WS_TOKEN: .* write one of the two$/);
    assert.match(
      problems('--pair en:es --ws-token-file /does/not/exist')[0] ?? '',
      /cannot be read \(ENOENT\): .* that holds the token and/,
    );
  });

  it('is missed where strangers reach the address, and idle without one', () => {
    const sentences = (words: string): string =>
      load(`--pair en:es ${words}`)
        .warnings.map(({ origin, sentence }) => `${origin}: ${sentence}`)
        .join('\n');
    assert.match(
      sentences('--ws 0.0.0.0:3002'),
      /^--ws-token-file: whoever reaches 0\.0\.0\.0:3002 can join/,
    );
    assert.equal(sentences('--ws 127.0.0.1:3002'), '');
    assert.match(
      sentences(`--ws-token-file ${tokenFile(TOKEN)}`),
      /^--ws-token-file: it does nothing while --ws is off/,
    );
    assert.match(problems('--pair en:es --try')[0] ?? '', /^--try: .* write --ws 127\.0\.0\.1:3002/);
  });
});

describe('directions', () => {
  it('are both, one or none, by mode, each once', () => {
    const words = '--listen 127.0.0.1:1=en:es --listen 127.0.0.1:2=es:en';
    const text = (mode: string): readonly string[] =>
      directionsOf(load(`${words} --mode ${mode}`)).map(({ from, to }) => `${from}>${to}`);
    assert.deepEqual(text('bidirectional'), ['en>es', 'es>en']);
    assert.deepEqual(text('unidirectional'), ['en>es', 'es>en']);
    assert.deepEqual(text('passthrough'), []);
    assert.deepEqual(directionsOf(load('--pair en:es --mode unidirectional')), [{ from: 'en', to: 'es' }]);
  });

  it('are those between all languages of a conference, or from its first to all others', () => {
    const of = (words: string): readonly string[] =>
      directionsOf(load(words)).map(({ from, to }) => `${from}>${to}`);
    const all = ['en>es', 'en>fr', 'es>en', 'es>fr', 'fr>en', 'fr>es'];
    assert.deepEqual(of('--parties en,es,en,fr'), all);
    assert.deepEqual(
      of('--pairing room --parties en,es,fr --listen 127.0.0.1:1=en --listen 127.0.0.1:2=fr'),
      all,
    );
    assert.deepEqual(of('--parties en,es,fr --mode unidirectional'), ['en>es', 'en>fr']);
  });

  it('are those between what an extension of a room speaks and what the page offers, all that there is', () => {
    const words = '--pair en:es --extensions 6001=fr@sales --ws 127.0.0.1:3002 --try';
    const config = load(words);
    assert.deepEqual([...languagesOf(config)], ['en', 'es', 'fr']);
    assert.equal(directionsOf(config).length, 6);
    assert.match(
      problems(words.replace(' --ws 127.0.0.1:3002 --try', '')).join(),
      /all who meet by 6001=fr speak the same/,
    );
  });
});

describe('whose voices are chosen from, and judged', () => {
  it('is written in full: two voices or more, and who may be judged', () => {
    assert.match(
      problems('--pair en:es --voice-choice es=one')[0] ?? '',
      /^--voice-choice: .*two names or more/,
    );
    assert.match(problems('--pair en:es --voice-choice es=a|a')[0] ?? '', /^--voice-choice: .*each once/);
    assert.match(problems('--pair en:es --emotion hume')[0] ?? '', /^--emotion: .*--emotion-of a/);
    assert.match(problems('--pair en:es --emotion-of a=b')[0] ?? '', /^--emotion-of: .*is no party/);
    assert.deepEqual(load('--pair en:es --emotion hume --emotion-of a,caller-2').emotionOf, [
      'a',
      'caller-2',
    ]);
  });
});
