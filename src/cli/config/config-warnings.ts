/**
 * What is written and starts, and still is not what was meant: settings that do nothing with the others, names that
 * are not read, doors that are open. Each is told once, at the start and by `check`, with what to write.
 */

import { baseLanguage, type Language } from '../../base/language.ts';
import { retirementsOf } from '../../engines/retirements.ts';
import { DEEPGRAM_MODEL_DEFAULT } from '../../engines/stt/deepgram/deepgram-engine.ts';
import { bothLanguages } from '../../engines/stt/deepgram/deepgram-languages.ts';
import { directionsOf, languagesOf } from '../../server/interpreting/directions.ts';
import { usesCascade } from '../../server/interpreting/interpreting-settings.ts';
import { exposuresOf } from './exposure.ts';
import { idleVariables } from './idle-variables.ts';
import { isLanguage } from './known-languages.ts';
import type { MisspelledVariable } from './misspelled-variables.ts';
import type { ServeConfig } from './serve-config.ts';

export interface ConfigWarning {
  /**
   * `unfit`: it does nothing, or not what was meant; `exposed`: who can reach what; `idle`: a provider's variable;
   * `ends`: what a provider will take away.
   */
  readonly kind: 'unfit' | 'exposed' | 'idle' | 'ends';
  /** Where it is written, as the operator knows it: `--voice`, `DRAGOMAN_VOICE`, `DEEPGRAM_MODEL`. */
  readonly origin: string;
  /** What is wrong, and what to write. */
  readonly sentence: string;
}

/** What is warned about, beside the configuration itself. */
export interface Written {
  /** Where each setting is written that is, by its key. */
  readonly origins: ReadonlyMap<string, string>;
  /** Names of the variables of providers that are written, with `_FILE` where that is. */
  readonly variables: readonly string[];
  readonly misspelled: readonly MisspelledVariable[];
}

type Config = Omit<ServeConfig, 'warnings'>;
/** Sentences about a setting that is written, by its key. */
type Rule = (config: Config) => readonly (readonly [key: string, sentence: string])[];

/** Recognisers whose models are the operator's. */
const MODEL_ENGINES = ['sherpa', 'pocketsphinx'];

const RULES: readonly Rule[] = [
  idleInPassthrough,
  emotionOfNothing,
  unspokenLanguages,
  unusedByInterpreter,
  idleAlone,
  idleWithPorts,
  idleWithoutAri,
  idleWithoutRtp,
  idleWithoutCluster,
  idleWithoutRecords,
  codeSwitching,
];

export function configWarnings(config: Config, written: Written): readonly ConfigWarning[] {
  const unfit = RULES.flatMap((rule) => rule(config)).flatMap(([key, sentence]) => {
    const origin = written.origins.get(key);
    return origin === undefined ? [] : [{ kind: 'unfit', origin, sentence } as const];
  });
  return [
    ...unfit,
    ...unknownLanguages(config),
    ...written.misspelled.map(
      ({ name, meant }) =>
        ({ kind: 'unfit', origin: name, sentence: `nothing reads it: did you mean ${meant}?` }) as const,
    ),
    ...idleVariables(config.providers, written.variables).map(
      ({ name, needs }) =>
        ({
          kind: 'idle',
          origin: name,
          sentence: `it does nothing while ${needs.join(' or ')} is not set: set that, or leave this out`,
        }) as const,
    ),
    ...endings(config),
    ...exposuresOf(config).map(
      ({ flag, sentence }) => ({ kind: 'exposed', origin: flag, sentence }) as const,
    ),
  ];
}

/** Of the engines that are used only. */
function endings(config: Config): readonly ConfigWarning[] {
  const { mode, stt, tts, providers } = config;
  const used = new Set([...(usesCascade(config) ? stt : []), ...tts]);
  return retirementsOf(providers)
    .filter(({ engine }) => mode !== 'passthrough' && used.has(engine))
    .map(({ variable, sentence }) => ({ kind: 'ends', origin: variable, sentence }));
}

function emotionOfNothing({ emotion }: Config): ReturnType<Rule> {
  return emotion === 'off'
    ? [['emotion-of', 'nothing judges voices without --emotion: write that too, or leave this out']]
    : [];
}

