/**
 * The providers as the environment sets them up. A provider whose key or address is missing is not set up, whatever
 * else is written of it. A key becomes a secret as soon as it is read; no sentence here holds one.
 */

import { AppError, messageOf } from '../../base/errors.ts';
import { type Providers, setUpProviders } from '../../engines/providers.ts';
import type { Environment } from './environment.ts';
import { readKeyFile } from './key-file.ts';
import { type MisspelledVariable, misspelledVariables } from './misspelled-variables.ts';
import { FILE_SUFFIX, PROVIDER_VARIABLE_LIST, type ProviderVariable } from './provider-variables.ts';

export interface ProvidersResult {
  readonly providers: Providers;
  /** Names of the variables that are written, with `_FILE` where that is. */
  readonly written: readonly string[];
  /** Names that look like one of a provider's and are none. */
  readonly misspelled: readonly MisspelledVariable[];
  /** Sentences for the operator; with one of them, the configuration is not used. */
  readonly problems: readonly string[];
}

/** Nothing is set up. */
export const NO_PROVIDERS: ProvidersResult = {
  providers: {},
  written: [],
  misspelled: [],
  problems: [],
};

/** Reads every variable; also those of a provider that is not set up, since what is wrong is to be told. */
export function readProviders(environment: Environment): ProvidersResult {
  const problems: string[] = [];
  const written: string[] = [];
  const values = new Map<string, unknown>();
  for (const variable of PROVIDER_VARIABLE_LIST) {
    const origin = originOf(variable, environment);
    if (origin === undefined) {
      continue;
    }
    written.push(origin);
    try {
      values.set(variable.name, variable.parse(textOf(variable, origin, environment)));
    } catch (error) {
      problems.push(`${origin}: ${messageOf(error)}`);
    }
  }
  return {
    providers: setUpProviders(values),
    written,
    misspelled: misspelledVariables(environment),
    problems,
  };
}

/**
 * The name under which a variable is written; an empty one is not, as unit files and Compose files pass on empty
 * ones.
 */
function originOf({ name, secret }: ProviderVariable, environment: Environment): string | undefined {
  const names = secret ? [name, name + FILE_SUFFIX] : [name];
  return names.find((each) => (environment[each] ?? '').trim() !== '');
}

function textOf({ name }: ProviderVariable, origin: string, environment: Environment): string {
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
