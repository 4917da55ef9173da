/**
 * The operator's command for each file that is finished, such as one that compresses it: without a shell, at the lowest
 * priority, one at a time. `{}` stands for the file, `{.}` for it without its ending; a command without either is given
 * the file at its end.
 */

import { spawn } from 'node:child_process';

const NICE = ['/usr/bin/nice', '-n', '19'] as const;
/** All commands of this process, one after the other. */
let before: Promise<void> = Promise.resolve();

/** Runs `command` for each of `paths`; resolves when the last has ended. @throws Error of the first that failed. */
export async function runForEach(command: readonly string[], paths: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const path of paths) {
    const run = before.then(() => runOne(command, path));
    before = run.catch((error: unknown) => {
      failures.push(error);
    });
    await before;
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}

function runOne(command: readonly string[], path: string): Promise<void> {
  const bare = path.replace(/\.[^./]+$/, '');
  const given = command.map((word) => word.replaceAll('{}', path).replaceAll('{.}', bare));
  const words = given.some((word, index) => word !== command[index]) ? given : [...given, path];
  const [nice, ...options] = NICE;
  const child = spawn(nice, [...options, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) {
        resolve();
      } else {
        reject(Object.assign(new Error('the command failed'), { code: `exit-${signal ?? code}` }));
      }
    });
  });
}
