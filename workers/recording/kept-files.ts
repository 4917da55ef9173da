/** Reads what was written, and takes single lines and files out again without a byte of them being left. */

import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { codeOfSystem, type Removed } from './removal.ts';

/** What was read, beside what {@link Removed} says. */
export interface Read {
  readonly content?: string;
  readonly names?: readonly string[];
  readonly failed?: string;
}

const NEWLINE = 0x0a;
const BLANK = 0x20;
const BLOCK_BYTES = 1_048_576;

/** What is not there is empty. `bytes` is the size of the file. */
export async function readPart(path: string, from: number, mostBytes: number): Promise<Removed & Read> {
  const file = await openIfThere(path, 'r');
  if (file === undefined) {
    return { count: 0, bytes: 0, content: '' };
  }
  try {
    const buffer = Buffer.alloc(mostBytes);
    const { bytesRead } = await file.read(buffer, 0, mostBytes, from);
    const { size } = await file.stat();
    return { count: 1, bytes: size, content: buffer.toString('base64', 0, bytesRead) };
  } finally {
    await file.close();
  }
}

export async function namesIn(directory: string): Promise<Removed & Read> {
  try {
    const names = await readdir(directory);
    return { count: names.length, bytes: 0, names };
  } catch (error) {
    if (codeOfSystem(error) === 'ENOENT') {
      return { count: 0, bytes: 0, names: [] };
    }
    throw error;
  }
}

/** The last line that holds `text`. */
export async function findLine(path: string, text: string): Promise<Removed & Read> {
  const file = await openIfThere(path, 'r');
  if (file === undefined) {
    return { count: 0, bytes: 0 };
  }
  try {
    let found: Buffer | undefined;
    for await (const { line } of linesOf(file)) {
      if (line.includes(text)) {
        found = Buffer.from(line);
      }
    }
    return found === undefined
      ? { count: 0, bytes: 0 }
      : { count: 1, bytes: found.length, content: found.toString('base64') };
  } finally {
    await file.close();
  }
}

/**
 * Writes blanks over each whole line that holds `text`. Where other lines stand does not change, so whoever has read up to
 * some place goes on there, and lines may be added meanwhile.
 */
export async function blankLines(path: string, text: string): Promise<Removed & Read> {
  const file = await openIfThere(path, 'r+');
  if (file === undefined) {
    return { count: 0, bytes: 0 };
  }
  try {
    let count = 0;
    let bytes = 0;
    for await (const { line, at } of linesOf(file)) {
      if (line.includes(text)) {
        await file.write(Buffer.alloc(line.length, BLANK), 0, line.length, at);
        count += 1;
        bytes += line.length;
      }
    }
    await file.datasync();
    return { count, bytes };
  } finally {
    await file.close();
  }
}

/** What is not there is erased. */
export async function eraseFile(path: string): Promise<Removed & Read> {
  try {
    const { size } = await stat(path);
    await rm(path);
    return { count: 1, bytes: size };
  } catch (error) {
    if (codeOfSystem(error) === 'ENOENT') {
      return { count: 0, bytes: 0 };
    }
    throw error;
  }
}

async function* linesOf(file: FileHandle): AsyncGenerator<{ readonly line: Buffer; readonly at: number }> {
  let rest = Buffer.alloc(0);
  let at = 0;
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let place = 0; ; ) {
    const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, place);
    if (bytesRead === 0) {
      return;
    }
    place += bytesRead;
    rest = Buffer.concat([rest, block.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield { line: rest.subarray(0, end), at };
      at += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
}

async function openIfThere(path: string, flags: 'r' | 'r+'): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (codeOfSystem(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