/** What is for interpreting where nobody interprets; of glossaries, those who read them tell. */
function idleInPassthrough({ mode }: Config): ReturnType<Rule> {
  const keys = [
    'stt',
    'mt',
    'tts',
    'stt-model',
    'voice',
    'voice-choice',
    'announce',
    'interpreter',
    'interpreter-backup',
    'policy',
    'match-delay',
    'manner',
    'stress',
    'emotion',
    'emotion-of',
    'code-switching',
  ];
  return mode === 'passthrough'
    ? keys.map((key) => [key, 'it does nothing with --mode passthrough: leave one of the two out'] as const)
    : [];
}

/**
 * Settings for languages that nobody speaks here. A voice is found by the very language; the others by it without
 * region.
 */
function unspokenLanguages(config: Config): ReturnType<Rule> {
  if (config.mode === 'passthrough') {
    return [];
  }
  const spoken = [...languagesOf(config)];
  const sameOf = (language: Language): readonly Language[] =>
    spoken.filter((each) => baseLanguage(each) === baseLanguage(language));
  const tell = (language: Language, value: string): string => {
    const [meant] = sameOf(language);
    return meant === undefined
      ? `nobody speaks ${language} here, only ${spoken.join(', ')}: leave ${language}=${value} out, or write it for one of these`
      : `${language} is not ${meant}, which is spoken here: write ${meant}=${value}`;
  };
  const voices = [...config.ttsVoices].filter(([language]) => !spoken.includes(language));
  const choices = [...config.voiceChoice].filter(([language]) => !spoken.includes(language));
  const loosely = (language: Language): boolean =>
    spoken.includes(language) || sameOf(language).some(() => baseLanguage(language) === language);
  const models = [...config.sttModels].filter(([language]) => !loosely(language));
  const texts = [...config.announce].filter(([language]) => !loosely(language));
  return [
    ...voices.map(([language, voice]) => ['voice', tell(language, voice)] as const),
    ...choices.map(([language, names]) => ['voice-choice', tell(language, names.join('|'))] as const),
    ...models.map(([language, directory]) => ['stt-model', tell(language, directory)] as const),
    ...texts.map(([language]) => ['announce', tell(language, '...')] as const),
  ];
}

/** What an interpreter of another kind does in place of engines. */
function unusedByInterpreter(config: Config): ReturnType<Rule> {
  const { interpreter, mode } = config;
  if (mode === 'passthrough') {
    return [];
  }
  if (interpreter === 'cascade') {
    return [
      ['interpreter-backup', 'the cascade is no backup of its own: leave it out, or write --interpreter'],
    ];
  }
  if (usesCascade(config)) {
    return [];
  }
  const keys = ['stt', 'mt', 'stt-model', 'policy', 'drafts', 'manner', 'stress', 'code-switching'];
  const own = interpreter === 'openai-realtime' ? [...keys, 'voice', 'voice-choice'] : keys;
  return own.map((key) => [
    key,
    `it does nothing with --interpreter ${interpreter}: leave one of the two out`,
  ]);
}

function idleAlone(config: Config): ReturnType<Rule> {
  const { announcement, announce, stt, sttModels, mode, ws, wsToken, http, apiTokenFile } = config;
  const { webhook, webhookSecret, traces, tracesHeader } = config;
  const idle: (readonly [string, string])[] = [];
  if (ws === undefined && wsToken !== undefined) {
    idle.push([
      'ws-token-file',
      'it does nothing while --ws is off: write --ws 127.0.0.1:3002, or leave it out',
    ]);
  }
  const sent = [
    ['webhook', webhook],
    ['traces', traces],
  ] as const;
  for (const [key, url] of sent) {
    if (http === undefined && url !== undefined) {
      idle.push([key, 'nothing is sent while --http is off: write --http 127.0.0.1:3000, or leave it out']);
    }
  }
  if (traces === undefined && tracesHeader !== undefined) {
    idle.push(['traces-header-file', 'it does nothing without --traces: write that, too, or leave it out']);
  }
  if (webhook === undefined && webhookSecret !== undefined) {
    idle.push(['webhook-secret-file', 'it does nothing without --webhook: write that, too, or leave it out']);
  }
  if (http === undefined && apiTokenFile !== undefined) {
    idle.push([
      'api-token-file',
      'it does nothing while --http is off: write --http 127.0.0.1:3000, or leave it out',
    ]);
  }
  if (!announcement && announce.size > 0) {
    idle.push(['announce', 'nobody is told it with --announcement off: leave one of the two out']);
  }
  const takesModels = stt.some((name) => MODEL_ENGINES.includes(name));
  if (sttModels.size > 0 && !takesModels && usesCascade(config) && mode !== 'passthrough') {
    idle.push([
      'stt-model',
      `only ${MODEL_ENGINES.join(' and ')} take models, and --stt is ${stt.join(',')}: write --stt ${[...stt, 'pocketsphinx'].join(',')}, or leave it out`,
    ]);
  }
  return idle;
}

