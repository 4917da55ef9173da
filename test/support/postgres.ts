/**
 * A PostgreSQL of its own, where this machine has one (Debian: postgresql); where it has not, tests are skipped and say
 * so. It runs as somebody who is not root, since as root it does not, and only loopback reaches it.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { endsWithUs } from './processes.ts';

const VERSIONS = '/usr/lib/postgresql';
/** `nobody` and `nogroup` of Debian. */
const NOBODY = 65_534;
const LIMIT_MS = 120_000;

/** Why this machine has no PostgreSQL; undefined where it has. */
export function withoutPostgres(): string | undefined {
  return folderOfPrograms() === undefined ? 'needs PostgreSQL (Debian: postgresql)' : undefined;
}

export class Postgres {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
  }

  /** A server that has just been made. It is there soon: who asks for it waits. */
  static async open(): Promise<Postgres> {
    const programs = folderOfPrograms() ?? '';
    // Not the folder for temporary files that a test may have of its own: somebody else is to reach it.
    const folder = mkdtempSync('/tmp/dragoman-postgres-');
    const user = userInfo().uid === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (user.uid !== undefined) {
      chownSync(folder, user.uid, user.gid);
    }
    const data = join(folder, 'data');
    const made = spawnSync(
      join(programs, 'initdb'),
      ['-D', data, '-U', 'dragoman', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
      { ...user, cwd: folder, encoding: 'utf8', timeout: LIMIT_MS },
    );
    if (made.status !== 0) {
      rmSync(folder, { recursive: true });
      throw new Error(`no PostgreSQL can be made: ${made.stderr}`);
    }
    const port = await freePort();
    const set = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', port };
    const words = Object.entries(set).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(programs, 'postgres'), ['-D', data, ...words], {
      ...user,
      cwd: folder,
      stdio: 'ignore',
    });
    endsWithUs(child);
    return new Postgres(
      child,
      folder,
      `postgresql://dragoman:word-of-the-database@127.0.0.1:${port}/postgres`,
    );
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    // At once: nothing of it is wanted any more.
    if (this.#child.kill('SIGQUIT')) {
      await ended;
    }
    rmSync(this.#folder, { recursive: true });
  }
}

function folderOfPrograms(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  return versions
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}
