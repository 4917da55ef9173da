/**
 * Where a path leads, link by link. Root writes into folders of others, such as Asterisk's: a link that one of them puts
 * there would have root write what only root may. So root follows root's links alone.
 */

import { lstat, readlink } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { AppError, codeOf } from '../../base/errors.ts';

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/**
 * The path without links, as far as there is anything yet.
 * @throws AppError `file-unwritable` for a link that somebody else has put there; rejects as the system does.
 */
export async function trustedPath(path: string): Promise<string> {
  const parts = partsOf(resolve(path));
  let at = '/';
  let links = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const next = join(at, part);
    const found = await lstat(next).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') {
        return undefined;
      }
      throw error;
    });
    if (found === undefined) {
      return join(next, ...parts);
    }
    if (!found.isSymbolicLink()) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS || (process.getuid?.() === 0 && found.uid !== 0)) {
      throw new AppError(
        'file-unwritable',
        `${next} is a link that root does not follow, since root has not made it: remove it, or name the file itself`,
      );
    }
    const target = await readlink(next);
    at = isAbsolute(target) ? '/' : at;
    parts.unshift(...partsOf(target));
  }
  return at;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
