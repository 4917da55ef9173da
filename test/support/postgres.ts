/**
 * A PostgreSQL of its own, where this machine has one. Where it has not, tests are skipped and say so, unless
 * REQUIRE_POSTGRES=1 says that this is a failure.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { REPOSITORY } from '../systemd/repository.ts';
import { freePort } from './ports.ts';
import { endsWithUs } from './processes.ts';
import { eventually } from './waiting.ts';

/** Where `scripts/test` unpacks one on a machine that has none. */
const UNPACKED = join(REPOSITORY, '.cache/postgresql');
/** Where Debian has its versions. */
const PLACES = ['/usr/lib/postgresql', join(UNPACKED, 'usr/lib/postgresql')];
/** Of what is unpacked; what the machine has is found in any case. */
const ENVIRONMENT = {
  ...process.env,
  LD_LIBRARY_PATH: [
    join(UNPACKED, 'usr/lib', `${machine()}-linux-gnu`),
    process.env.LD_LIBRARY_PATH ?? '',
  ].join(':'),
};
const LIMIT_MS = 60_000;
/** It does not run as root; nobody is on every machine. */
const NOBODY = 65_534;

/** Why this machine has no PostgreSQL; undefined where it has. */
export function withoutPostgres(): string | undefined {
  if (programs() !== undefined) {
    return undefined;
  }
  if (process.env.REQUIRE_POSTGRES === '1') {
    throw new Error('REQUIRE_POSTGRES=1, and there is none: apt-get install postgresql');
  }
  return 'needs PostgreSQL (Debian: postgresql)';
}

export class Postgres {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  /** With an empty database, and running. */
  static async open(): Promise<Postgres> {
    const folder = await mkdtemp(join(tmpdir(), 'dragoman-postgres-'));
    const own = identity();
    if (own.uid !== undefined) {
      chownSync(folder, own.uid, own.uid);
    }
    const { status, stderr } = spawnSync(
      program('initdb'),
      ['-D', join(folder, 'data'), '-U', 'dragoman', '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C'],
      { encoding: 'utf8', cwd: folder, env: ENVIRONMENT, timeout: LIMIT_MS, ...own },
    );
    if (status !== 0) {
      throw new Error(`initdb failed: ${stderr}`);
    }
    const postgres = new Postgres(folder, await freePort());
    await postgres.start();
    return postgres;
  }

  get url(): string {
    return `postgres://dragoman@127.0.0.1:${this.port}/postgres`;
  }

  async start(): Promise<void> {
    const folder = this.#folder;
    const child = spawn(
      program('postgres'),
      [
        ...['-D', join(folder, 'data'), '-p', String(this.port), '-k', folder],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'shared_buffers=16MB'],
      ],
      { stdio: 'ignore', cwd: folder, env: ENVIRONMENT, ...identity() },
    );
    endsWithUs(child);
    this.#child = child;
    await eventually('PostgreSQL takes connections', LIMIT_MS, () => this.#serves());
  }

  /** As a machine that loses its power, but for what the system has on its way to the disk. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) {
      const ended = once(child, 'exit');
      if (child.kill('SIGQUIT')) {
        await ended;
      }
    }
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** It listens before it is ready. */
  async #serves(): Promise<boolean> {
    const client = new pg.Client(this.url);
    client.on('error', () => {});
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end();
    }
  }
}

function identity(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

function program(name: 'initdb' | 'postgres'): string {
  return join(programs() ?? '', name);
}

/** The folder of the latest version. */
function programs(): string | undefined {
  return PLACES.filter((place) => existsSync(place))
    .flatMap((place) =>
      readdirSync(place)
        .sort((one, other) => Number(other) - Number(one))
        .map((version) => join(place, version, 'bin')),
    )
    .find((folder) => ['initdb', 'postgres'].every((name) => runs(join(folder, name))));
}

/** Whether it is there with all of its libraries. */
function runs(path: string): boolean {
  return (
    existsSync(path) && spawnSync(path, ['--version'], { env: ENVIRONMENT, timeout: LIMIT_MS }).status === 0
  );
}

/** As Debian calls it in the names of folders. */
function machine(): string {
  return process.arch === 'arm64' ? 'aarch64' : 'x86_64';
}
