/**
 * The installed translation directions: one `.mode` file each, whose text is a shell pipeline. Reads the
 * directory anew on each question, so a package installed while we run is found.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from '../../../base/language.ts';
import { apertiumNames } from './languages.ts';

/** Where Debian's packages put the modes that users run. */
export const DEBIAN_MODES = '/usr/share/apertium/modes';

/** The names of the modes in `directory`; empty when it cannot be read. */
export async function listModes(directory: string): Promise<readonly string[]> {
  const files = await readdir(directory).catch((): string[] => []);
  return files.flatMap((file) => (file.endsWith('.mode') ? [file.slice(0, -'.mode'.length)] : []));
}

/** The mode that translates `from` to `to`, a region's own before the general one. */
export function findMode(modes: readonly string[], from: Language, to: Language): string | undefined {
  // Names of three parts, such as eng-spa-tagger, are for debugging and end in the middle.
  const known = new Set(modes);
  for (const source of apertiumNames(from)) {
    for (const target of apertiumNames(to)) {
      if (known.has(`${source}-${target}`)) {
        return `${source}-${target}`;
      }
    }
  }
  return undefined;
}

/** The text of a mode's file. */
export function readMode(directory: string, mode: string): Promise<string> {
  return readFile(join(directory, `${mode}.mode`), 'utf8');
}
