/**
 * One writer of a file at a time, among all processes of a machine and its containers: a lock of the kernel (flock(2)) on
 * a file beside it. It is gone with who holds it, however that ends. Node cannot ask for one, so flock(1) of util-linux
 * holds it as long as its input is open.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { AppError, codeOf } from '../../base/errors.ts';
import { EndpointRefusal } from './endpoint-refusal.ts';

/** How long another writer may take, in s: its reload of Asterisk, and what it waits for. */
const WAIT_S = 20;
/** Said and given back when the lock is held. */
const HELD = 'held\n';

/**
 * Runs `work` while nobody else holds the lock `path`, a file that is made where there is none.
 * @throws EndpointRefusal `busy` after 20 s; AppError `program-missing`, `file-unwritable`; what `work` throws.
 */
export async function locked<Done>(path: string, work: () => Promise<Done>): Promise<Done> {
  const child = spawn('flock', ['--exclusive', '--wait', String(WAIT_S), path, 'cat'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl+C at a terminal reaches it not: what is under way is taken back under the lock.
    detached: true,
  });
  // Who is gone takes nothing; how it ended says why.
  child.stdin.on('error', () => {});
  try {
    await untilHeld(child, path);
    return await work();
  } finally {
    child.stdin.end();
  }
}

async function untilHeld(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  path: string,
): Promise<void> {
  const ended = once(child, 'close').then(
    ([status]) => String(status),
    (error: unknown) => codeOf(error),
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.write(HELD);
  const how = await Promise.race([ended, once(child.stdout, 'data').then(() => 'held')]);
  if (how === 'held') {
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
    : new AppError(
        'file-unwritable',
        `nobody may write beside ${path} as this user (${said.trim()}): run it as root`,
      );
}
