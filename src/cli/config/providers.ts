/**
 * The providers as the environment sets them up. A provider whose key or address is missing is not set up, whatever else
 * is written of it. A key becomes a secret as soon as it is read; no sentence here holds one.
 */

import { readFileSync } from 'node:fs';
import { AppError, codeOf, messageOf } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import type { Providers } from '../../engines/providers.ts';
import type { Environment } from './environment.ts';
import { FILE_SUFFIX, PROVIDER_VARIABLES, type ProviderVariable } from './provider-variables.ts';

export interface ProvidersResult {
  readonly providers: Providers;
  /** Names of the variables that are written, with `_FILE` where that is. */
  readonly written: readonly string[];
  /** Sentences for the operator; with one of them, the configuration is not used. */
  readonly problems: readonly string[];
}

/** Nothing is set up. */
export const NO_PROVIDERS: ProvidersResult = { providers: {}, written: [], problems: [] };

/** The longest file of a key, in characters: what is longer is another file. */
const KEY_FILE_LIMIT = 4_096;

/** Reads one variable; undefined when it is not written, or wrongly. */
type Read = <Value>(variable: ProviderVariable<Value>) => Value | undefined;

/** Reads every variable; also those of a provider that is not set up, since what is wrong is to be told. */
export function readProviders(environment: Environment): ProvidersResult {
  const problems: string[] = [];
  const written: string[] = [];
  const read: Read = (variable) => {
    const origin = originOf(variable, environment);
    if (origin === undefined) {
      return undefined;
    }
    written.push(origin);
    try {
      return variable.parse(textOf(variable, origin, environment));
    } catch (error) {
      problems.push(`${origin}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const openaiKey = read(PROVIDER_VARIABLES.openaiKey);
  const providers = {
    ...readDeepgram(read),
    ...readVosk(read),
    ...readOpenaiTranscription(read, openaiKey),
    ...readDeepl(read),
    ...readLibretranslate(read),
    ...readXtts(read),
    ...readElevenlabs(read),
    ...readOpenaiSpeech(read, openaiKey),
    ...readOpenaiRealtime(read, openaiKey),
  };
  return { providers, written, problems };
}

/** The name under which a variable is written; an empty one is not, as unit files and Compose files pass on empty ones. */
function originOf({ name, secret }: ProviderVariable<unknown>, environment: Environment): string | undefined {
  const names = secret ? [name, name + FILE_SUFFIX] : [name];
  return names.find((each) => (environment[each] ?? '').trim() !== '');
}

function textOf({ name }: ProviderVariable<unknown>, origin: string, environment: Environment): string {
  const text = (environment[origin] ?? '').trim();
  const fileName = name + FILE_SUFFIX;
  if (origin === fileName) {
    return readKeyFile(text);
  }
  if ((environment[fileName] ?? '').trim() !== '') {
    throw new AppError('bad-option', `the key is written in ${fileName}, too: write one of the two`);
  }
  return text;
}

function readKeyFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new AppError(
      'bad-option',
      `the file ${path} cannot be read (${codeOf(error)}): write the path of a file that holds the key and that dragoman may read`,
    );
  }
  if (text === '' || text.length > KEY_FILE_LIMIT) {
    throw new AppError(
      'bad-option',
      `the file ${path} holds no key: write the key, and nothing else, into it`,
    );
  }
  return text;
}

function readDeepgram(read: Read): Pick<Providers, 'deepgram'> {
  const apiKey = read(PROVIDER_VARIABLES.deepgramKey);
  const url = read(PROVIDER_VARIABLES.deepgramUrl);
  const model = read(PROVIDER_VARIABLES.deepgramModel);
  return apiKey === undefined
    ? {}
    : {
        deepgram: {
          apiKey,
          ...(url === undefined ? {} : { url }),
          ...(model === undefined ? {} : { model }),
        },
      };
}

function readVosk(read: Read): Pick<Providers, 'vosk'> {
  const servers = read(PROVIDER_VARIABLES.voskUrl);
  return servers === undefined ? {} : { vosk: { servers } };
}

function readOpenaiTranscription(
  read: Read,
  apiKey: Secret | undefined,
): Pick<Providers, 'openaiTranscription'> {
  const url = read(PROVIDER_VARIABLES.openaiTranscriptionUrl);
  const model = read(PROVIDER_VARIABLES.openaiTranscriptionModel);
  return url === undefined
    ? {}
    : {
        openaiTranscription: {
          url,
          ...(apiKey === undefined ? {} : { apiKey }),
          ...(model === undefined ? {} : { model }),
        },
      };
}

function readDeepl(read: Read): Pick<Providers, 'deepl'> {
  const apiKey = read(PROVIDER_VARIABLES.deeplKey);
  const url = read(PROVIDER_VARIABLES.deeplUrl);
  const formality = read(PROVIDER_VARIABLES.deeplFormality);
  const glossaries = read(PROVIDER_VARIABLES.deeplGlossary);
  return apiKey === undefined
    ? {}
    : {
        deepl: {
          apiKey,
          ...(url === undefined ? {} : { url }),
          ...(formality === undefined ? {} : { formality }),
          ...(glossaries === undefined ? {} : { glossaries }),
        },
      };
}

function readLibretranslate(read: Read): Pick<Providers, 'libretranslate'> {
  const url = read(PROVIDER_VARIABLES.libretranslateUrl);
  const apiKey = read(PROVIDER_VARIABLES.libretranslateKey);
  return url === undefined ? {} : { libretranslate: { url, ...(apiKey === undefined ? {} : { apiKey }) } };
}

function readXtts(read: Read): Pick<Providers, 'xtts'> {
  const servers = read(PROVIDER_VARIABLES.xttsUrl);
  return servers === undefined ? {} : { xtts: { servers } };
}

function readElevenlabs(read: Read): Pick<Providers, 'elevenlabs'> {
  const apiKey = read(PROVIDER_VARIABLES.elevenlabsKey);
  const url = read(PROVIDER_VARIABLES.elevenlabsUrl);
  const model = read(PROVIDER_VARIABLES.elevenlabsModel);
  return apiKey === undefined
    ? {}
    : {
        elevenlabs: {
          apiKey,
          ...(url === undefined ? {} : { url }),
          ...(model === undefined ? {} : { model }),
        },
      };
}

function readOpenaiSpeech(read: Read, apiKey: Secret | undefined): Pick<Providers, 'openaiSpeech'> {
  const url = read(PROVIDER_VARIABLES.openaiSpeechUrl);
  const model = read(PROVIDER_VARIABLES.openaiSpeechModel);
  const rateHz = read(PROVIDER_VARIABLES.openaiSpeechRate);
  return url === undefined
    ? {}
    : {
        openaiSpeech: {
          url,
          ...(apiKey === undefined ? {} : { apiKey }),
          ...(model === undefined ? {} : { model }),
          ...(rateHz === undefined ? {} : { rateHz }),
        },
      };
}

function readOpenaiRealtime(read: Read, apiKey: Secret | undefined): Pick<Providers, 'openaiRealtime'> {
  const url = read(PROVIDER_VARIABLES.openaiRealtimeUrl);
  return apiKey === undefined ? {} : { openaiRealtime: { apiKey, ...(url === undefined ? {} : { url }) } };
}
