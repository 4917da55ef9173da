/**
 * The operator's command for each file that is finished, such as one that compresses it: without a shell, at the lowest
 * priority, one at a time. `{}` stands for the file, `{.}` for it without its ending; a command without either is given
 * the file at its end.
 */

import { spawn } from 'node:child_process';

const NICE = ['/usr/bin/nice', '-n', '19'] as const;
/** All commands of this process, one after the other. */
let before: Promise<void> = Promise.resolve();

/**
 * Runs `command` for each of `paths`; resolves when the last has ended.
 * @param signal ends the one that runs, and begins no other: resolves then, whoever else still waits.
 * @throws Error of the first that failed.
 */
export async function runForEach(
  command: readonly string[],
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  for (const path of signal.aborted ? [] : paths) {
    let running: Promise<void> | undefined;
    before = before
      .then(() => {
        running = signal.aborted ? undefined : runOne(command, path, signal);
        return running;
      })
      .catch((error: unknown) => {
        failures.push(error);
      });
    await Promise.race([before, aborted]);
    if (signal.aborted) {
      await running?.catch(() => {});
      return;
    }
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}

function runOne(command: readonly string[], path: string, signal: AbortSignal): Promise<void> {
  const bare = path.replace(/\.[^./]+$/, '');
  const given = command.map((word) => word.replaceAll('{}', path).replaceAll('{.}', bare));
  const words = given.some((word, index) => word !== command[index]) ? given : [...given, path];
  const [nice, ...options] = NICE;
  // In a group of its own, to be ended with whatever it has started itself.
  const child = spawn(nice, [...options, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL');
    }
  };
  signal.addEventListener('abort', end, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) => {
      signal.removeEventListener('abort', end);
      if (code === 0) {
        resolve();
      } else {
        reject(Object.assign(new Error('the command failed'), { code: `exit-${by ?? code}` }));
      }
    });
  });
}
