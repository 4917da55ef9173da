/**
 * Every setting of `dragoman serve`, once: the flags and their help, the environment variables, the keys of the
 * file, the defaults and the type of the configuration all come from this table. Times are written in seconds and held
 * in ms.
 */

import { availableParallelism } from 'node:os';
import { type Language, parseLanguage, parseLanguagePair } from '../../base/language.ts';
import { Secret } from '../../base/secret.ts';
import { parseByDirection, parseCount } from '../../base/values.ts';
import type { KeyRows } from '../../call/key-commands.ts';
import { CALL_MODES, ORIGINAL_MODES } from '../../call/plan.ts';
import type { Extensions } from '../../call/seating/extension-seating.ts';
import type { Catalogue } from '../../engines/engine-entry.ts';
import { MT_ENGINES, namesSetUp, STT_ENGINES, TTS_ENGINES } from '../../engines/registry.ts';
import { POLICY_NAMES } from '../../interpret/policy/cut-policy.ts';
import { RTP_FORMATS } from '../../protocol/rtp/payloads.ts';
import { ARI_MEDIA_NAMES } from '../../server/doors/ari/ari-media.ts';
import { parseTokenFile } from '../../server/http/api/token-file.ts';
import { parseWebhookSecret } from '../../server/webhooks/webhook-secret.ts';
import { LOG_FORMATS } from '../log-format.ts';
import { LOG_LEVELS } from '../log-level.ts';
import { HEALTH_LIMITS } from './health-limits.ts';
import { RECOVERY_LIMITS } from './recovery-limits.ts';
import {
  checked,
  choice,
  many,
  one,
  oneOrNone,
  type Reader,
  type Setting,
  SettingProblems,
} from './setting.ts';
import {
  parseAriApp,
  parseAriSection,
  parseAriUser,
  parseByLanguage,
  parseEngineName,
  parseExtension,
  parseHostName,
  parseHostPort,
  parseHostPortOrOff,
  parseKeyRow,
  parseListen,
  parseNetwork,
  parseSeconds,
  parseSecondsOrOff,
  parseSwitch,
  parseToken,
  parseUrlOrOff,
} from './values.ts';

const CALLS = 'Calls:';
const ENGINES = 'Engines:';
const INTERPRETING = 'Interpreting:';
const LIMITS = 'Limits:';
const WATCHING = 'Watching it:';

/** The most media threads that can be asked for. */
const MOST_MEDIA_THREADS = 64;
/** Parties that one conference may have. */
const MOST_PARTIES = 32;
const USUAL_MEDIA_THREADS = Math.max(1, Math.min(availableParallelism() - 1, MOST_MEDIA_THREADS));

