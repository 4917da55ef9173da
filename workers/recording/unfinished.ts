/**
 * Which calls a recorder has begun and not finished, kept on the disk: a small file for each, named by the recorder's
 * process. What a recorder leaves that was killed is made whole by the next one.
 */

import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mendedWavHeader, WAV_HEADER_BYTES } from '../../src/protocol/wav.ts';
import type { Removed } from './removal.ts';
import { FILE_MODE, FOLDER_MODE, namesIn } from './small-files.ts';

/** Below the folder of all calls. */
const MARKS = '.unfinished';
const ENDING = '.wav';

/** Marks a call as begun. */
export async function mark(directory: string, folder: string): Promise<void> {
  await mkdir(join(directory, MARKS), { recursive: true, mode: FOLDER_MODE });
  await writeFile(markOf(directory, folder, process.pid), folder, { mode: FILE_MODE });
}

/** It is finished. */
export async function unmark(directory: string, folder: string): Promise<void> {
  await rm(markOf(directory, folder, process.pid), { force: true });
}

/** Makes whole what recorders have left that run no more. @returns how many files were made whole, and their bytes. */
export async function mendAll(directory: string): Promise<Removed> {
  let mended = { count: 0, bytes: 0 };
  for (const name of await marksIn(directory)) {
    const pid = Number(name.slice(0, name.indexOf('-')));
    if (pid !== process.pid && !(await isRecorder(pid))) {
      const path = join(directory, MARKS, name);
      const { count, bytes } = await mendCall(await readFile(path, 'utf8'));
      mended = { count: mended.count + count, bytes: mended.bytes + bytes };
      await rm(path, { force: true });
    }
  }
  return mended;
}

async function mendCall(folder: string): Promise<Removed> {
  let mended = { count: 0, bytes: 0 };
  for (const name of (await namesIn(folder)).filter((each) => each.endsWith(ENDING))) {
    const path = join(folder, name);
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    try {
      const header = Buffer.alloc(WAV_HEADER_BYTES);
      await file.read(header, 0, WAV_HEADER_BYTES, 0);
      const right = mendedWavHeader(header, size);
      if (right !== undefined && !right.equals(header)) {
        await file.write(right, 0, right.length, 0);
        await file.datasync();
        mended = { count: mended.count + 1, bytes: mended.bytes + size };
      }
    } finally {
      await file.close();
    }
  }
  return mended;
}

/** Whether a recorder runs under this number: another program may have it by now. */
async function isRecorder(pid: number): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('recorder.js');
  } catch {
    // There is no such process.
    return false;
  }
}

function markOf(directory: string, folder: string, pid: number): string {
  return join(directory, MARKS, `${pid}-${basename(folder)}`);
}

async function marksIn(directory: string): Promise<readonly string[]> {
  return (await namesIn(join(directory, MARKS))).filter((name) => /^\d+-/.test(name));
}
