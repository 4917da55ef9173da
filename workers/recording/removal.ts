/** Takes files of calls off the disk: a call's, or all of days that are over for long enough. */

import { lstat, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { namesIn } from './small-files.ts';

export interface Removed {
  /** Calls of which something was removed. */
  readonly count: number;
  readonly bytes: number;
}

const NOTHING: Removed = { count: 0, bytes: 0 };
const DIGITS = /^\d+$/;

/** Removes a call's folder; what is not there is removed. */
export async function removeCall(folder: string): Promise<Removed> {
  const names = await namesIn(folder);
  const sizes = await Promise.all(names.map((name) => bytesOf(join(folder, name))));
  await rm(folder, { recursive: true, force: true });
  await removeEmpty(dirname(folder), 3);
  return { count: names.length === 0 ? 0 : 1, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** None where somebody else was sooner: two servers may keep calls in one folder, and remove them at once. */
async function bytesOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    if (codeOfSystem(error) === 'ENOENT') {
      return 0;
    }
    throw error;
  }
}

/**
 * Removes all calls below `directory/2026/11/28` of days before `day`, `2026-11-28`. @param running the names of folders of
 * calls that go on: they stay.
 * @throws what the first said that could not be removed, once all others are.
 */
export async function purgeBefore(
  directory: string,
  day: string,
  running: ReadonlySet<string>,
): Promise<Removed> {
  let removed = NOTHING;
  const failures: unknown[] = [];
  for (const year of await numbersIn(directory)) {
    for (const month of await numbersIn(join(directory, year))) {
      for (const date of await numbersIn(join(directory, year, month))) {
        if (`${year}-${month}-${date}` < day) {
          const folder = join(directory, year, month, date);
          for (const call of (await namesIn(folder)).filter((name) => !running.has(name))) {
            try {
              const { count, bytes } = await removeCall(join(folder, call));
              removed = { count: removed.count + count, bytes: removed.bytes + bytes };
            } catch (error) {
              failures.push(error);
            }
          }
        }
      }
    }
  }
  if (failures.length > 0) {
    throw failures[0];
  }
  return removed;
}

async function numbersIn(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter((name) => DIGITS.test(name));
}

/** Removes folders that have become empty, from the innermost out. */
async function removeEmpty(folder: string, levels: number): Promise<void> {
  if (levels > 0) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOfSystem(error))) {
        return;
      }
      throw error;
    }
    await removeEmpty(dirname(folder), levels - 1);
  }
}

export function codeOfSystem(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
