/**
 * Where a running service can be asked: what `serve` would read of its HTTP address, found in the same places and in
 * the same order, so that nobody has to write it twice.
 */

import { existsSync } from 'node:fs';
import { AppError, messageOf } from '../base/errors.ts';
import { readConfigFile } from './config/config-file.ts';
import { configFileVariable, type Environment, readEnvironment } from './config/environment.ts';
import type { Source, Written } from './config/setting.ts';
import { SETTINGS } from './config/settings.ts';
import { type HostPort, parseHostPortOrOff } from './config/values.ts';

/** What is written as flags. */
export interface WrittenAddress {
  readonly http?: string;
  readonly config?: string;
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
  const named =
    config === undefined ? configFileVariable(environment) : { origin: '--config', texts: [config] };
  const written =
    (http === undefined
      ? undefined
      : { origin: '--http', texts: [http.replace(/^http:\/\/(.*?)\/?$/, '$1')] }) ??
    readEnvironment(environment).written.get('http') ??
    writtenIn(named, installed ? serviceFile : undefined);
  const from = written?.origin ?? 'the default address';
  const look = installed ? '; systemctl status dragoman and journalctl -u dragoman say more' : '';
  return { address: parse(written), hint: `${from === '--http' ? '' : ` (${from})`}${look}` };
}

/** A file that is named must be right; that of the service may be closed to us, and then says nothing. */
function writtenIn(named: Written | undefined, serviceFile: string | undefined): Written | undefined {
  if (named !== undefined) {
    const source: Source = readConfigFile(named);
    if (source.broken?.has(SETTINGS.http.key)) {
      throw new AppError('bad-option', source.problems.join('\n'));
    }
    return source.written.get(SETTINGS.http.key);
  }
  return serviceFile === undefined
    ? undefined
    : readConfigFile({ origin: 'the service', texts: [serviceFile] }).written.get(SETTINGS.http.key);
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
