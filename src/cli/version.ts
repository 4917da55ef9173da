/**
 * The version of this dragoman, from the `package.json` it was installed with. The file is looked for upwards
 * from here, since compiled code lies deeper than its sources.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AppError } from '../base/errors.ts';

const PACKAGE = z.object({ name: z.literal('dragoman'), version: z.string() });

/** @throws AppError `file-unreadable` when no package.json of dragoman lies above this file. */
export function readVersion(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (directory !== dirname(directory)) {
    const path = join(directory, 'package.json');
    if (existsSync(path)) {
      const found = PACKAGE.safeParse(JSON.parse(readFileSync(path, 'utf8')));
      if (found.success) {
        return found.data.version;
      }
    }
    directory = dirname(directory);
  }
  throw new AppError('file-unreadable', 'package.json of dragoman is missing: install it again');
}
