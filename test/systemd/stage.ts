/** A folder that stands for the root of a machine, and the installer run on it. */

import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Ran, run, temporaryFolder } from './repository.ts';

export class Stage {
  readonly #folder = temporaryFolder();
  readonly #installer: string;

  /** @param installer path of the `scripts/install` to run. */
  constructor(installer: string) {
    this.#installer = installer;
  }

  /** The path here of what is at `path` of the machine. */
  at(path: string): string {
    return join(this.#folder.path, path);
  }

  /** Runs the installer on this stage and expects it to succeed; returns what it said. */
  install(...words: readonly string[]): string {
    const { status, output, errors } = this.try(...words);
    assert.equal(status, 0, errors);
    return output;
  }

  /** Runs the installer on this stage. */
  try(...words: readonly string[]): Ran {
    return run(this.#installer, [...words, '--destdir', this.#folder.path]);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  /** Writes a file, in folders that are made if need be. */
  write(path: string, text: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
  }

  /** The mode in octal digits, such as 644. */
  mode(path: string): string {
    return (lstatSync(this.at(path)).mode & 0o7777).toString(8);
  }

  /** Every file by path, with all that shows whether it was touched. */
  files(): ReadonlyMap<string, string> {
    return new Map(
      readdirSync(this.at(''), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => {
          const path = join(entry.parentPath, entry.name);
          const { ino, mode, size, mtimeMs } = lstatSync(path);
          return [relative(this.at(''), path), [ino, mode, size, mtimeMs].join(' ')];
        }),
    );
  }

  /** The path of every file, sorted. */
  paths(): readonly string[] {
    return [...this.files().keys()].toSorted();
  }

  remove(): void {
    this.#folder.remove();
  }
}
