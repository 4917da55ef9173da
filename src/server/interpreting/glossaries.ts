/** The glossaries that the configuration names, read from their files before the first call. */

import { baseLanguage } from '../../base/language.ts';
import type { GlossaryBook } from '../../call/plan.ts';
import { EMPTY_GLOSSARY, parseGlossary } from '../../interpret/exactness/glossary.ts';
import { readNamedFile } from '../named-file.ts';
import type { Direction } from './directions.ts';
import { type InterpretingSettings, usesCascade } from './interpreting-settings.ts';

/**
 * Reads every file. The book finds the terms of a direction in its own file, else in that of its languages without
 * regions, else there are none. @throws AppError `file-unreadable`, or `bad-option` naming the file and the line.
 */
export function readGlossaries({ glossaries }: InterpretingSettings): GlossaryBook {
  const read = new Map(
    [...glossaries].map(([pair, path]) => [pair, readNamedFile(`--glossary ${pair}`, path, parseGlossary)]),
  );
  return (from, to) =>
    read.get(`${from}:${to}`) ?? read.get(`${baseLanguage(from)}:${baseLanguage(to)}`) ?? EMPTY_GLOSSARY;
}

/** Directions that have a glossary which nothing uses, as they are written: `en:es`. */
export function idleGlossaries(
  settings: InterpretingSettings,
  directions: readonly Direction[],
): readonly string[] {
  const { glossaries } = settings;
  if (!usesCascade(settings)) {
    return [...glossaries.keys()];
  }
  const used = new Set(
    directions.flatMap(({ from, to }) => [`${from}:${to}`, `${baseLanguage(from)}:${baseLanguage(to)}`]),
  );
  return [...glossaries.keys()].filter((pair) => !used.has(pair));
}
