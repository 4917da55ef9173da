/**
 * Which calls a recorder has begun and not finished, kept on the disk: a small file for each, named by the recorder's
 * process and by when that began, since in a container the next one has the same number. What a recorder leaves that was
 * killed is made whole by the next one, which is told, too, of calls that it finished because their server was gone.
 */

import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf } from '../../src/base/errors.ts';
import { FILE_MODE, FOLDER_MODE } from '../../src/protocol/recording/call-index.ts';
import { mendedWavHeader, WAV_HEADER_BYTES } from '../../src/protocol/wav.ts';
import type { Read } from './kept-files.ts';
import type { Removed } from './removal.ts';
import { namesIn } from './small-files.ts';

/** Below the folder of all calls: of those that go on, and of those that are finished though their server was killed. */
const MARKS = '.unfinished';
const CUT_OFF = '.cut-off';
const ENDING = '.wav';
/** The number of a process and when it began, which is missing in marks of versions before this one. */
export const MARK = /^(\d+)(?:\.(\d+))?-/;

/** Marks a call as begun. */
export async function mark(directory: string, folder: string): Promise<void> {
  await mkdir(join(directory, MARKS), { recursive: true, mode: FOLDER_MODE });
  await writeFile(await markOf(join(directory, MARKS), folder), folder, { mode: FILE_MODE });
}

/** It is finished. */
export async function unmark(directory: string, folder: string): Promise<void> {
  await rm(await markOf(join(directory, MARKS), folder), { force: true });
}

/** It is finished, by a recorder whose server was killed: that is known until the next one asks. */
export async function markCutOff(directory: string, folder: string): Promise<void> {
  await mkdir(join(directory, CUT_OFF), { recursive: true, mode: FOLDER_MODE });
  const mark = await markOf(join(directory, MARKS), folder);
  await rename(mark, join(directory, CUT_OFF, basename(mark)));
}

/** The names of the folders of calls that go on, whichever recorder of this machine writes them. */
export async function runningIn(directory: string): Promise<ReadonlySet<string>> {
  const running = new Set<string>();
  for (const name of await marksIn(directory)) {
    if (await isRunning(name)) {
      running.add(name.replace(MARK, ''));
    }
  }
  return running;
}

/**
 * Makes whole what recorders have left that run no more. @param own names of folders of calls that this one still writes.
 * @param ended is told the folder of each call that goes on nowhere, before it is forgotten that it was left. @returns how many files were made whole, and their bytes; the
 * names of folders that are left of calls that go on nowhere; and why the first could not be, if one could not. It stays marked.
 */
export async function mendAll(
  directory: string,
  own: ReadonlySet<string> = new Set(),
  ended: (folder: string) => Promise<void> = async () => {},
): Promise<Removed & Read> {
  let mended = { count: 0, bytes: 0 };
  const left: string[] = [];
  const failures: unknown[] = [];
  const running = new Set([...(await runningIn(directory)), ...own]);
  const unfinished = (await marksIn(directory)).map((name) => join(MARKS, name));
  const cutOff = (await namesIn(join(directory, CUT_OFF))).map((name) => join(CUT_OFF, name));
  for (const name of [...unfinished, ...cutOff]) {
    if (name.startsWith(CUT_OFF) || !(await isRunning(basename(name)))) {
      try {
        const path = join(directory, name);
        const folder = await readFile(path, 'utf8');
        const { count, bytes } = await mendCall(folder);
        mended = { count: mended.count + count, bytes: mended.bytes + bytes };
        if (!running.has(basename(folder)) && (await namesIn(folder)).length > 0) {
          await ended(folder);
          left.push(basename(folder));
        }
        await rm(path, { force: true });
      } catch (error) {
        failures.push(error);
      }
    }
  }
  const failed = failures.length === 0 ? {} : { failed: messageOf(failures[0]) };
  return { ...mended, names: left, ...failed };
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

/** Whether the recorder that made a mark runs. */
export async function isRunning(mark: string): Promise<boolean> {
  const [, pid = '', ticks] = MARK.exec(mark) ?? [];
  return ticks !== undefined && (await startTicks(pid)) === ticks;
}

/** When a process began, in ticks since the machine did; undefined where there is no such process. See proc(5). */
async function startTicks(pid: string): Promise<string | undefined> {
  try {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Its name, the second field, may hold anything; the time is the 22nd, and what is behind the name begins with the third.
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The mark of this recorder for a call, among `marks`. */
export async function markOf(marks: string, folder: string): Promise<string> {
  const { pid } = process;
  return join(marks, `${pid}.${await startTicks('self')}-${basename(folder)}`);
}

async function marksIn(directory: string): Promise<readonly string[]> {
  return (await namesIn(join(directory, MARKS))).filter((name) => MARK.test(name));
}
