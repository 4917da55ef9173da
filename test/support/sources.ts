/** The sources of the program as text, for tests of the tree itself. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../systemd/repository.ts';

export interface Source {
  /** From the root of the repository. */
  readonly file: string;
  /** Without comments. */
  readonly text: string;
}

export function readSources(...folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name))
      .map((file) => ({
        file,
        text: readFileSync(join(REPOSITORY, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''),
      })),
  );
}

/** The text of the brackets that begin at `at`, with what is inside of no other ones alone. */
export function outerPart(text: string, at: number): string {
  let depth = 0;
  let outer = '';
  for (let index = at; index < text.length; index += 1) {
    const char = text[index] ?? '';
    depth += '{[('.includes(char) ? 1 : 0;
    outer += depth === 1 ? char : '';
    depth -= '}])'.includes(char) ? 1 : 0;
    if (depth === 0) {
      return outer;
    }
  }
  return outer;
}

/** The names of all that objects count (`Counted`), and the files where they are. */
export function countNames(sources: readonly Source[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { file, text } of sources) {
    const objects = text.matchAll(/\bcounts(?: = |: )(?=\{)|[cC]ounts\(\)[^{;]*\{\s*return (?=\{)/g);
    for (const { 0: before, index } of objects) {
      for (const [, name = ''] of outerPart(text, index + before.length).matchAll(/(?<![.\w])(\w+):/g)) {
        names.set(name, file);
      }
    }
    const [, counters = ''] = /\bMEDIA_COUNTERS = \[([^\]]*)\]/.exec(text) ?? [];
    for (const [, name = ''] of counters.matchAll(/'(\w+)'/g)) {
      names.set(name, file);
    }
  }
  return names;
}
