/**
 * A folder that a model was unpacked into, as its files are found by their names. Releases name them freely
 * (`encoder-epoch-99-avg-1-chunk-16-left-128.int8.onnx`), so they are looked for by what is in the name.
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../base/errors.ts';
import { readOnnxFile } from './onnx-file.ts';

export class ModelFolder {
  readonly path: string;
  readonly #names: readonly string[];

  private constructor(path: string, names: readonly string[]) {
    this.path = path;
    this.#names = names;
  }

  /** @throws AppError `file-unreadable` when there is no such folder. */
  static async open(path: string): Promise<ModelFolder> {
    try {
      return new ModelFolder(path, (await readdir(path)).sort(shortestFirst));
    } catch (error) {
      throw unreadable(`${path} cannot be read: ${messageOf(error)}`, error);
    }
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** The path of the file with the shortest name that `pattern` matches. */
  find(pattern: RegExp): string | undefined {
    const name = this.#names.find((each) => pattern.test(each));
    return name === undefined ? undefined : join(this.path, name);
  }

  /** As {@link find}, of a model; one of whole numbers is taken before another, as it is faster on a processor. */
  findModel(pattern: RegExp, prefers: 'int8' | 'float' = 'int8'): string | undefined {
    const models = this.#names.filter((name) => pattern.test(name) && name.endsWith('.onnx'));
    const name = models.find((each) => each.includes('int8') === (prefers === 'int8')) ?? models[0];
    return name === undefined ? undefined : join(this.path, name);
  }

  /** Every file that `pattern` matches. */
  findAll(pattern: RegExp): readonly string[] {
    return this.#names.filter((name) => pattern.test(name)).map((name) => join(this.path, name));
  }
}

/** The metadata of each of `paths`, joined, earlier ones before later. @throws AppError `file-unreadable` */
export async function metadataOf(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const metadata = new Map<string, string>();
  for (const path of paths) {
    const file = await readOnnxFile(path);
    if (file.type === 'broken') {
      throw unreadable(`${path} ${file.reason}`);
    }
    for (const [key, value] of file.metadata) {
      if (!metadata.has(key)) {
        metadata.set(key, value);
      }
    }
  }
  return metadata;
}

/** @throws AppError `file-unreadable` naming those of `keys` that are missing, without which the process would end. */
export function needMetadata(
  path: string,
  metadata: ReadonlyMap<string, string>,
  keys: readonly string[],
): void {
  const missing = keys.filter((key) => !metadata.has(key));
  if (missing.length > 0) {
    throw unreadable(
      `${path} lacks the metadata ${missing.join(', ')}: it was not made for sherpa-onnx; take one of its releases`,
    );
  }
}

/** The share of a list of tokens that must look like one. */
const LEAST_ROWS = 0.95;

/** What is known of a list of tokens. */
export interface Tokens {
  /** Whether there are capitals in it and no small letters. */
  readonly isUpperCase: boolean;
}

/**
 * Looks whether a list of tokens can be one: a token and its number a line.
 * @param blank whether the token for nothing must be among them.
 * @throws AppError `file-unreadable`.
 */
export async function checkTokens(path: string, blank: boolean): Promise<Tokens> {
  const lines = (await readText(path)).split('\n').filter((line) => line.trim() !== '');
  const isRow = (line: string): boolean => /\s\d+\s*$/.test(line) || /^\d+$/.test(line.trim());
  // A token may be a line end of some script, which makes two lines of one.
  if (lines.length < 2 || lines.filter(isRow).length < lines.length * LEAST_ROWS) {
    throw unreadable(`${path} is no list of tokens, a token and its number a line: download it again`);
  }
  if (blank && !lines.some((line) => /^(<blk>|<blank>|<eps>|<b>)\s/.test(line))) {
    throw unreadable(`${path} has no <blk>: it is not the list of this model`);
  }
  const letters = lines.filter((line) => !line.startsWith('<')).join('');
  return { isUpperCase: /\p{Lu}/u.test(letters) && !/\p{Ll}/u.test(letters) };
}

/** The bytes of all `paths`, with what lies beside them since it was too large for one file. */
export async function totalBytes(paths: readonly string[]): Promise<number> {
  const beside = paths.flatMap((path) => [path, `${path}.data`, path.replace(/\.onnx$/, '.weights')]);
  const sizes = [...new Set(beside)].map((path) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** @param what is missing, as the operator would look for it. */
export function incomplete(folder: ModelFolder, what: string): AppError {
  return unreadable(`${folder.path} lacks ${what}`);
}

export function unreadable(message: string, cause?: unknown): AppError {
  return new AppError('file-unreadable', message, cause);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(`${path} cannot be read: ${messageOf(error)}`, error);
  }
}

function shortestFirst(left: string, right: string): number {
  return left.length - right.length || left.localeCompare(right);
}