/** Who is paired by order of arrival has no name by which to come back. */
function idleWithPorts({ pairing, rejoinMs }: Config): ReturnType<Rule> {
  return pairing === 'port' && rejoinMs > 0
    ? [['rejoin', 'nobody can come back with --pairing port: leave it out, or pair by suffix or room']]
    : [];
}

function idleWithoutAri({ ari, ws, ariMedia }: Config): ReturnType<Rule> {
  const asked = ari === undefined ? ['ari-user', 'ari-password-file'] : [];
  const either = ari === undefined && ws === undefined ? ['ari-app', 'ari-media', 'ari-media-address'] : [];
  return [
    ...asked.map((key) => [key, 'it does nothing without --ari: write that, too'] as const),
    ...either.map(
      (key) =>
        [
          key,
          'it does nothing without --ari, or --ws, where Asterisk connects to /ari: write one, too',
        ] as const,
    ),
    ...(ariMedia === 'websocket'
      ? []
      : [['ari-media-section', 'it does nothing without --ari-media websocket: write that, too'] as const]),
  ];
}

function idleWithoutCluster({ cluster }: Config): ReturnType<Rule> {
  const keys = ['address', 'placement', 'context', 'credentials-file', 'ca-file'].map(
    (key) => `cluster-${key}`,
  );
  return cluster === undefined
    ? ['node-name', ...keys].map(
        (key) => [key, 'it does nothing without --cluster: write that, too'] as const,
      )
    : [];
}

function idleWithoutRtp({ ari, ws, ariMedia }: Config): ReturnType<Rule> {
  const sentence = 'it does nothing without --ari-media rtp, and --ari or --ws: write them, too';
  return (ari === undefined && ws === undefined) || ariMedia !== 'rtp'
    ? ['rtp', 'rtp-format'].map((key) => [key, sentence] as const)
    : [];
}

/** Nothing is kept without a place to keep it. */
function idleWithoutRecords({ records, transcripts, prices }: Config): ReturnType<Rule> {
  const sentence =
    'nothing is kept without --records: write --records /var/lib/dragoman/records, or leave it out';
  const keys = [
    'record-numbers',
    'transcripts',
    'redact',
    'keep-records',
    'keep-transcripts',
    'records-db-url-file',
    'price',
  ];
  if (records === undefined) {
    return keys.map((key) => [key, sentence] as const);
  }
  return [
    ...(transcripts
      ? []
      : [['keep-transcripts', 'what is said is not kept: write --transcripts, too'] as const]),
    ...(prices.size > 0 ? [] : [['currency', 'nothing has a price: write --price, too'] as const]),
  ];
}

/** Only Deepgram can tell two languages of one speaker apart, and not each of its models, nor any two languages. */
function codeSwitching(config: Config): ReturnType<Rule> {
  const { codeSwitching: wanted, stt, mode, providers } = config;
  if (!wanted || !usesCascade(config) || mode === 'passthrough') {
    return [];
  }
  if (!stt.includes('deepgram') || providers.deepgram === undefined) {
    return [['code-switching', 'only deepgram can do it: set DEEPGRAM_API_KEY, or leave it off']];
  }
  const model = providers.deepgram.model ?? DEEPGRAM_MODEL_DEFAULT;
  const able = directionsOf(config).some(({ from, to }) => bothLanguages(model, from, to) !== undefined);
  return able
    ? []
    : [
        [
          'code-switching',
          `deepgram's ${model} cannot tell ${[...languagesOf(config)].join(' and ')} apart: leave it off, or see the help of --code-switching`,
        ],
      ];
}

/** Those that have a code of three letters and no name that we know. */
function unknownLanguages(config: Config): readonly ConfigWarning[] {
  return [...languagesOf(config)]
    .filter((language) => isLanguage(language) === 'perhaps')
    .map((language) => ({
      kind: 'unfit',
      origin: language,
      sentence: 'this code of a language is not known here: see whether it is the right one',
    }));
}
