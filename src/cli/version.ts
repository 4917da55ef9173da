/**
 * The version of this dragoman, from the `package.json` it was installed with, and the commit it was built from. Both
 * files are looked for upwards from here, since compiled code lies deeper than its sources.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AppError } from '../base/errors.ts';

const PACKAGE = z.object({ name: z.literal('dragoman'), version: z.string() });

/** @throws AppError `file-unreadable` when no package.json of dragoman lies above this file. */
export function readVersion(): string {
  for (const path of upwards('package.json')) {
    const found = PACKAGE.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (found.success) {
      return found.data.version;
    }
  }
  throw new AppError('file-unreadable', 'package.json of dragoman is missing: install it again');
}

/** The commit as scripts/build wrote it, with `-dirty` when there was more than that; undefined outside of a clone. */
export function readRevision(): string | undefined {
  for (const path of upwards('.revision')) {
    return readFileSync(path, 'utf8').trim();
  }
  return undefined;
}

/** What people are told and report: `0.1.0 (040e15e)`, without the brackets where the commit is not known. */
export function readVersionAndRevision(): string {
  const revision = readRevision();
  return revision === undefined ? readVersion() : `${readVersion()} (${revision})`;
}

/** The files of this name in the folders above this one, the nearest first. */
function* upwards(name: string): Generator<string> {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (directory !== dirname(directory)) {
    const path = join(directory, name);
    if (existsSync(path)) {
      yield path;
    }
    directory = dirname(directory);
  }
}