export const SETTINGS = {
  listen: setting({
    key: 'listen',
    kind: 'many',
    group: CALLS,
    placeholder: 'host:port[=from:to]',
    help:
      'where Asterisk connects with AudioSocket; repeat it for more; =en:es gives what arrives there its own languages, ' +
      '=en says that all who come in there speak it (--pairing room)',
    fallback: ['127.0.0.1:5050'],
    read: nonEmpty(parseListen),
  }),
  pair: setting({
    key: 'pair',
    kind: 'one',
    group: CALLS,
    placeholder: 'first:second',
    help: 'the languages of the two parties, such as en:es; needed unless every --listen has its own, or --parties or --extensions is given',
    fallback: [],
    read: oneOrNone(parseLanguagePair),
  }),
  parties: setting({
    key: 'parties',
    kind: 'many',
    group: CALLS,
    placeholder: 'language,...',
    help:
      'for conferences, in place of --pair. With --pairing suffix: what each party speaks, by its place, such as ' +
      'en,es,fr. With --pairing room: every language that may be spoken',
    fallback: [],
    read: many(parseLanguage),
  }),
  maxParties: setting({
    key: 'max-parties',
    kind: 'one',
    group: CALLS,
    placeholder: 'parties',
    help: 'parties in one conference; one party too many is hung up at once',
    fallback: ['32'],
    read: one(parseCount(2, MOST_PARTIES)),
  }),
  pairing: setting({
    key: 'pairing',
    kind: 'one',
    group: CALLS,
    placeholder: 'suffix|port|room',
    help:
      'how legs find each other. suffix: by UUID, whose last digit is the place of the party and the rest the call. ' +
      'port: by order of arrival; who arrives at =en:es speaks en and the partner es. ' +
      'room: by UUID, which names the room, the language and the party (dialplan/conference.conf writes it)',
    fallback: ['suffix'],
    read: choice('suffix', 'port', 'room'),
  }),
  extensions: setting({
    key: 'extensions',
    kind: 'by-extension',
    group: CALLS,
    placeholder: 'extension=language[@room]',
    help:
      'extensions that lead to each other, for doors that know what was dialled, such as 7777=en,8888=fr: who speaks on ' +
      'one is heard, translated, on the other. With @room, all who dial an extension of that room meet in it',
    fallback: [],
    read: extensionsOf(),
  }),
  ari: setting({
    key: 'ari',
    kind: 'one',
    group: CALLS,
    placeholder: 'url|off',
    help: "where Asterisk's REST interface (ARI) is, such as http://127.0.0.1:8088: calls then come by Stasis(dragoman,en), too",
    fallback: ['off'],
    words: ['http://127.0.0.1:8088', 'off'],
    read: one(parseUrlOrOff),
  }),
  ariUser: setting({
    key: 'ari-user',
    kind: 'one',
    group: CALLS,
    placeholder: 'name',
    help: 'the user of ARI, as ari.conf has it',
    fallback: ['dragoman'],
    read: one(parseAriUser),
  }),
  ariPassword: setting({
    key: 'ari-password-file',
    kind: 'one',
    group: CALLS,
    placeholder: 'file',
    help: "file that holds the password of ARI's user, or DRAGOMAN_ARI_PASSWORD is the password itself",
    fallback: [],
    inFile: true,
    read: oneOrNone((text) => new Secret(text)),
  }),
  ariApp: setting({
    key: 'ari-app',
    kind: 'one',
    group: CALLS,
    placeholder: 'name',
    help: 'the application of Stasis() that is ours; each dragoman at one Asterisk needs a name of its own',
    fallback: ['dragoman'],
    read: one(parseAriApp),
  }),
  ariMedia: setting({
    key: 'ari-media',
    kind: 'one',
    group: CALLS,
    placeholder: ARI_MEDIA_NAMES.join('|'),
    help:
      'how the sound of calls by ARI gets here. audiosocket: to the first --listen, in wideband. rtp: to --rtp. websocket: to ' +
      '--ws, in wideband',
    fallback: ['audiosocket'],
    read: choice(...ARI_MEDIA_NAMES),
  }),
  ariMediaAddress: setting({
    key: 'ari-media-address',
    kind: 'one',
    group: CALLS,
    placeholder: 'host:port|off',
    help: 'where Asterisk reaches us for the sound of calls by ARI, if it is on another machine; off: the first --listen',
    fallback: ['off'],
    words: ['off'],
    read: one(parseHostPortOrOff),
  }),
  ariMediaSection: setting({
    key: 'ari-media-section',
    kind: 'one',
    group: CALLS,
    placeholder: 'name',
    help: 'the section of websocket_client.conf by which Asterisk connects to --ws, with --ari-media websocket',
    fallback: ['dragoman'],
    read: one(parseAriSection),
  }),
  ws: setting({
    key: 'ws',
    kind: 'one',
    group: CALLS,
    placeholder: 'host:port|off',
    help:
      'where parties come in by WebSocket: applications at /translate/EXTENSION, Asterisk at /media and /ari, browsers at /try; ' +
      '3002 is usual',
    fallback: ['off'],
    words: ['127.0.0.1:3002', 'off'],
    read: one(parseHostPortOrOff),
  }),
  wsToken: setting({
    key: 'ws-token-file',
    kind: 'one',
    group: CALLS,
    placeholder: 'file',
    help: 'file that holds the token without which nobody opens a WebSocket, or DRAGOMAN_WS_TOKEN is the token itself',
    fallback: [],
    fallbackHelp: 'whoever reaches --ws comes in',
    inFile: true,
    read: oneOrNone(parseToken),
  }),
  tryPage: setting({
    key: 'try',
    kind: 'switch',
    group: CALLS,
    placeholder: '',
    help: 'serve the page /try on the --ws address, by which browsers meet in a room, each in any language that is set up',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  rtp: setting({
    key: 'rtp',
    kind: 'one',
    group: CALLS,
    placeholder: 'host:port',
    help: 'where Asterisk sends RTP to, over UDP, with --ari-media rtp; port 0 is any that is free',
    fallback: ['127.0.0.1:0'],
    read: one(parseHostPort),
  }),
  rtpFormat: setting({
    key: 'rtp-format',
    kind: 'one',
    group: CALLS,
    placeholder: RTP_FORMATS.join('|'),
    help: 'the codec of RTP both ways. g722: wideband, as many phones have it; the others are 8 kHz',
    fallback: ['g722'],
    read: choice(...RTP_FORMATS),
  }),
  mode: setting({
    key: 'mode',
    kind: 'one',
    group: CALLS,
    placeholder: CALL_MODES.join('|'),
    help:
      'bidirectional: all parties are translated. unidirectional: only those who speak the first language. ' +
      'passthrough: nobody is',
    fallback: ['bidirectional'],
    read: choice(...CALL_MODES),
  }),
  untranslatable: setting({
    key: 'untranslatable',
    kind: 'one',
    group: CALLS,
    placeholder: 'refuse|passthrough',
    help:
      'what to do about a direction the engines cannot translate. refuse: do not serve. ' +
      "passthrough: let the speaker's own voice through. Engines that are only down are waited for in both cases",
    fallback: ['refuse'],
    read: choice('refuse', 'passthrough'),
  }),
  stt: setting({
    key: 'stt',
    kind: 'many',
    group: ENGINES,
    placeholder: 'engine,...',
    help: 'speech recognition, best first; the next one is used for what the one before cannot do',
    fallback: ['pocketsphinx'],
    fallbackHelp: providersThen('pocketsphinx'),
    words: [...STT_ENGINES.keys()],
    read: engineNames(),
    setUp: setUpIn(STT_ENGINES),
  }),
  mt: setting({
    key: 'mt',
    kind: 'many',
    group: ENGINES,
    placeholder: 'engine,...',
    help: 'machine translation, best first',
    fallback: ['apertium'],
    fallbackHelp: providersThen('apertium'),
    words: [...MT_ENGINES.keys()],
    read: engineNames(),
    setUp: setUpIn(MT_ENGINES),
  }),
  tts: setting({
    key: 'tts',
    kind: 'many',
    group: ENGINES,
    placeholder: 'engine,...',
    help: 'speech synthesis, best first',
    fallback: ['espeak-ng'],
    fallbackHelp: providersThen('espeak-ng'),
    words: [...TTS_ENGINES.keys()],
    read: engineNames(),
    setUp: setUpIn(TTS_ENGINES),
  }),
  sttModels: setting({
    key: 'stt-model',
    kind: 'by-language',
    group: ENGINES,
    placeholder: 'language=directory',
    help: 'model that recognises a language, where the engine needs one; repeat it for more',
    fallback: [],
    read: byLanguage('language=directory, such as es=/opt/models/es'),
  }),
  ttsVoices: setting({
    key: 'voice',
    kind: 'by-language',
    group: ENGINES,
    placeholder: 'language=name',
    help: 'voice that speaks a language, by the name the engine gives it; repeat it for more',
    fallback: [],
    fallbackHelp: "the engine's own",
    read: byLanguage('language=name, such as es=es-419'),
  }),
  interpreter: setting({
    key: 'interpreter',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'cascade|deepl-voice|openai-realtime',
    help:
      'what interprets. cascade: the engines above. deepl-voice: DeepL in place of stt and mt. ' +
      'openai-realtime: OpenAI in place of all three',
    fallback: ['cascade'],
    read: choice('cascade', 'deepl-voice', 'openai-realtime'),
  }),
  interpreterBackup: setting({
    key: 'interpreter-backup',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'none|cascade',
    help:
      'what interprets while deepl-voice or openai-realtime cannot, in running calls too. cascade: the engines above, ' +
      'which are then tried and kept ready',
    fallback: ['none'],
    read: choice('none', 'cascade'),
  }),
  policy: setting({
    key: 'policy',
    kind: 'one',
    group: INTERPRETING,
    placeholder: POLICY_NAMES.join('|'),
    help:
      'when the cascade speaks. clause: while the speaker goes on, clause by clause. sentence: at the end of each ' +
      'sentence. turn: when the speaker has stopped. consecutive: so, too, and everybody hears it, the speaker as well',
    fallback: ['clause'],
    read: choice(...POLICY_NAMES),
  }),
  drafts: setting({
    key: 'drafts',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'on|off',
    help: 'translate ahead what is not certain yet: sooner, for some more requests to the providers',
    fallback: ['on'],
    read: one(parseSwitch),
  }),
  codeSwitching: setting({
    key: 'code-switching',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'on|off',
    help:
      "a speaker may fall into the listener's language, and is then heard as they are; deepgram's nova-3 and " +
      'flux-general-multi can tell en es fr de hi ru pt ja it nl apart',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  original: setting({
    key: 'original',
    kind: 'one',
    group: INTERPRETING,
    placeholder: ORIGINAL_MODES.join('|'),
    help: "how a speaker's own voice is heard under the translation. off: not at all. duck: softly. full: as loud as ever",
    fallback: ['duck'],
    read: choice(...ORIGINAL_MODES),
  }),
  matchDelay: setting({
    key: 'match-delay',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'on|off',
    help:
      'hold the translations of the faster direction of a call of two, by up to 2 s, so that both hear each other ' +
      'equally late and talk over each other less',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  glossaries: setting({
    key: 'glossary',
    kind: 'by-direction',
    group: INTERPRETING,
    placeholder: 'first:second=file',
    help:
      'terms with one agreed translation, for what is said in the first language: a line "term = translation" for ' +
      'each; repeat it for more directions',
    fallback: [],
    read: byDirection('first:second=file, such as en:es=/etc/dragoman/en-es.txt'),
  }),
  keys: setting({
    key: 'keys',
    kind: 'many',
    group: INTERPRETING,
    placeholder: 'action=keys,...',
    help:
      'keys by which a party steers its call, such as translation=*1,louder=*2,softer=*3,repeat=*4,swap=*5: hears no ' +
      "translation, or again; the others' own voices louder, softer; what was said last once more; the two exchange " +
      'languages. The others do not hear them',
    fallback: [],
    fallbackHelp: 'all keys are for the others',
    read: keyRows(),
  }),
  announcement: setting({
    key: 'announcement',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'on|off',
    help: 'tell each party in its language, when its call begins, that a machine interprets',
    fallback: ['on'],
    read: one(parseSwitch),
  }),
  announce: setting({
    key: 'announce',
    kind: 'texts',
    group: INTERPRETING,
    placeholder: 'language=text',
    help: 'what they are told in a language, in place of our own words; repeat it for more',
    fallback: [],
    fallbackHelp: 'a sentence of ours in the languages we know',
    read: byLanguage('language=text, such as "en=A machine interprets this call."'),
  }),
  joinTones: setting({
    key: 'join-tones',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'on|off',
    help: 'tell the others of a conference with a short tone that somebody joins or leaves',
    fallback: ['on'],
    read: one(parseSwitch),
  }),
  allow: setting({
    key: 'allow',
    kind: 'many',
    group: LIMITS,
    placeholder: 'network,...',
    help: 'who may connect to the --listen addresses: addresses or networks such as 10.0.0.0/8',
    fallback: [],
    fallbackHelp: 'everyone who can reach them',
    read: many(parseNetwork),
    emptyIs: 'is empty, and so would let everyone in: write addresses or networks, or leave it out',
  }),
  maxLegs: setting({
    key: 'max-legs',
    kind: 'one',
    group: LIMITS,
    placeholder: 'legs',
    help: 'legs at the same time, one for each party, so two at least; one leg too many is hung up at once',
    fallback: ['200'],
    read: one(parseCount(2, 10_000)),
  }),
  mediaThreads: setting({
    key: 'media-threads',
    kind: 'one',
    group: LIMITS,
    placeholder: 'threads',
    help: 'threads that process sound',
    fallback: [String(USUAL_MEDIA_THREADS)],
    fallbackHelp: `one per core but one, which the sockets need; here ${USUAL_MEDIA_THREADS}`,
    read: one(parseCount(1, MOST_MEDIA_THREADS)),
  }),
  uuidTimeoutMs: setting({
    key: 'uuid-timeout',
    kind: 'one',
    group: LIMITS,
    placeholder: 'seconds',
    help: 'how long a connection may take to say its UUID',
    fallback: ['5'],
    read: one(parseSeconds(0.1, 60)),
  }),
  rejoinMs: setting({
    key: 'rejoin',
    kind: 'one',
    group: LIMITS,
    placeholder: 'seconds',
    help:
      'how long the place of a party whose leg ends is kept for another leg with the same UUID, since a call that is ' +
      'handed on looks like one that is hung up; the others hear a soft tone meanwhile. 0: it is given up at once',
    fallback: ['3'],
    read: one(parseSeconds(0, 60)),
  }),
  callLimitMs: setting({
    key: 'call-limit',
    kind: 'one',
    group: LIMITS,
    placeholder: 'seconds|off',
    help: 'how long a call may last before it is hung up; a tone tells of it 30 s before',
    fallback: ['off'],
    read: one(parseSecondsOrOff(10, 604_800)),
  }),
  waitLimitMs: setting({
    key: 'wait-limit',
    kind: 'one',
    group: LIMITS,
    placeholder: 'seconds',
    help:
      'how long a party may wait alone in its call before it is hung up. Of --max-legs, half at most may wait alone ' +
      'that come from one address',
    fallback: ['600'],
    read: one(parseSeconds(1, 86_400)),
  }),
  health: setting({
    key: 'health',
    kind: 'many',
    group: LIMITS,
    placeholder: 'limit=number,...',
    help:
      'what engines and the service are judged by: of the last "operations" in "window" seconds, if they are "fewest" or ' +
      'more, the share in % from which one is "degraded" or "unhealthy"; looked at every "check" seconds. After so many ' +
      '"failures" in a row others are asked first for "bench" seconds, each time twice as long up to "longest-bench", and ' +
      'for "lasting-bench" where somebody has to act. What is left out stays as it is',
    fallback: HEALTH_LIMITS.usual,
    read: HEALTH_LIMITS.read,
  }),
  recovery: setting({
    key: 'recovery',
    kind: 'many',
    group: LIMITS,
    placeholder: 'limit=number,...',
    help:
      'when something is started anew, or somebody else asked: a translation that takes "mt-late" ms, or a first sound ' +
      '"tts-late", has the next engine asked as well. A media thread that works for "thread-busy" ms, or is silent for ' +
      '"thread-silent", without a sign of life is replaced; a main thread after "main-busy" seconds. The pipeline of a ' +
      'party of whom so many "utterances" in a row fail, engines being well, is started anew; the whole process when so ' +
      'many "pipelines" were in vain, so many "threads" hung within a minute, or "heap" % of its memory stay full at ' +
      'three looks, one each "look" seconds. Neither again within "cool-down" seconds. What is left out stays as it is',
    fallback: RECOVERY_LIMITS.usual,
    read: RECOVERY_LIMITS.read,
  }),
  drainTimeoutMs: setting({
    key: 'drain-timeout',
    kind: 'one',
    group: LIMITS,
    placeholder: 'seconds',
    help: 'how long running calls may go on after SIGTERM or SIGINT before they are hung up',
    fallback: ['30'],
    read: one(parseSeconds(0, 86_400)),
  }),
  http: setting({
    key: 'http',
    kind: 'one',
    group: WATCHING,
    placeholder: 'host:port|off',
    help: 'where /health, /ready, /status and the API (/api/v1) are served',
    fallback: ['127.0.0.1:3000'],
    words: ['127.0.0.1:3000', 'off'],
    read: one(parseHostPortOrOff),
  }),
  metrics: setting({
    key: 'metrics',
    kind: 'one',
    group: WATCHING,
    placeholder: 'host:port|off',
    help: 'where /metrics is served, for Prometheus',
    fallback: ['127.0.0.1:9090'],
    words: ['127.0.0.1:9090', 'off'],
    read: one(parseHostPortOrOff),
  }),
  httpNames: setting({
    key: 'http-name',
    kind: 'many',
    group: WATCHING,
    placeholder: 'name,...',
    help:
      'names by which browsers and programs reach the --http and --metrics addresses, besides localhost, any address ' +
      'and the name of this machine; what asks for another name is refused',
    fallback: [],
    read: many(parseHostName),
  }),
  apiTokenFile: setting({
    key: 'api-token-file',
    kind: 'one',
    group: WATCHING,
    placeholder: 'file',
    help:
      'file with a line "name token scope" for each who may use the API: read (what runs), control (to change it, too), ' +
      'captions (what is said), with commas; it is read again when it changes',
    fallback: [],
    fallbackHelp: 'the API is for this machine alone',
    read: oneOrNone(parseTokenFile),
  }),
  webhook: setting({
    key: 'webhook',
    kind: 'one',
    group: WATCHING,
    placeholder: 'url|off',
    help: 'where what happens is sent as it happens, without what is said: a POST for each event of the API; needs --http',
    fallback: ['off'],
    words: ['off'],
    read: one(parseUrlOrOff),
  }),
  webhookSecret: setting({
    key: 'webhook-secret-file',
    kind: 'one',
    group: WATCHING,
    placeholder: 'file',
    help:
      'file that holds the secret those are signed with (Standard Webhooks, whsec_...), or DRAGOMAN_WEBHOOK_SECRET is ' +
      'the secret itself',
    fallback: [],
    fallbackHelp: 'they are not signed',
    inFile: true,
    read: oneOrNone(parseWebhookSecret),
  }),
  captions: setting({
    key: 'captions',
    kind: 'switch',
    group: WATCHING,
    placeholder: '',
    help: 'share what is said, live and of the last 50 calls, with who may use the API and has the scope captions',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
  logLevel: setting({
    key: 'log-level',
    kind: 'one',
    group: WATCHING,
    placeholder: LOG_LEVELS.join('|'),
    help: 'the lowest level that is written',
    fallback: ['info'],
    read: choice(...LOG_LEVELS),
  }),
  logFormat: setting({
    key: 'log-format',
    kind: 'one',
    group: WATCHING,
    placeholder: ['auto', ...LOG_FORMATS].join('|'),
    help:
      'form of the log. json: a line of JSON for each event. text: for people. journal: text with levels as systemd takes ' +
      'them. auto: text on a terminal, journal where that is what systemd reads, else json',
    fallback: ['auto'],
    read: choice('auto', ...LOG_FORMATS),
  }),
  logPii: setting({
    key: 'log-pii',
    kind: 'switch',
    group: WATCHING,
    placeholder: '',
    help: 'write into the log what is said, dialled and spoken',
    fallback: ['off'],
    read: one(parseSwitch),
  }),
} as const;

/** The settings in the order of the table. */
export const SETTING_LIST: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** What each setting holds, by the names of the table. */
export type SettingValues = {
  readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name] extends Setting<infer Value>
    ? Value
    : never;
};

/** The types of the values are kept; the rest is checked against {@link Setting}. */
function setting<Value>(row: Setting<Value>): Setting<Value> {
  return row;
}

function nonEmpty<Value>(parse: (text: string) => Value): Reader<readonly Value[]> {
  return checked(many(parse), (values) => values.length > 0, 'has no value: write at least one');
}

function engineNames(): Reader<readonly string[]> {
  return checked(
    nonEmpty(parseEngineName),
    (names) => new Set(names).size === names.length,
    'names an engine twice: write each once',
  );
}

/** Those of `catalogue` that have what they need. */
function setUpIn(catalogue: Catalogue<unknown>): NonNullable<Setting<unknown>['setUp']> {
  return (providers) => namesSetUp(catalogue, providers);
}

function byLanguage(example: string): Reader<ReadonlyMap<Language, string>> {
  return mapped(parseByLanguage(example), 'names a language twice: write each once');
}

function byDirection(example: string): Reader<ReadonlyMap<string, string>> {
  return mapped(parseByDirection(example), 'names a direction twice: write each once');
}

/** A row that another begins with could never be pressed to its end. */
function keyRows(): Reader<KeyRows> {
  const read = many(parseKeyRow);
  return (texts) => {
    const rows = read(texts);
    const [first, second] =
      rows.flatMap(([row], place) =>
        rows.filter(([other], at) => at !== place && other.startsWith(row)).map(([other]) => [row, other]),
      )[0] ?? [];
    if (first !== undefined) {
      throw new SettingProblems([`${second} begins with ${first}, which is done before: write other keys`]);
    }
    return new Map(rows);
  };
}

function extensionsOf(): Reader<Extensions> {
  return mapped(parseExtension, 'names an extension twice: write each once');
}

function mapped<Value>(
  parse: (text: string) => readonly [string, Value],
  twice: string,
): Reader<ReadonlyMap<string, Value>> {
  const entries = checked(
    many(parse),
    (read) => new Set(read.map(([key]) => key)).size === read.length,
    twice,
  );
  return (texts) => new Map(entries(texts));
}

function providersThen(local: string): string {
  return `the providers that are set up, then ${local}`;
}
