/**
 * Every setting of `dragoman serve`, once: the flags and their help, the environment variables, the keys of the
 * file and the defaults all come from this table. The names of the properties are those of `ServeConfig`;
 * times are written in seconds and held in ms.
 */

import { availableParallelism } from 'node:os';
import type { z } from 'zod';
import { type Language, parseLanguagePair } from '../../base/language.ts';
import { POLICY_NAMES } from '../../interpret/policy/cut-policy.ts';
import { choice, many, one, oneOrNone, type Setting } from './setting.ts';
import {
  parseByDirection,
  parseByLanguage,
  parseCount,
  parseEngineName,
  parseHostPortOrOff,
  parseListen,
  parseNetwork,
  parseSeconds,
  parseSwitch,
} from './values.ts';

const CALLS = 'Calls:';
const ENGINES = 'Engines:';
const INTERPRETING = 'Interpreting:';
const LIMITS = 'Limits:';
const WATCHING = 'Watching it:';

/** The most media threads that can be asked for. */
const MOST_MEDIA_THREADS = 64;
const USUAL_MEDIA_THREADS = Math.max(1, Math.min(availableParallelism() - 1, MOST_MEDIA_THREADS));

export const SETTINGS = {
  listen: setting({
    key: 'listen',
    kind: 'many',
    group: CALLS,
    placeholder: 'host:port[=from:to]',
    help: 'where Asterisk connects with AudioSocket; repeat it for more; =en:es gives what arrives there its own languages',
    fallback: ['127.0.0.1:5050'],
    validator: nonEmpty(parseListen),
  }),
  pair: setting({
    key: 'pair',
    kind: 'one',
    group: CALLS,
    placeholder: 'first:second',
    help: 'the languages of the two parties, such as en:es; needed unless every --listen has its own',
    fallback: [],
    validator: oneOrNone(parseLanguagePair),
  }),
  pairing: setting({
    key: 'pairing',
    kind: 'one',
    group: CALLS,
    placeholder: 'suffix|port',
    help:
      'how two legs find each other. suffix: by UUID, whose last digit 0 or 1 is the leg and the rest the call. ' +
      'port: by order of arrival; who arrives at =en:es speaks en and the partner es',
    fallback: ['suffix'],
    validator: choice('suffix', 'port'),
  }),
  mode: setting({
    key: 'mode',
    kind: 'one',
    group: CALLS,
    placeholder: 'mode',
    help:
      'bidirectional: both parties are translated. unidirectional: only the first language is, into the second. ' +
      'passthrough: nobody is',
    fallback: ['bidirectional'],
    validator: choice('bidirectional', 'unidirectional', 'passthrough'),
  }),
  untranslatable: setting({
    key: 'untranslatable',
    kind: 'one',
    group: CALLS,
    placeholder: 'refuse|passthrough',
    help:
      'what to do at the start about a direction the engines cannot translate. refuse: do not start. ' +
      "passthrough: let the speaker's own voice through",
    fallback: ['refuse'],
    validator: choice('refuse', 'passthrough'),
  }),
  stt: setting({
    key: 'stt',
    kind: 'many',
    group: ENGINES,
    placeholder: 'engine,...',
    help: 'speech recognition, best first; the next one is used for what the one before cannot do',
    fallback: ['pocketsphinx'],
    fallbackHelp: providersThen('pocketsphinx'),
    validator: engineNames(),
  }),
  mt: setting({
    key: 'mt',
    kind: 'many',
    group: ENGINES,
    placeholder: 'engine,...',
    help: 'machine translation, best first',
    fallback: ['apertium'],
    fallbackHelp: providersThen('apertium'),
    validator: engineNames(),
  }),
  tts: setting({
    key: 'tts',
    kind: 'many',
    group: ENGINES,
    placeholder: 'engine,...',
    help: 'speech synthesis, best first',
    fallback: ['espeak-ng'],
    fallbackHelp: providersThen('espeak-ng'),
    validator: engineNames(),
  }),
  sttModels: setting({
    key: 'stt-model',
    kind: 'by-language',
    group: ENGINES,
    placeholder: 'language=directory',
    help: 'model that recognises a language, where the engine needs one; repeat it for more',
    fallback: [],
    validator: byLanguage('language=directory, such as es=/opt/models/es'),
  }),
  ttsVoices: setting({
    key: 'voice',
    kind: 'by-language',
    group: ENGINES,
    placeholder: 'language=name',
    help: 'voice that speaks a language, by the name the engine gives it; repeat it for more',
    fallback: [],
    fallbackHelp: "the engine's own",
    validator: byLanguage('language=name, such as es=es-419'),
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
    validator: choice('cascade', 'deepl-voice', 'openai-realtime'),
  }),
  policy: setting({
    key: 'policy',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'turn|sentence|clause',
    help:
      'when the cascade speaks. clause: while the speaker goes on, clause by clause. sentence: at the end of each ' +
      'sentence. turn: when the speaker has stopped',
    fallback: ['clause'],
    validator: choice(...POLICY_NAMES),
  }),
  drafts: setting({
    key: 'drafts',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'on|off',
    help: 'translate ahead what is not certain yet: sooner, for some more requests to the providers',
    fallback: ['on'],
    validator: one(parseSwitch),
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
    validator: one(parseSwitch),
  }),
  original: setting({
    key: 'original',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'off|duck|full',
    help: "how a speaker's own voice is heard under the translation. off: not at all. duck: softly. full: as loud as ever",
    fallback: ['duck'],
    validator: choice('off', 'duck', 'full'),
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
    validator: byDirection('first:second=file, such as en:es=/etc/dragoman/en-es.txt'),
  }),
  announcement: setting({
    key: 'announcement',
    kind: 'one',
    group: INTERPRETING,
    placeholder: 'on|off',
    help: 'tell both parties in their language, when a call begins, that a machine interprets',
    fallback: ['on'],
    validator: one(parseSwitch),
  }),
  announce: setting({
    key: 'announce',
    kind: 'texts',
    group: INTERPRETING,
    placeholder: 'language=text',
    help: 'what they are told in a language, in place of our own words; repeat it for more',
    fallback: [],
    fallbackHelp: 'a sentence of ours in the languages we know',
    validator: byLanguage('language=text, such as "en=A machine interprets this call."'),
  }),
  allow: setting({
    key: 'allow',
    kind: 'many',
    group: LIMITS,
    placeholder: 'network,...',
    help: 'who may connect to the --listen addresses: addresses or networks such as 10.0.0.0/8',
    fallback: [],
    fallbackHelp: 'everyone who can reach them',
    validator: many(parseNetwork),
  }),
  maxLegs: setting({
    key: 'max-legs',
    kind: 'one',
    group: LIMITS,
    placeholder: 'legs',
    help: 'legs at the same time; a call has two, and one leg too many is hung up at once',
    fallback: ['200'],
    validator: one(parseCount(1, 10_000)),
  }),
  mediaThreads: setting({
    key: 'media-threads',
    kind: 'one',
    group: LIMITS,
    placeholder: 'threads',
    help: 'threads that process sound',
    fallback: [String(USUAL_MEDIA_THREADS)],
    fallbackHelp: `one per core but one, which the sockets need; here ${USUAL_MEDIA_THREADS}`,
    validator: one(parseCount(1, MOST_MEDIA_THREADS)),
  }),
  uuidTimeoutMs: setting({
    key: 'uuid-timeout',
    kind: 'one',
    group: LIMITS,
    placeholder: 'seconds',
    help: 'how long a connection may take to say its UUID',
    fallback: ['5'],
    validator: one(parseSeconds(0.1, 60)),
  }),
  drainTimeoutMs: setting({
    key: 'drain-timeout',
    kind: 'one',
    group: LIMITS,
    placeholder: 'seconds',
    help: 'how long running calls may go on after SIGTERM or SIGINT before they are hung up',
    fallback: ['30'],
    validator: one(parseSeconds(0, 86_400)),
  }),
  http: setting({
    key: 'http',
    kind: 'one',
    group: WATCHING,
    placeholder: 'host:port|off',
    help: 'where /health and /calls are served',
    fallback: ['127.0.0.1:3000'],
    validator: one(parseHostPortOrOff),
  }),
  metrics: setting({
    key: 'metrics',
    kind: 'one',
    group: WATCHING,
    placeholder: 'host:port|off',
    help: 'where /metrics is served, for Prometheus',
    fallback: ['127.0.0.1:9090'],
    validator: one(parseHostPortOrOff),
  }),
  captions: setting({
    key: 'captions',
    kind: 'switch',
    group: WATCHING,
    placeholder: '',
    help: 'share what is said, live, with whoever can reach the --http address',
    fallback: ['off'],
    validator: one(parseSwitch),
  }),
  logLevel: setting({
    key: 'log-level',
    kind: 'one',
    group: WATCHING,
    placeholder: 'level',
    help: 'debug, info, warn or error',
    fallback: ['info'],
    validator: choice('debug', 'info', 'warn', 'error'),
  }),
  logPii: setting({
    key: 'log-pii',
    kind: 'switch',
    group: WATCHING,
    placeholder: '',
    help: 'write into the log what is said, dialled and spoken',
    fallback: ['off'],
    validator: one(parseSwitch),
  }),
} as const;

