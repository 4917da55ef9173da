/**
 * Every environment variable of a provider, once: what is read, the help and the samples come from this table. They have
 * the names their providers gave them, without our prefix, and are variables only: a flag can be seen in the list of
 * processes, and the file may be read by everyone.
 */

import { AppError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import { modelFamily } from '../../engines/stt/deepgram/deepgram-languages.ts';
import { parseVoskUrls } from '../../engines/stt/vosk/vosk-servers.ts';
import { parseByDirection, parseCount, parseList, parseServerUrl } from './values.ts';

export interface ProviderVariable<Value> {
  readonly name: string;
  /** Names of the engines that it is for. */
  readonly engines: readonly string[];
  /** Whether it is a key, which may also be in a file that `<name>_FILE` names. */
  readonly secret: boolean;
  /** One line for the operator. */
  readonly help: string;
  /** Reads what is written; blanks around it are gone. @throws AppError `bad-option`, never quoting a secret. */
  readonly parse: (text: string) => Value;
}

/** What is added to the name of a key for the variable that names its file. */
export const FILE_SUFFIX = '_FILE';

/** What a key is made of: it goes into a header. */
const KEY = /^[\x21-\x7e]+$/;
const MODEL = /^[\w.:/@-]+$/;
const GLOSSARY_ID = /^[\w-]+$/;

/** The highest rate of sound that is played, in Hz, and the lowest of telephones. */
const HIGHEST_HZ = 48_000;
const LOWEST_HZ = 8_000;

const httpUrl = parseServerUrl(['https', 'http'], 'https://api.example.com or http://10.0.0.7:8000');

export const PROVIDER_VARIABLES = {
  deepgramKey: key('DEEPGRAM_API_KEY', ['deepgram'], 'recognition by Deepgram (--stt deepgram)'),
  deepgramUrl: variable({
    name: 'DEEPGRAM_URL',
    engines: ['deepgram'],
    help: 'another address of it, such as wss://api.eu.deepgram.com',
    parse: parseServerUrl(['wss', 'ws', 'https', 'http'], 'wss://api.eu.deepgram.com'),
  }),
  deepgramModel: variable({
    name: 'DEEPGRAM_MODEL',
    engines: ['deepgram'],
    help: 'nova-3 (the default), nova-2, flux-general-en or flux-general-multi',
    parse: parseDeepgramModel,
  }),
  voskUrl: variable({
    name: 'VOSK_URL',
    engines: ['vosk'],
    help: 'recognition by Vosk servers (--stt vosk): en=ws://host:2700,fr=ws://host:2701',
    parse: parseVoskUrls,
  }),
  openaiTranscriptionUrl: variable({
    name: 'OPENAI_TRANSCRIPTION_URL',
    engines: ['openai-transcription'],
    help: "recognition by a server of OpenAI's API (--stt openai-transcription)",
    parse: httpUrl,
  }),
  openaiTranscriptionModel: model('OPENAI_TRANSCRIPTION_MODEL', ['openai-transcription']),
  deeplKey: key(
    'DEEPL_API_KEY',
    ['deepl', 'deepl-voice'],
    'translation by DeepL (--mt deepl, --interpreter deepl-voice)',
  ),
  deeplUrl: variable({
    name: 'DEEPL_URL',
    engines: ['deepl', 'deepl-voice'],
    help: 'another address of it; the default follows from the key',
    parse: httpUrl,
  }),
  deeplFormality: variable({
    name: 'DEEPL_FORMALITY',
    engines: ['deepl', 'deepl-voice'],
    help: 'how people are addressed: default, less or more formally',
    parse: parseFormality,
  }),
  deeplGlossary: variable({
    name: 'DEEPL_GLOSSARY',
    engines: ['deepl', 'deepl-voice'],
    help: 'glossaries of the account by direction: en:fr=id,fr:en=id',
    parse: parseGlossaryIds,
  }),
  libretranslateUrl: variable({
    name: 'LIBRETRANSLATE_URL',
    engines: ['libretranslate'],
    help: 'translation by a LibreTranslate server (--mt libretranslate)',
    parse: httpUrl,
  }),
  libretranslateKey: key('LIBRETRANSLATE_API_KEY', ['libretranslate'], 'its key, if it wants one'),
  xttsUrl: variable({
    name: 'XTTS_URL',
    engines: ['xtts'],
    help: 'synthesis by XTTS servers (--tts xtts); several, with commas, share the work',
    parse: parseList(httpUrl),
  }),
  elevenlabsKey: key('ELEVENLABS_API_KEY', ['elevenlabs'], 'synthesis by ElevenLabs (--tts elevenlabs)'),
  elevenlabsUrl: variable({
    name: 'ELEVENLABS_URL',
    engines: ['elevenlabs'],
    help: 'another address of it',
    parse: httpUrl,
  }),
  elevenlabsModel: model('ELEVENLABS_MODEL', ['elevenlabs']),
  openaiSpeechUrl: variable({
    name: 'OPENAI_SPEECH_URL',
    engines: ['openai-speech'],
    help: "synthesis by a server of OpenAI's API (--tts openai-speech)",
    parse: httpUrl,
  }),
  openaiSpeechModel: model('OPENAI_SPEECH_MODEL', ['openai-speech']),
  openaiSpeechRate: variable({
    name: 'OPENAI_SPEECH_RATE',
    engines: ['openai-speech'],
    help: 'the rate of its sound in Hz, where it is not 24000',
    parse: parseCount(LOWEST_HZ, HIGHEST_HZ),
  }),
  openaiKey: key(
    'OPENAI_API_KEY',
    ['openai-realtime', 'openai-transcription', 'openai-speech'],
    'for --interpreter openai-realtime; sent to the OPENAI_ addresses above, too',
  ),
  openaiRealtimeUrl: variable({
    name: 'OPENAI_REALTIME_URL',
    engines: ['openai-realtime'],
    help: 'another address of its translation sessions',
    parse: parseServerUrl(['wss', 'ws'], 'wss://api.openai.com/v1/realtime/translations'),
  }),
} as const;

/** The variables in the order of the table, without those that name files. */
export const PROVIDER_VARIABLE_LIST: readonly ProviderVariable<unknown>[] = Object.values(PROVIDER_VARIABLES);

function variable<Value>(row: Omit<ProviderVariable<Value>, 'secret'>): ProviderVariable<Value> {
  return { ...row, secret: false };
}

function key(name: string, engines: readonly string[], help: string): ProviderVariable<Secret> {
  return { name, engines, help, secret: true, parse: parseKey };
}

function model(name: string, engines: readonly string[]): ProviderVariable<string> {
  return {
    name,
    engines,
    help: 'its model, where it is not the usual one',
    parse: parseModel,
    secret: false,
  };
}

function parseKey(text: string): Secret {
  if (!KEY.test(text)) {
    throw new AppError(
      'bad-option',
      'it is no key, for it has blanks, line ends or letters that no key has: copy it again',
    );
  }
  return new Secret(text);
}

function parseModel(text: string): string {
  if (!MODEL.test(text)) {
    throw new AppError(
      'bad-option',
      'it is no name of a model: write it as the provider does, without blanks',
    );
  }
  return text;
}

function parseDeepgramModel(text: string): string {
  if (modelFamily(parseModel(text)) === undefined) {
    throw new AppError(
      'bad-option',
      `"${text}" is no model for live speech: write nova-3, nova-2, flux-general-en or flux-general-multi`,
    );
  }
  return text;
}

function parseFormality(text: string): 'default' | 'less' | 'more' {
  if (text !== 'default' && text !== 'less' && text !== 'more') {
    throw new AppError('bad-option', `"${text}" is not possible: write default, less or more`);
  }
  return text;
}

function parseGlossaryIds(text: string): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const [pair, id] of parseList(parseGlossaryId)(text)) {
    if (ids.has(pair)) {
      throw new AppError('bad-option', `there are two glossaries for ${pair}: write one for each direction`);
    }
    ids.set(pair, id);
  }
  return ids;
}

function parseGlossaryId(text: string): readonly [string, string] {
  const [pair, id] = parseByDirection('en:fr=id')(text);
  if (!GLOSSARY_ID.test(id)) {
    throw new AppError(
      'bad-option',
      `"${text}" has no id of a glossary: write en:fr=id, as the account lists it`,
    );
  }
  return [pair, id];
}
