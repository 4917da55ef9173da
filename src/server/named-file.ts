/** Files that an option names and that are read whole at the start: a glossary, an agent. */

import { readFileSync } from 'node:fs';
import { AppError, codeOf, messageOf } from '../base/errors.ts';
import { decodeUtf8 } from '../base/utf8.ts';

/**
 * What is written in the file `path`.
 * @param option by which it was named, for messages, such as `--glossary en:fr`.
 * @throws AppError `file-unreadable`, or `bad-option` naming the file and what `parse` says is wrong in it.
 */
export function readNamedFile<Content>(
  option: string,
  path: string,
  parse: (text: string) => Content,
): Content {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `${option}: the file ${path} cannot be read (${codeOf(error)}): write the path of a file that dragoman may read`,
      error,
    );
  }
  try {
    return parse(decodeUtf8(bytes));
  } catch (error) {
    throw new AppError('bad-option', `${option}: ${path}: ${messageOf(error)}`, error);
  }
}
