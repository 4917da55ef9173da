/**
 * Where a running service can be asked: what `serve` would read of its HTTP address, found in the same places and in
 * the same order, so that nobody has to write it twice.
 */

import { existsSync } from 'node:fs';
import { AppError, messageOf } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { readTokenFile, type Scope, tokenFor } from '../server/http/api/token-file.ts';
import { readConfigFile } from './config/config-file.ts';
import { configFileVariable, type Environment, readEnvironment } from './config/environment.ts';
import type { Source, Written } from './config/setting.ts';
import { SETTINGS } from './config/settings.ts';
import { type HostPort, parseHostPortOrOff } from './config/values.ts';

/** What is written as flags. */
export interface WrittenAddress {
  readonly http?: string;
  readonly config?: string;
  readonly apiTokenFile?: string;
}

export interface StatusAddress {
  readonly address: HostPort;
  /** To be added to a sentence that says that nobody answers: where the address is from and where to look further. */
  readonly hint: string;
}

/** Addresses that are every address of a machine, and the one at which it reaches itself. */
const REACHED_AT: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/**
 * @param serviceFile the YAML file of the installed service, read when no other is named.
 * @throws AppError `bad-option` when the address cannot be read, or HTTP is off.
 */
export function statusAddress(
  { http, config }: WrittenAddress,
  environment: Environment,
  serviceFile: string,
): StatusAddress {
  const installed = existsSync(serviceFile);
  const flag = http?.replace(/^http:\/\/(.*?)\/?$/, '$1');
  const written = writtenFor('http', { flag, config }, environment, serviceFile);
  const from = written?.origin ?? 'the default address';
  const look = installed ? '; systemctl status dragoman and journalctl -u dragoman say more' : '';
  return { address: parse(written), hint: `${from === '--http' ? '' : ` (${from})`}${look}` };
}

/**
 * A token of the service's API: of the file that is written for these commands, else of the service's own if it may be
 * read; undefined: none is known, and the service says whether it wants one. Errors as {@link readTokenFile}.
 */
export function apiToken(
  { apiTokenFile: flag, config }: WrittenAddress,
  environment: Environment,
  serviceFile: string,
  scope: Scope,
): Secret | undefined {
  const written = writtenFor('api-token-file', { flag, config }, environment, serviceFile);
  const path = written?.texts[0];
  if (path === undefined) {
    return undefined;
  }
  try {
    return tokenFor(scope, readTokenFile(path));
  } catch (error) {
    if (flag === undefined) {
      return undefined;
    }
    throw error;
  }
}

/** As serve finds it: a flag, else a variable, else the file that is named, else that of the service. */
function writtenFor(
  key: string,
  { flag, config }: { readonly flag: string | undefined; readonly config: string | undefined },
  environment: Environment,
  serviceFile: string,
): Written | undefined {
  if (flag !== undefined) {
    return { origin: `--${key}`, texts: [flag] };
  }
  const named =
    config === undefined ? configFileVariable(environment) : { origin: '--config', texts: [config] };
  return readEnvironment(environment).written.get(key) ?? writtenIn(named, serviceFile, key);
}

/** A file that is named must be right; that of the service may be closed to us, and then says nothing. */
function writtenIn(named: Written | undefined, serviceFile: string, key: string): Written | undefined {
  if (named !== undefined) {
    const source: Source = readConfigFile(named);
    if (source.broken?.has(key)) {
      throw new AppError('bad-option', source.problems.join('\n'));
    }
    return source.written.get(key);
  }
  return existsSync(serviceFile)
    ? readConfigFile({ origin: 'the service', texts: [serviceFile] }).written.get(key)
    : undefined;
}

function parse(written: Written | undefined): HostPort {
  const { origin, texts } = written ?? { origin: '--http', texts: SETTINGS.http.fallback };
  let address: HostPort | undefined;
  try {
    address = parseHostPortOrOff(texts.join(','));
  } catch (error) {
    throw new AppError('bad-option', `${origin}: ${messageOf(error)}`, error);
  }
  if (address === undefined) {
    throw new AppError(
      'bad-option',
      `${origin}: HTTP is off, so the service cannot be asked; write an address there, such as 127.0.0.1:3000`,
    );
  }
  return { ...address, host: REACHED_AT.get(address.host) ?? address.host };
}
