/**
 * For which files of calls that are over the operator's command is still to be run: known on the disk, too, a small file
 * for each call, so that the next recorder goes on with what this one has not come to.
 */

import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOfSystem } from './removal.ts';
import { namesIn, replaceFile } from './small-files.ts';
import { isRunning, MARK, markOf } from './unfinished.ts';

/** Below the folder of all calls. */
const MARKS = '.to-run';

interface Left {
  readonly marks: string;
  readonly names: Set<string>;
}

export class FilesToRun {
  /** By the folder of the call. */
  readonly #left = new Map<string, Left>();
  /** One mark is written after the other. */
  #writing: Promise<void> = Promise.resolve();

  /** How many files. */
  get count(): number {
    return [...this.#left.values()].reduce((sum, { names }) => sum + names.size, 0);
  }

  /** Resolves when the disk knows. */
  add(directory: string, folder: string, names: readonly string[]): Promise<void> {
    const left = this.#left.get(folder) ?? { marks: join(directory, MARKS), names: new Set() };
    for (const name of names) {
      left.names.add(name);
    }
    this.#left.set(folder, left);
    return this.#write(folder);
  }

  /** The command has been run for a file. */
  done(folder: string, name: string): Promise<void> {
    this.#left.get(folder)?.names.delete(name);
    return this.#write(folder);
  }

  /** Nothing is left of a call. */
  forget(folder: string): Promise<void> {
    this.#left.get(folder)?.names.clear();
    return this.#write(folder);
  }

  /** Takes over what recorders have left that run no more. @returns the folders of these calls and their files. */
  async takeOver(directory: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const marks = join(directory, MARKS);
    const taken = new Map<string, readonly string[]>();
    for (const name of (await namesIn(marks)).filter((each) => MARK.test(each))) {
      const mine = await markOf(marks, `${name}.taken`);
      if (!(await isRunning(name)) && (await took(join(marks, name), mine))) {
        const found = foundIn(await readFile(mine, 'utf8'));
        if (found !== undefined) {
          await this.add(directory, found.folder, found.names);
          taken.set(found.folder, found.names);
        }
        await rm(mine, { force: true });
      }
    }
    return taken;
  }

  #write(folder: string): Promise<void> {
    const writing = this.#writing.then(async () => {
      const left = this.#left.get(folder);
      if (left === undefined) {
        return;
      }
      const mark = await markOf(left.marks, folder);
      if (left.names.size === 0) {
        this.#left.delete(folder);
        await rm(mark, { force: true });
      } else {
        await replaceFile(mark, Buffer.from(JSON.stringify({ folder, names: [...left.names] })));
      }
    });
    this.#writing = writing.catch(() => {});
    return writing;
  }
}

/** Whether it was there still: the recorder of another server may have been sooner. */
async function took(mark: string, mine: string): Promise<boolean> {
  try {
    await rename(mark, mine);
    return true;
  } catch (error) {
    if (codeOfSystem(error) === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

/** Undefined for one that a crash has cut. */
function foundIn(text: string): { readonly folder: string; readonly names: readonly string[] } | undefined {
  try {
    return JSON.parse(text) as { readonly folder: string; readonly names: readonly string[] };
  } catch {
    return undefined;
  }
}
