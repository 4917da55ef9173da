/** Files that hold a key or a password, and nothing else: `systemd` hands secrets over so. */

import { readFileSync } from 'node:fs';
import { AppError, codeOf } from '../../base/errors.ts';

/** The longest file of a key, in characters: what is longer is another file. */
const KEY_FILE_LIMIT = 4_096;

/** What the file at `path` holds, without the blanks around it. @throws AppError `bad-option`, which does not quote it. */
export function readKeyFile(path: string): string {
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
