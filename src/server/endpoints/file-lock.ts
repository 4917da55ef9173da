/**
 * One writer of a file at a time, among all processes of a machine and its containers: a lock of the kernel (flock(2)) on
 * a file beside it. It is gone with who holds it, however that ends. Node cannot ask for one, so flock(1) of util-linux
 * asks for it, on a file that is open here: the lock is held as long as that is.
 */

import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError, codeOf } from '../../base/errors.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';

/** How long another writer may take, in s: its reload of Asterisk, and what it waits for. */
const WAIT_S = 20;
/** What the file is in flock(1). */
const DESCRIPTOR = 3;
/** The folder may be another's: nothing is made where a link of that one leads, and nobody waits for a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const LOCK_MODE = 0o660;

/**
 * Runs `work` while nobody else holds the lock `path`, a file that is made where there is none.
 * @throws EndpointRefusal `busy` after 20 s; AppError `program-missing`, `file-unwritable`; what `work` throws.
 */
export async function locked<Done>(path: string, work: () => Promise<Done>): Promise<Done> {
  const file = await open(path, FLAGS, LOCK_MODE).catch((error: unknown) => {
    throw unlockable(path, codeOf(error), error);
  });
  try {
    await lock(file, path);
    return await work();
  } finally {
    await file.close();
  }
}

/** Resolves when the lock is held: it stays with the file when flock(1) ends. */
async function lock(file: FileHandle, path: string): Promise<void> {
  const child = spawn('flock', ['--exclusive', '--wait', String(WAIT_S), String(DESCRIPTOR)], {
    stdio: ['ignore', 'ignore', 'pipe', file.fd],
    // Ctrl+C at a terminal reaches it not: who waits is told by us.
    detached: true,
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(String(codeOf(error))));
    child.once('close', (status, signal) => resolve(String(status ?? signal)));
  });
  if (how === '0') {
    return;
  }
  if (how === 'ENOENT') {
    throw new AppError('program-missing', 'the program flock is missing: apt-get install util-linux');
  }
  // flock(1) says nothing when it has waited in vain.
  throw said === ''
    ? new EndpointRefusal(
        'busy',
        `another program has written to the phones for ${WAIT_S} s: try again when it is done`,
      )
    : unlockable(path, said.trim());
}

function unlockable(path: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'file-unwritable',
    `${path} cannot be locked (${why}): run it as root, and remove it if it is a link`,
    cause,
  );
}
