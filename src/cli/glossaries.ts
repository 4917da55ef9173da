/** The glossaries that the configuration names, read from their files before the first call. */

import { readFileSync } from 'node:fs';
import { AppError, codeOf, messageOf } from '../base/errors.ts';
import { baseLanguage } from '../base/language.ts';
import { EMPTY_GLOSSARY, type Glossary, parseGlossary } from '../interpret/exactness/glossary.ts';
import type { Direction } from './config/directions.ts';
import type { ServeConfig } from './config/serve-config.ts';

/** Finds the terms of one direction: its own file, else that of its languages without regions, else none. */
export type GlossaryBook = (direction: Direction) => Glossary;

/** Reads every file. @throws AppError `file-unreadable`, or `bad-option` naming the file and the line. */
export function readGlossaries({ glossaries }: ServeConfig): GlossaryBook {
  const read = new Map([...glossaries].map(([pair, path]) => [pair, readGlossary(pair, path)]));
  return ({ from, to }) =>
    read.get(`${from}:${to}`) ?? read.get(`${baseLanguage(from)}:${baseLanguage(to)}`) ?? EMPTY_GLOSSARY;
}

/** Directions that have a glossary which nothing uses, as they are written: `en:es`. */
export function idleGlossaries(
  { glossaries, interpreter }: ServeConfig,
  directions: readonly Direction[],
): readonly string[] {
  if (interpreter !== 'cascade') {
    return [...glossaries.keys()];
  }
  const used = new Set(
    directions.flatMap(({ from, to }) => [`${from}:${to}`, `${baseLanguage(from)}:${baseLanguage(to)}`]),
  );
  return [...glossaries.keys()].filter((pair) => !used.has(pair));
}

function readGlossary(pair: string, path: string): Glossary {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `--glossary ${pair}: the file ${path} cannot be read (${codeOf(error)}): write the path of a file that dragoman may read`,
      error,
    );
  }
  try {
    return parseGlossary(text);
  } catch (error) {
    throw new AppError('bad-option', `--glossary ${pair}: ${path}: ${messageOf(error)}`, error);
  }
}
