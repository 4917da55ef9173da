/**
 * What the first line of the log says: which dragoman this is and what it was told. Of providers the names only, since
 * their variables hold keys, and addresses with passwords in them.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ListenAddress, ServeConfig } from './config/serve-config.ts';
import type { Setting } from './config/setting.ts';
import { SETTINGS } from './config/settings.ts';
import { formatHostPort } from './config/values.ts';
import { readRevision, readVersion } from './version.ts';

/** Fields for the log: versions, where it listens, languages, settings that are not their default, providers' names. */
export function startFields(config: ServeConfig): Readonly<Record<string, unknown>> {
  const revision = readRevision();
  const { listen, languages, providers } = config;
  return {
    version: readVersion(),
    ...(revision === undefined ? {} : { revision }),
    node: process.versions.node,
    languages,
    listen: listen.map((address) => listenText(address, config)),
    ...changedSettings(config),
    providers: Object.keys(providers),
  };
}

function listenText(address: ListenAddress, { languages }: ServeConfig): string {
  const own = isDeepStrictEqual(address.languages, languages) ? '' : `=${address.languages.join(':')}`;
  return formatHostPort(address) + own;
}

/** By the names of the configuration, which have their units. */
function changedSettings({ listen: _, languages: __, providers, ...values }: ServeConfig) {
  const changed: Record<string, unknown> = {};
  const rows: Readonly<Record<string, Setting<unknown>>> = SETTINGS;
  for (const [name, value] of Object.entries(values)) {
    const row = rows[name];
    if (row !== undefined) {
      const usual = row.read(row.setUp?.(providers) ?? row.fallback);
      if (!isDeepStrictEqual(value, usual)) {
        changed[name] = isAddress(value) ? formatHostPort(value) : (value ?? 'off');
      }
    }
  }
  return changed;
}

function isAddress(value: unknown): value is Parameters<typeof formatHostPort>[0] {
  return typeof value === 'object' && value !== null && 'host' in value && 'port' in value;
}
