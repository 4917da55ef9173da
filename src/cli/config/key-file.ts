/** A key or token that stands alone in a file, as systemd's and Docker's credentials are handed over. */

import { readFileSync } from 'node:fs';
import { AppError, codeOf } from '../../base/errors.ts';

/** The longest file of a key, in characters: what is longer is another file. */
const KEY_FILE_LIMIT = 4_096;

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