/** The settings in the order of the table. */
export const SETTING_LIST: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** The types of the values are kept; the rest is checked against {@link Setting}. */
function setting<Value>(row: Setting<Value>): Setting<Value> {
  return row;
}

function nonEmpty<Value>(parse: (text: string) => Value): z.ZodType<readonly Value[]> {
  return many(parse).refine((values) => values.length > 0, 'has no value: write at least one');
}

function engineNames(): z.ZodType<readonly string[]> {
  return nonEmpty(parseEngineName).refine(
    (names) => new Set(names).size === names.length,
    'names an engine twice: write each once',
  );
}

function byLanguage(example: string): z.ZodType<ReadonlyMap<Language, string>> {
  return mapped(parseByLanguage(example), 'names a language twice: write each once');
}

function byDirection(example: string): z.ZodType<ReadonlyMap<string, string>> {
  return mapped(parseByDirection(example), 'names a direction twice: write each once');
}

function mapped(
  parse: (text: string) => readonly [string, string],
  twice: string,
): z.ZodType<ReadonlyMap<string, string>> {
  return many(parse)
    .refine((entries) => new Set(entries.map(([key]) => key)).size === entries.length, twice)
    .transform((entries) => new Map(entries));
}

function providersThen(local: string): string {
  return `the providers that are set up, then ${local}`;
}
