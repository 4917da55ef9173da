/**
 * Where the files under test are, and how programs are run on them. The sources and the build may lie apart: tests may
 * be compiled into any folder and are then run from the repository's root.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder these tests were compiled into, program included. */
export const BUILT = fileURLToPath(new URL('../..', import.meta.url));

/** The repository's root. */
export const REPOSITORY = findRepository();

/** How long a program that is not a server may run, in ms. */
const RUN_LIMIT_MS = 60_000;

export interface Ran {
  /** Exit status, null when it was ended by a signal or could not be started. */
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface RunOptions {
  /** Runs as this user and group; default our own. */
  readonly userId?: number;
}

/** Runs a program to its end; fails the test when it takes more than a minute. */
export function run(program: string, words: readonly string[], { userId }: RunOptions = {}): Ran {
  const { status, stdout, stderr, signal } = spawnSync(program, words, {
    encoding: 'utf8',
    timeout: RUN_LIMIT_MS,
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
    ...(userId === undefined ? {} : { uid: userId, gid: userId }),
  });
  assert.equal(signal, null, `${program} was ended by ${signal}: ${stderr}`);
  return { status, output: stdout ?? '', errors: stderr ?? '' };
}

/** Makes an empty folder, and says how to take it away. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'dragoman-systemd-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function findRepository(): string {
  for (let folder = BUILT; folder !== dirname(folder); folder = dirname(folder)) {
    if (isRepository(folder)) {
      return folder;
    }
  }
  assert.ok(isRepository(process.cwd()), 'run these tests from the root of the repository');
  return process.cwd();
}

function isRepository(folder: string): boolean {
  return existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'scripts'));
}
