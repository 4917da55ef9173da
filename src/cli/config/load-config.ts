/**
 * From what commander parsed and the environment of the process to a configuration. The file is named by
 * `--config`, else by `DRAGOMAN_CONFIG`; without either no file is looked for.
 */

import { AppError } from '../../base/errors.ts';
import { readConfigFile } from './config-file.ts';
import { configFileVariable, type Environment, readEnvironment } from './environment.ts';
import { configFileFlag, readFlags } from './flags.ts';
import { readProviders } from './providers.ts';
import { type ConfigResult, resolveConfig, type ServeConfig } from './serve-config.ts';

/** Reads every source; `options` are those of the command that {@link import('./flags.ts').addServeFlags} filled. */
export function readConfig(
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
): ConfigResult {
  const file = configFileFlag(options) ?? configFileVariable(environment);
  return resolveConfig(
    [readFlags(options), readEnvironment(environment), ...(file === undefined ? [] : [readConfigFile(file)])],
    readProviders(environment),
  );
}

/** As {@link readConfig}. @throws AppError `bad-option` with one line for each problem. */
export function loadConfig(
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
): ServeConfig {
  const result = readConfig(options, environment);
  if (!result.ok) {
    throw new AppError('bad-option', result.problems.join('\n'));
  }
  return result.config;
}
