/** A key or token that stands alone in a file, as systemd's and Docker's credentials are handed over. */

import { readFileSync, statSync } from 'node:fs';
import { AppError, codeOf } from '../../base/errors.ts';

/** The longest file of a key, in characters: what is longer is another file. */
const KEY_FILE_LIMIT = 4_096;
/** What lets everybody on the machine read or write a file; its group may read it: it is that of the service. */
const OPEN_TO_ALL = 0o006;

/** @param what it holds, for messages: `key`, `token`. @throws AppError `bad-option`; no sentence holds the key. */
export function readKeyFile(path: string, what = 'key'): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new AppError(
      'bad-option',
      `the file ${path} cannot be read (${codeOf(error)}): write the path of a file that holds the ${what} and that dragoman may read`,
    );
  }
  if (text === '' || text.length > KEY_FILE_LIMIT) {
    throw new AppError(
      'bad-option',
      `the file ${path} holds no ${what}: write the ${what}, and nothing else, into it`,
    );
  }
  return text;
}

/**
 * The same of a key with which everything that is kept is encrypted: a file that everybody may read keeps nothing secret.
 * @throws AppError `bad-option`; no sentence holds the key.
 */
export function readPrivateKeyFile(path: string): string {
  const key = readKeyFile(path);
  if ((modeOf(path) & OPEN_TO_ALL) !== 0) {
    throw new AppError(
      'bad-option',
      `the file ${path} holds the key of recordings, and every user of this machine may read or change it: ` +
        `"chmod 640 ${path}", in the group that dragoman runs as (Docker: mode 0440; Kubernetes: defaultMode 0440)`,
    );
  }
  return key;
}

/** 0 for what is no file any more: its key was read. */
function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}
