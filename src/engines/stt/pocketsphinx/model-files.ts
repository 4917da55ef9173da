/**
 * Finds the three parts of a Sphinx model in a directory by looking: the acoustic model (a directory that
 * holds `mdef`), the language model and the pronunciation dictionary. Both Debian's layout, where the acoustic
 * model is a directory inside, and a flat one, where everything lies together, are found.
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../base/errors.ts';

export interface ModelFiles {
  readonly acousticModel: string;
  readonly languageModel: string;
  readonly dictionary: string;
}

export type ModelSearch =
  | { readonly type: 'found'; readonly files: ModelFiles }
  /** `reason` says what is missing from which directory. */
  | { readonly type: 'incomplete'; readonly reason: string };

/** `*.lm.bin` loads faster than `*.lm`; `*.dmp` is the older binary form. */
const LANGUAGE_MODEL_ENDINGS = ['.lm.bin', '.lm', '.lm.dmp', '.dmp'];
const DICTIONARY_ENDINGS = ['.dict', '.dic'];

/** Looks in `directory` and the directories directly inside it. */
export async function findModelFiles(directory: string): Promise<ModelSearch> {
  let entries: readonly { readonly name: string; isDirectory(): boolean }[];
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    return { type: 'incomplete', reason: `${directory} cannot be read: ${messageOf(error)}` };
  }
  const names = entries.map((entry) => entry.name);
  const directories = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const acousticModel = names.includes('mdef') ? directory : await findAcousticModel(directory, directories);
  // The phone model beside Debian's word model cannot recognise words.
  const words = names.filter((name) => !name.includes('phone')).sort(shortestFirst);
  const languageModel = firstWithEnding(words, LANGUAGE_MODEL_ENDINGS);
  const dictionary = firstWithEnding(words, DICTIONARY_ENDINGS);
  const missing = [
    ...(acousticModel === undefined ? ['an acoustic model (a directory with mdef, means, variances)'] : []),
    ...(languageModel === undefined ? ['a language model (*.lm.bin or *.lm)'] : []),
    ...(dictionary === undefined ? ['a pronunciation dictionary (*.dict or *.dic)'] : []),
  ];
  if (acousticModel === undefined || languageModel === undefined || dictionary === undefined) {
    return { type: 'incomplete', reason: `${directory} lacks ${missing.join(' and ')}` };
  }
  return {
    type: 'found',
    files: {
      acousticModel,
      languageModel: join(directory, languageModel),
      dictionary: join(directory, dictionary),
    },
  };
}

/** Whether a model of neural networks lies in `directory`, which is another engine's. */
export async function isNeuralModel(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch((): string[] => []);
  return names.some((name) => /\.(onnx|ort)$/.test(name));
}

async function findAcousticModel(
  directory: string,
  directories: readonly string[],
): Promise<string | undefined> {
  for (const name of directories) {
    const inside = await readdir(join(directory, name)).catch((): string[] => []);
    if (inside.includes('mdef')) {
      return join(directory, name);
    }
  }
  return undefined;
}

function firstWithEnding(names: readonly string[], endings: readonly string[]): string | undefined {
  for (const ending of endings) {
    const found = names.find((name) => name.endsWith(ending));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function shortestFirst(left: string, right: string): number {
  return left.length - right.length || left.localeCompare(right);
}
