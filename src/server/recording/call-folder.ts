/**
 * Where the files of a call lie: by day, then by the moment and by what the call is called where it is shown. Neither a
 * number nor a name of a person is in it.
 */

import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, codeOf } from '../../base/errors.ts';

/**
 * Makes a folder of all calls where it is not there. @param flag by which another one can be named.
 * @throws AppError `file-unwritable` where nothing can be kept.
 */
export async function prepareFolder(directory: string, flag: string): Promise<void> {
  try {
    await make(directory);
    await access(directory, constants.W_OK);
  } catch (error) {
    throw new AppError(
      'file-unwritable',
      `nothing can be kept in ${directory} (${codeOf(error)}): make the folder, let the user that dragoman runs as write ` +
        `into it, or write another one with ${flag}`,
      error,
    );
  }
}

/** One after the other: below /proc, Node's own way of making all of them never ends. */
async function make(directory: string): Promise<void> {
  const options = { mode: 0o750 };
  try {
    await mkdir(directory, options);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' && dirname(directory) !== directory) {
      await make(dirname(directory));
      await mkdir(directory, options);
    } else if (code !== 'EEXIST' || !(await stat(directory)).isDirectory()) {
      throw error;
    }
  }
}

/** An absolute path below `directory`: `2026/11/28/20261128T151000Z-5f0c…`, in UTC. */
export function callFolder(directory: string, startedAt: Date, shownId: string): string {
  const written = startedAt.toISOString();
  const [year, month, day] = written.slice(0, 10).split('-');
  const moment = written.slice(0, 19).replaceAll(/[-:]/g, '');
  return [directory, year, month, day, `${moment}Z-${shownId}`].join('/');
}

/** Whether a folder of a day is a call's, whenever it was begun. */
export function isFolderOf(name: string, shownId: string): boolean {
  return /^\d{8}T\d{6}Z$/.test(name.slice(0, -shownId.length - 1)) && name.endsWith(`-${shownId}`);
}
