/**
 * Files that are written whole or line by line. What is reported as done is on the disk; a file that is replaced is the
 * old one or the new one, never half of either; a line that a crash has cut does not spoil the next.
 */

import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FILE_MODE, FOLDER_MODE } from '../../src/protocol/recording/call-index.ts';

const NEWLINE = 0x0a;

interface WaitingLine {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes a file whole, in place of what was there. */
export async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const beside = `${path}.new`;
  try {
    const file = await open(beside, 'w', FILE_MODE);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

export class LineFiles {
  /** Lines that wait, by path; a path is here while it is written to. */
  readonly #waiting = new Map<string, WaitingLine[]>();

  /** Adds a line at the end of a file; resolves when it is on the disk. What comes at once is written at once. */
  append(path: string, line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(path);
      if (waiting === undefined) {
        const lines = [{ line, resolve, reject }];
        this.#waiting.set(path, lines);
        void this.#writeAll(path, lines);
      } else {
        waiting.push({ line, resolve, reject });
      }
    });
  }

  async #writeAll(path: string, waiting: WaitingLine[]): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting.splice(0);
      const written = new Set<WaitingLine>();
      try {
        await appendLines(path, lines, (line) => written.add(line));
      } catch (error) {
        for (const line of lines.filter((each) => !written.has(each))) {
          line.reject(error);
        }
      }
      for (const { resolve } of written) {
        resolve();
      }
    }
    this.#waiting.delete(path);
  }
}

/** @param written hears of each line that is in the file, though the disk may have no room for the next. */
async function appendLines(
  path: string,
  lines: readonly WaitingLine[],
  written: (line: WaitingLine) => void,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, FILE_MODE);
  try {
    const bytes = Buffer.from(
      ((await endsInLine(file)) ? '\n' : '') + lines.map(({ line }) => `${line}\n`).join(''),
    );
    let done = 0;
    try {
      while (done < bytes.length) {
        done += (await file.write(bytes, done)).bytesWritten;
      }
    } finally {
      await file.datasync();
      let ended = bytes.length - lines.reduce((sum, { line }) => sum + Buffer.byteLength(line) + 1, 0);
      for (const each of lines) {
        ended += Buffer.byteLength(each.line) + 1;
        if (ended <= done) {
          written(each);
        }
      }
    }
  } finally {
    await file.close();
  }
}

/** Whether a crash, or a full disk, has left a line without its end. */
async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) {
    return false;
  }
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

/** The names in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
