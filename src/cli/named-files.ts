/**
 * Files that the service makes where there are none: a folder in the place of one is found when the service starts, before
 * it takes calls, and not by the first of them.
 */

import { statSync } from 'node:fs';
import { AppError } from '../base/errors.ts';
import type { ServeConfig } from './config/serve-config.ts';

/** @throws AppError `bad-option` where a folder is named. */
export function assertFiles({ voicesDb, endpoints }: Pick<ServeConfig, 'voicesDb' | 'endpoints'>): void {
  for (const [flag, path, name] of [
    ['--voices-db', voicesDb, 'voices.db'],
    ['--endpoints', endpoints === 'ari' ? undefined : endpoints, 'endpoints.conf'],
  ] as const) {
    if (path !== undefined && isFolder(path)) {
      const example = `${path.replace(/\/+$/, '')}/${name}`;
      throw new AppError('bad-option', `${flag}: ${path} is a folder: name a file, such as ${example}`);
    }
  }
}

/** What is not there yet, or may not be looked at, is none: whoever opens it says what is wrong. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
