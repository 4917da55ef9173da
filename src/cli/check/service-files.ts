/**
 * The files of the installed service. A check of the service's own configuration is of no use without the keys that the
 * service has, and who writes nothing at all most likely means the service; both are said.
 */

import { readFileSync } from 'node:fs';
import { codeOf } from '../../base/errors.ts';
import { configFileVariable, DEBUG_VARIABLE, type Environment } from '../config/environment.ts';
import { configFileFlag } from '../config/flags.ts';
import { ENVIRONMENT_PREFIX } from '../config/setting.ts';
import { type CheckItem, ok, warning } from './check-item.ts';

export interface ServiceFiles {
  readonly yaml: string;
  readonly keys: string;
}

/** Where scripts/install puts them and the unit reads them. */
export const SERVICE_FILES: ServiceFiles = {
  yaml: '/etc/dragoman/dragoman.yaml',
  keys: '/etc/dragoman/keys.env',
};

export interface CheckedSources {
  readonly options: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
  /** What was read beside what was asked for. */
  readonly items: readonly CheckItem[];
}

/**
 * Adds what the service reads, when it is the service that is meant: its configuration when nothing is written, and
 * its keys with its configuration. @param options what is written as flags.
 */
export function withServiceFiles(
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
  files: ServiceFiles,
): CheckedSources {
  const named = (configFileFlag(options) ?? configFileVariable(environment))?.texts.join('');
  const nothing =
    Object.keys(options).length === 0 &&
    !Object.keys(environment).some((name) => name.startsWith(ENVIRONMENT_PREFIX) && name !== DEBUG_VARIABLE);
  if (named !== files.yaml && !(nothing && isThere(files.yaml))) {
    return { options, environment, items: [] };
  }
  const keys = readKeys(files.keys);
  return {
    options: named === undefined ? { ...options, config: [files.yaml] } : options,
    environment: { ...environment, ...keys.variables },
    items: [
      ...(named === undefined
        ? [ok('--config', `${files.yaml}, that of the service, as nothing is written`)]
        : []),
      ...keys.items,
    ],
  };
}

function isThere(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    // What is there and cannot be read is told when it is used.
    return codeOf(error) !== 'ENOENT';
  }
}

function readKeys(path: string): { readonly variables: Environment; readonly items: readonly CheckItem[] } {
  try {
    const { variables, unread } = parseKeys(readFileSync(path, 'utf8'));
    return {
      variables,
      items: [
        ok('keys', `read from ${path}, as the service does`),
        ...unread.map((line) =>
          warning('keys', `line ${line} of ${path} is passed over: write NAME=value, without "export"`),
        ),
      ],
    };
  } catch (error) {
    const code = codeOf(error);
    return {
      variables: {},
      items:
        code === 'ENOENT'
          ? []
          : [
              warning(
                'keys',
                `${path} cannot be read (${code}): run this as root to try the service's providers`,
              ),
            ],
    };
  }
}

interface Keys {
  readonly variables: Environment;
  /** Numbers of the lines that systemd passes over although they are no comments. */
  readonly unread: readonly number[];
}

/** Lines NAME=value as systemd reads them, which forgives blanks around the "="; one without a value is not set. */
function parseKeys(text: string): Keys {
  const variables: Record<string, string> = {};
  const unread: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [, name = '', written = ''] = /^\s*([A-Za-z_]\w*)\s*=(.*)$/.exec(line) ?? [];
    const value = written.trim().replace(/^(["'])(.*)\1$/, '$2');
    if (name === '' && !/^\s*(?:[#;]|$)/.test(line)) {
      unread.push(index + 1);
    } else if (value !== '') {
      variables[name] = value;
    }
  }
  return { variables, unread };
}
