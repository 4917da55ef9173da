/**
 * The file of the phones on its disk: read whole, written beside and put in its place, so that Asterisk never reads half of
 * it. It holds what passwords are compared with, so nobody but its owner and Asterisk's group reads it.
 */

import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError, codeOf } from '../../base/errors.ts';
import { locked } from './file-lock.ts';
import { trustedPath } from './trusted-path.ts';

/** Its owner writes it, Asterisk's group reads it. */
const MODE = 0o640;
const LOCK_MODE = 0o660;
/** What is made in its folder is of the folder's group. */
const FOLDER_MODE = 0o2750;
/** 10,000 phones of 700 bytes, seven times over. */
const MOST_BYTES = 48 * 1_048_576;

export class EndpointsFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** What it holds; undefined where there is none. @throws AppError `file-unreadable` */
  async read(): Promise<string | undefined> {
    try {
      const found = await stat(this.path);
      if (!found.isFile() || found.size > MOST_BYTES) {
        throw new AppError(
          'file-unreadable',
          `${this.path} is no file of phones: it is a folder, or larger than any; name a file that only dragoman writes`,
        );
      }
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') {
        return undefined;
      }
      throw error instanceof AppError
        ? error
        : new AppError(
            'file-unreadable',
            `${this.path} cannot be read (${codeOf(error)}): run it as root, or as a member of Asterisk's group`,
            error,
          );
    }
  }

  /**
   * Runs `work` while nobody else writes it; makes the folder where there is none.
   * @throws as {@link locked}; AppError `file-unwritable`.
   */
  async alone<Done>(work: () => Promise<Done>): Promise<Done> {
    const lock = await this.#writing(async () => {
      const folder = await trustedPath(dirname(this.path));
      await makeFolder(folder);
      const path = join(folder, `${basename(this.path)}.lock`);
      await makeLock(path);
      return path;
    });
    return locked(lock, work);
  }

  /** Has it hold `text`; undefined: there is to be none. Only within {@link alone}. @throws AppError `file-unwritable` */
  async write(text: string | undefined): Promise<void> {
    await this.#writing(async () => {
      if (text === undefined) {
        await rm(this.path, { force: true });
      } else {
        await putInPlace(await trustedPath(this.path), text);
      }
    });
  }

  async #writing<Done>(work: () => Promise<Done>): Promise<Done> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AppError
        ? error
        : new AppError(
            'file-unwritable',
            `${this.path} cannot be written (${codeOf(error)}): run it as root, or let this user write in ${dirname(this.path)}`,
            error,
          );
    }
  }
}

/**
 * A file that is whole on the disk before it is seen, of the owner of the one before or of its folder, for that owner and
 * its group alone. The folder may be another's: what stands at `path` or beside it is replaced, and never followed.
 * @throws AppError `file-unwritable` as {@link trustedPath}; rejects as the system does.
 */
export async function putInPlace(path: string, text: string): Promise<void> {
  const folder = await trustedPath(dirname(path));
  const place = join(folder, basename(path));
  const fresh = `${place}.new`;
  // What an earlier one has left there, or who owns the folder has put there: `wx` writes into nothing that is there.
  await removed(fresh);
  const file = await open(fresh, 'wx', MODE);
  try {
    await file.chmod(MODE);
    const owner = await lstat(place).catch(() => stat(folder));
    await ownedBy(owner, (uid, gid) => file.chown(uid, gid));
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, place);
  const written = await open(folder, 'r');
  try {
    await written.sync();
  } finally {
    await written.close();
  }
}

async function removed(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') {
      throw error;
    }
  });
}

/** A folder beside Asterisk's files, which belongs to whom they belong to. */
async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  if (made === undefined) {
    return;
  }
  const owner = await stat(join(folder, '..'));
  // By what was opened: a link that was put in its place meanwhile is not given away.
  const handle = await open(folder, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await ownedBy(owner, (uid, gid) => handle.chown(uid, gid));
    await handle.chmod(FOLDER_MODE);
  } finally {
    await handle.close();
  }
}

/** Root and the service hold the same one in turn, whatever their umask. */
async function makeLock(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', LOCK_MODE);
    await file.chmod(LOCK_MODE).finally(() => file.close());
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      throw error;
    }
  }
}

/** Only root gives files away; what others make is of the folder's group by the folder's mode. */
async function ownedBy(
  { uid, gid }: { readonly uid: number; readonly gid: number },
  give: (uid: number, gid: number) => Promise<void>,
): Promise<void> {
  if (process.getuid?.() === 0) {
    await give(uid, gid);
  }
}
